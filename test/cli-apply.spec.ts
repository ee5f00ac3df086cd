/** `ambientctl apply`: what documents say, with the real binary against a running system. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Shell } from '../apps/cli/testing/command.js';
import { TestBed, type System } from './support/system.js';

const PATIENCE_MS = 120_000;

const bed = new TestBed();
let system: System;
let shell: Shell;

beforeAll(async () => {
  system = await bed.start(await bed.dataDir());
  shell = await Shell.open({ AMBIENT_API_URL: system.url, AMBIENT_TOKEN: system.token });
}, 180_000);
afterAll(async () => {
  await shell.close();
  await bed.clear();
});

const write = (name: string, text: string): Promise<void> => writeFile(join(shell.folder, name), text);

const garden = (project: string): string => `
kind: ScheduledSession
project: ${project}
name: watering
schedule: 0 9 1 1 *
timezone: europe/berlin
agent: gardener
start_at: 2026-01-01T00:00:00+01:00
session_prompt: |
  water
  the roses
---
# Needed by the schedule, whatever the order of the documents.
kind: Agent
project: ${project}
name: gardener
description: Waters
labels: { team: green, also: [1, 2] }
environment_variables: { SHOVEL: big }
---
kind: Project
name: ${project}
`;

/** `kind name result` of each document. */
const results = (told: readonly any[]): string[] => told.map(({ kind, name, result }) => `${kind} ${name} ${result}`);

it(
  'makes what is not there, and the second time nothing changes',
  async () => {
    await write('once.yaml', garden('once'));
    const dry = await shell.ok('apply', '-f', 'once.yaml', '--dry-run');
    expect(dry).toContain('+++ Agent once/gardener\n');
    expect(dry).toContain('+agent: gardener\n');
    expect(dry).toContain('\\"SHOVEL\\":\\"***'.replaceAll('\\', ''));
    expect(dry).not.toContain('"big"');
    expect(dry).toContain('scheduled session watering created (dry run)\n');
    expect(await shell.run('project', 'get', 'once')).toMatchObject({ code: 3 });

    expect(await shell.ok('apply', '-f', 'once.yaml')).toBe(
      'project once created\nagent gardener created\nscheduled session watering created\n',
    );
    const before = await shell.json('ss', 'history', 'watering', '-p', 'once');
    expect(await shell.ok('apply', '-f', 'once.yaml')).toBe(
      'project once unchanged\nagent gardener unchanged\nscheduled session watering unchanged\n',
    );
    expect(await shell.ok('apply', '-f', 'once.yaml', '--dry-run')).not.toContain('@@');
    expect(await shell.json('ss', 'history', 'watering', '-p', 'once')).toEqual(before);
    const agent = await shell.json('agent', 'get', 'gardener', '-p', 'once');
    expect(await shell.json('ss', 'get', 'watering', '-p', 'once')).toMatchObject({
      agent_id: agent.id,
      timezone: 'Europe/Berlin',
      start_at: '2025-12-31T23:00:00.000Z',
      session_prompt: 'water\nthe roses\n',
    });
    expect(JSON.parse(agent.labels)).toEqual({ team: 'green', also: [1, 2] });
  },
  PATIENCE_MS,
);

it(
  'takes what -o yaml and -o json show, unchanged',
  async () => {
    await write('again.yaml', garden('again'));
    await shell.ok('apply', '-f', 'again.yaml');
    for (const output of ['yaml', 'json']) {
      for (const [noun, name] of [
        ['project', 'again'],
        ['agent', 'gardener'],
        ['ss', 'watering'],
      ] as const) {
        const shown = await shell.ok(noun, 'get', name, '-p', 'again', '-o', output);
        const applied = await shell.runWith(shown, 'apply', '-f', '-', '-o', 'json');
        expect(applied).toMatchObject({ code: 0 });
        expect(JSON.parse(applied.stdout)).toMatchObject([{ name, result: 'unchanged' }]);
      }
    }
    const lists =
      (await shell.ok('agent', 'list', '-p', 'again', '-o', 'yaml')) +
      '---\n' +
      (await shell.ok('ss', 'list', '-p', 'again', '-o', 'yaml'));
    const applied = await shell.runWith(lists, 'apply', '-f', '-', '-o', 'json');
    expect(results(JSON.parse(applied.stdout))).toEqual(['Agent gardener unchanged', 'ScheduledSession watering unchanged']);
  },
  PATIENCE_MS,
);

it(
  'changes what differs and nothing else, clears what is null, and follows an agent by its name',
  async () => {
    await write('change.yaml', garden('change'));
    await shell.ok('apply', '-f', 'change.yaml');
    await shell.ok('ss', 'update', 'watering', '-p', 'change', '--max-runs', '7');
    await write(
      'change.yaml',
      `
kind: ScheduledSession
name: watering
schedule: 30 9 1 1 *
agent: waterer
start_at: null
---
kind: Agent
name: waterer
`,
    );
    const change = ['apply', '-f', 'change.yaml', '-p', 'change'];
    const dry = await shell.ok(...change, '--dry-run');
    for (const line of ['-schedule: 0 9 1 1 *', '+schedule: 30 9 1 1 *', '-agent: gardener', '+agent: waterer'])
      expect(dry).toContain(`${line}\n`);
    expect(dry).not.toContain('max_runs: null');
    const told = await shell.json(...change);
    expect(told).toEqual([
      { kind: 'Agent', project: 'change', name: 'waterer', result: 'created' },
      {
        kind: 'ScheduledSession',
        project: 'change',
        name: 'watering',
        result: 'changed',
        fields: ['schedule', 'start_at', 'agent_id'],
      },
    ]);
    const schedule = await shell.json('ss', 'get', 'watering', '-p', 'change');
    expect(schedule).toMatchObject({ schedule: '30 9 1 1 *', max_runs: 7, session_prompt: 'water\nthe roses\n' });
    expect(schedule).not.toHaveProperty('start_at');
    expect(schedule.agent_id).toBe((await shell.json('agent', 'get', 'waterer', '-p', 'change')).id);
    expect(results(await shell.json(...change))).toEqual(['Agent waterer unchanged', 'ScheduledSession watering unchanged']);
  },
  PATIENCE_MS,
);

it(
  'reads a folder, and prunes what no document names, of the kinds that documents name',
  async () => {
    await mkdir(join(shell.folder, 'pruned'));
    await write('pruned/1.yaml', garden('pruned'));
    await write('pruned/2.yml', 'kind: ScheduledSession\nproject: pruned\nname: weeding\nschedule: 0 9 1 1 *\n');
    await write('pruned/3.json', '{"kind":"Agent","project":"pruned","name":"weeder"}');
    await write('pruned/notes.txt', 'not a document');
    expect(results(await shell.json('apply', '-f', 'pruned'))).toEqual([
      'Project pruned created',
      'Agent gardener created',
      'Agent weeder created',
      'ScheduledSession watering created',
      'ScheduledSession weeding created',
    ]);
    const prune = ['apply', '-f', 'pruned/2.yml', '--prune'];
    expect(results(await shell.json(...prune, '--dry-run'))).toEqual([
      'ScheduledSession weeding unchanged',
      'ScheduledSession watering deleted',
    ]);
    expect(await shell.ok('ss', 'list', '-p', 'pruned', '-o', 'name')).toBe('watering\nweeding\n');
    expect(await shell.ok(...prune)).toBe('scheduled session weeding unchanged\nscheduled session watering deleted\n');
    expect(await shell.ok('ss', 'list', '-p', 'pruned', '-o', 'name')).toBe('weeding\n');
    expect(await shell.ok('agent', 'list', '-p', 'pruned', '-o', 'name')).toBe('gardener\nweeder\n');
  },
  PATIENCE_MS,
);

it(
  'changes nothing when a document is wrong, and says all that is',
  async () => {
    await write(
      'wrong.yaml',
      `
kind: Project
name: wrong
---
kind: ScheduledSession
project: wrong
name: a
schedule: 61 * * * *
timezone: Mars/Base
---
kind: Agent
project: wrong
name: b
colour: green
llm_temperature: hot
---
kind: Gardener
---
kind: Project
name: wrong
---
- just text
`,
    );
    const refused = await shell.run('apply', '-f', 'wrong.yaml');
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    for (const problem of [
      /document 2: ScheduledSession a: schedule: .*minute/,
      /document 2: ScheduledSession a: timezone must be an IANA time zone name/,
      /document 3: Agent b: there is no field colour/,
      /document 3: Agent b: llm_temperature/,
      /document 4: kind must be one of Project, Agent, ScheduledSession, not "Gardener"/,
      /document 5: Project wrong of project wrong is there already/,
      /document 6, item 1: a document must be an object/,
    ])
      expect(refused.stderr).toMatch(problem);
    expect(await shell.run('project', 'get', 'wrong')).toMatchObject({ code: 3 });
    await write('broken.yaml', 'kind: [');
    expect(await shell.run('apply', '-f', 'broken.yaml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('broken.yaml'),
    });
    expect(await shell.run('apply', '-f', 'nowhere.yaml')).toMatchObject({ code: 2 });
    expect(await shell.runWith('', 'apply', '-f', '-')).toMatchObject({ code: 2 });
  },
  PATIENCE_MS,
);

it(
  'does the others when one fails, and ends with what failed first',
  async () => {
    await write(
      'some.yaml',
      `
kind: Project
name: some
---
kind: ScheduledSession
project: some
name: orphan
schedule: "@daily"
agent: nobody
---
kind: ScheduledSession
project: some
name: other
schedule: "@daily"
`,
    );
    const applied = await shell.run('apply', '-f', 'some.yaml');
    expect(applied).toEqual({
      code: 3,
      stdout: 'project some created\nscheduled session other created\n',
      stderr: 'ambientctl: scheduled session orphan: there is no agent "nobody" in project some\n',
    });
  },
  PATIENCE_MS,
);
