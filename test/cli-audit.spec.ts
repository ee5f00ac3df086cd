/** `ambientctl audit …` with the real binary: against a running system, and on exports without one. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { appendFile, open, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Shell } from '../apps/cli/testing/command.js';
import { writeExport } from '../apps/cli/testing/audit-export.js';
import { TestBed, type System } from './support/system.js';

const PATIENCE_MS = 120_000;

const bed = new TestBed();
let system: System;
let shell: Shell;

beforeAll(async () => {
  system = await bed.start(await bed.dataDir());
  shell = await Shell.open({ AMBIENT_API_URL: system.url, AMBIENT_TOKEN: system.token, AMBIENT_PROJECT: 'garden' });
  await shell.ok('project', 'create', 'garden');
  await shell.ok('agent', 'create', 'gärtner', '--prompt', '�');
}, 180_000);
afterAll(async () => {
  await shell.close();
  await bed.clear();
});

it(
  'lists the events of a project, and filters them',
  async () => {
    const events = await shell.json('audit', 'list');
    const types = events.map(({ type }: any) => type);
    expect(types).toEqual(expect.arrayContaining(['ProjectCreated', 'AgentCreated']));
    expect(await shell.ok('audit', 'list', '--type', 'AgentCreated')).toMatch(
      /^TIME +TYPE +STREAM +REVISION +ACTOR\n.* AgentCreated +agent-\w{27} +0 +admin \(user\)\n$/,
    );
    const [first, second] = events;
    expect(await shell.json('audit', 'list', '--after', first.position, '--limit', '1')).toEqual([second]);
    expect(await shell.json('audit', 'list', '--actor', 'nobody')).toEqual([]);
    expect(await shell.run('audit', 'list', '--from', 'yesterday')).toMatchObject({ code: 1 });
  },
  PATIENCE_MS,
);

it(
  'exports all events into a file, goes on where an export was broken off, and verifies it without the server',
  async () => {
    const file = join(shell.folder, 'garden.ndjson');
    expect(await shell.run('audit', 'export', '--file', file)).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringMatching(/^\d+ events written/),
    });
    const whole = await readFile(file, 'utf8');
    expect(await shell.ok('audit', 'export')).toBe(whole);
    await truncate(file, whole.length - 20);
    await shell.ok('agent', 'create', 'other');
    await shell.ok('audit', 'export', '--file', file);
    const more = await readFile(file, 'utf8');
    expect(more.startsWith(whole)).toBe(true);
    expect(more).toBe(await shell.ok('audit', 'export'));

    const count = more.trimEnd().split('\n').length;
    const verdict = await shell.with({ AMBIENT_API_URL: 'http://127.0.0.1:1' }).json('audit', 'verify', file);
    expect(verdict).toEqual({ valid: true, events: count, streams: expect.any(Number) });
    expect(await shell.json('audit', 'verify')).toMatchObject({ valid: true, events: count, streams: verdict.streams });
    expect(await shell.ok('audit', 'verify')).toBe(`valid: ${count} events of ${verdict.streams} streams\n`);
    expect(await shell.runWith(more, 'audit', 'verify', '-')).toMatchObject({ code: 0 });

    const [, ...rest] = more.split('\n');
    await writeFile(file, rest.join('\n'));
    expect(await shell.run('audit', 'verify', file, '--partial')).toMatchObject({ code: 0 });
    await appendFile(file, rest[0]!);
    expect(await shell.run('audit', 'verify', file, '--partial')).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^not valid: line \d+: /),
    });

    await writeFile(file, 'my diary\n');
    expect(await shell.run('audit', 'export', '--file', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no audit export'),
    });
    expect(await readFile(file, 'utf8')).toBe('my diary\n');
    expect(await shell.run('audit', 'verify', '--partial')).toMatchObject({ code: 2 });
    expect(await shell.run('audit', 'verify', 'nowhere')).toMatchObject({ code: 2 });
  },
  PATIENCE_MS,
);

it(
  'finds one changed byte anywhere in an export of 100,000 events, in less than 10 s',
  async () => {
    const file = join(shell.folder, 'large.ndjson');
    const bytes = await writeExport(file, 100_000);
    const started = performance.now();
    expect(await shell.ok('audit', 'verify', file)).toBe('valid: 100000 events of 10000 streams\n');
    expect(performance.now() - started).toBeLessThan(10_000);
    const handle = await open(file, 'r+');
    try {
      for (const at of [0, Math.floor(bytes / 3), bytes - 1]) {
        const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, at);
        const [before = 0] = buffer;
        await handle.write(Buffer.from([before ^ 1]), 0, 1, at);
        expect(await shell.run('audit', 'verify', file)).toMatchObject({
          code: 1,
          stdout: expect.stringMatching(/^not valid: line \d+: /),
        });
        await handle.write(Buffer.from([before]), 0, 1, at);
      }
    } finally {
      await handle.close();
    }
  },
  PATIENCE_MS,
);
