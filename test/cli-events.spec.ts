/** `ambientctl events` and `dead` with the real binary, over a real NATS. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { openMessaging } from '#engines';
import { describeWithEngine } from '#testing';
import { Shell } from '../apps/cli/testing/command.js';
import { bury } from '../apps/operations/testing/burial.js';
import { TestBed, type System } from './support/system.js';
import { until } from './support/until.js';

const PATIENCE_MS = 120_000;
const quiet = { warn: () => {}, error: () => {} };

describeWithEngine('nats', 'beside a system', url => {
  const bed = new TestBed();
  let system: System;
  let shell: Shell;
  beforeAll(async () => {
    const dataDir = await bed.dataDir();
    shell = await Shell.open({ NATS_URL: url() });
    system = await bed.start(dataDir, { NATS_URL: url() });
    shell = shell.with({ AMBIENT_API_URL: system.url, AMBIENT_TOKEN: system.token });
    await shell.ok('project', 'create', 'garden');
    await shell.ok('project', 'create', 'shed');
  }, 180_000);
  afterAll(async () => {
    await shell.close();
    await bed.clear();
  });

  it(
    'events are told as they happen, and from the beginning',
    async () => {
      const tail = shell.start(
        'events',
        'tail',
        '-p',
        'garden',
        '--category',
        'agent',
        '-o',
        'json',
        '--since',
        '2020-01-01T00:00:00Z',
        '--limit',
        '2',
      );
      await shell.ok('agent', 'create', 'gardener', '-p', 'garden');
      await shell.ok('agent', 'create', 'keeper', '-p', 'shed');
      await shell.ok('agent', 'update', 'gardener', '-p', 'garden', '--prompt', 'water');
      const { code, stdout } = await tail.ended;
      expect(code).toBe(0);
      expect(
        stdout
          .trim()
          .split('\n')
          .map(line => JSON.parse(line)),
      ).toMatchObject([
        {
          project: 'garden',
          category: 'agent',
          type: 'AgentCreated',
          ce_type: 'ambient.agent.AgentCreated.v1',
          payload: { name: 'gardener' },
        },
        { type: 'AgentUpdated', payload: { changes: { prompt: 'water' } } },
      ]);
      const all = await shell.ok('events', 'tail', '--all', '--type', 'ProjectCreated', '--limit', '2');
      expect(all).toMatch(/^\d{4}-\d\d-\d\d [\d:]+ \+00:00 {2}garden {2}ProjectCreated {2}garden\n.*shed\n$/);
    },
    PATIENCE_MS,
  );

  it(
    'events that only come are waited for until Ctrl-C',
    async () => {
      const tail = shell.start('events', 'tail', '--type', 'AgentCreated');
      let told = '';
      tail.child.stdout?.on('data', (piece: Buffer) => (told += piece.toString()));
      let made = 0;
      await until(
        async () => {
          await shell.ok('agent', 'create', `agent-${(made += 1)}`, '-p', 'garden');
          return told.includes('AgentCreated');
        },
        PATIENCE_MS,
        'an event is told',
      );
      tail.child.kill('SIGINT');
      expect(await tail.ended).toMatchObject({ code: 130, stderr: '' });
      expect(told).not.toContain('gardener');
    },
    PATIENCE_MS,
  );
});

// On a server of their own: a running system would take what is to be left lying.
describeWithEngine('nats', 'over a NATS without a system', url => {
  it(
    'dead letters are listed, retried and discarded',
    async () => {
      const shell = await Shell.open({ NATS_URL: url() });
      const messaging = await openMessaging({ url: url() }, { log: quiet, name: 'test' });
      try {
        const [one, two, three] = [randomUUID(), randomUUID(), randomUUID()];
        const { mend, seen } = await bury(messaging.bus, `ambient.trigger.requested.${randomUUID()}`, [one, two, three]);
        expect(await shell.json('dead', 'list')).toMatchObject([one, two, three].map(id => ({ id, attempts: 1 })));
        expect(await shell.ok('dead', 'list', '-o', 'name')).toBe(`${one}\n${two}\n${three}\n`);
        expect(await shell.ok('dead', 'discard', one)).toBe('1 discarded\n');
        expect(await shell.run('dead', 'discard', one)).toMatchObject({ code: 3 });
        mend();
        expect(await shell.json('dead', 'retry', two)).toEqual({ retried: 1 });
        expect(await shell.json('dead', 'retry', '--all')).toEqual({ retried: 1 });
        await until(() => seen.length === 2, PATIENCE_MS);
        expect(seen).toEqual([two, three]);
        expect(await shell.run('dead', 'list')).toEqual({ code: 0, stdout: '', stderr: 'no dead letters\n' });
      } finally {
        await messaging.close();
        await shell.close();
      }
    },
    PATIENCE_MS,
  );
});
