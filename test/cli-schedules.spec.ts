/** `ambientctl scheduled-session …`: every command with the real binary against a running system. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Shell } from '../apps/cli/testing/command.js';
import { TestBed, type System } from './support/system.js';

const PATIENCE_MS = 120_000;

const bed = new TestBed();
let system: System;
let shell: Shell;

beforeAll(async () => {
  system = await bed.start(await bed.dataDir());
  shell = await Shell.open({ AMBIENT_API_URL: system.url, AMBIENT_TOKEN: system.token, AMBIENT_PROJECT: 'garden' });
  await shell.ok('project', 'create', 'garden');
  await shell.ok('agent', 'create', 'gardener');
}, 180_000);
afterAll(async () => {
  await shell.close();
  await bed.clear();
});

const YEARLY = ['--schedule', '30 9 1 1 *', '--timezone', 'Europe/Berlin'];

it(
  'creates, shows, lists, changes, suspends, resumes and deletes a schedule, by its name or its id',
  async () => {
    await writeFile(join(shell.folder, 'prompt.txt'), 'water\nthe roses');
    const flags = '--agent gardener --prompt-file prompt.txt --overlap allow --catch-up none --max-runs 5 --timeout 60'.split(
      ' ',
    );
    expect(await shell.ok('ss', 'create', 'watering', ...YEARLY, ...flags, '--jitter', '3', '--no-pause-on-failure')).toBe(
      'scheduled session watering created\n',
    );
    const created = await shell.json('scheduled-session', 'get', 'watering');
    const agent = await shell.json('agent', 'get', 'gardener');
    expect(created).toMatchObject({
      kind: 'ScheduledSession',
      project_id: 'garden',
      schedule: '30 9 1 1 *',
      timezone: 'Europe/Berlin',
      agent_id: agent.id,
      session_prompt: 'water\nthe roses',
      overlap_policy: 'allow',
      catch_up_policy: 'none',
      max_runs: 5,
      timeout: 60,
      jitter: 3,
      pause_on_failure: false,
      enabled: true,
    });
    expect(await shell.json('ss', 'get', created.id)).toEqual(created);
    expect(await shell.json('ss', 'get', 'watering', '--as-of', new Date().toISOString())).toMatchObject({ id: created.id });
    expect(await shell.run('ss', 'get', 'watering', '--as-of', '2020-01-01T00:00:00Z')).toMatchObject({ code: 3 });

    const listed = await shell.ok('ss', 'list');
    expect(listed).toMatch(/^NAME +SCHEDULE +TIMEZONE +STATE +NEXT RUN +LAST RUN +RUNS\n/);
    expect(listed).toMatch(/\nwatering +30 9 1 1 \* +Europe\/Berlin +enabled +\d{4}-01-01 09:30:00 \+01:00 /);
    expect(await shell.ok('ss', 'list', '--local')).toMatch(/-01-01 14:15:00 \+05:45 /);
    expect(await shell.ok('ss', 'list', '-o', 'wide')).toContain(created.id);
    expect(await shell.ok('ss', 'list', '-o', 'name')).toBe('watering\n');
    expect(await shell.json('ss', 'list', '--search', "name = 'watering'", '--order-by', 'name desc', '--limit', '1')).toEqual([
      created,
    ]);
    expect(await shell.ok('ss', 'get', 'watering')).toMatch(/\nnext_run_at +\d{4}-01-01 09:30:00 \+01:00\n/);

    const updated = await shell.json(
      'ss',
      'update',
      'watering',
      '--name',
      'soaking',
      '--schedule',
      '@daily',
      '--clear',
      'max_runs',
    );
    expect(updated).toMatchObject({ id: created.id, name: 'soaking', schedule: '@daily' });
    expect(updated).not.toHaveProperty('max_runs');
    expect(await shell.json('ss', 'update', 'soaking', '--clear', 'agent_id')).not.toHaveProperty('agent_id');

    expect(await shell.ok('ss', 'suspend', 'soaking', '--reason', 'rain')).toBe('scheduled session soaking suspended\n');
    expect(await shell.json('ss', 'get', 'soaking')).toMatchObject({ enabled: false, suspended_reason: 'rain' });
    expect(await shell.json('ss', 'resume', 'soaking')).toMatchObject({ enabled: true });
    const history = await shell.json('ss', 'history', 'soaking');
    expect(history.map(({ type }: any) => type)).toEqual([
      'ScheduledSessionCreated',
      'ScheduledSessionUpdated',
      'ScheduledSessionUpdated',
      'ScheduledSessionSuspended',
      'ScheduledSessionResumed',
    ]);
    expect(await shell.ok('ss', 'history', 'soaking')).toMatch(
      /^REVISION +TIME +TYPE +ACTOR\n0 .* \+0[12]:00 +ScheduledSessionCreated +admin \(user\)\n/,
    );

    expect(await shell.ok('ss', 'delete', created.id)).toBe('scheduled session soaking deleted\n');
    expect(await shell.run('ss', 'get', 'soaking')).toEqual({
      code: 3,
      stdout: '',
      stderr: 'ambientctl: there is no scheduled session of project garden "soaking"\n',
    });
  },
  PATIENCE_MS,
);

it(
  'suspends, resumes and deletes all that a search finds',
  async () => {
    for (const name of ['bulk-1', 'bulk-2']) await shell.ok('ss', 'create', name, ...YEARLY);
    const search = ['--search', "name like 'bulk-%'"];
    expect(await shell.ok('ss', 'suspend', ...search)).toBe('NAME    RESULT   ERROR\nbulk-1  changed\nbulk-2  changed\n');
    expect(await shell.json('ss', 'resume', ...search)).toMatchObject({ total: 2, failed: 0 });
    expect(await shell.json('ss', 'delete', ...search)).toMatchObject({ succeeded: 2 });
    expect(await shell.run('ss', 'list', ...search)).toEqual({ code: 0, stdout: '', stderr: 'no scheduled sessions\n' });
    expect(await shell.run('ss', 'suspend')).toMatchObject({ code: 2 });
    expect(await shell.run('ss', 'suspend', 'bulk-1', ...search)).toMatchObject({ code: 2 });
    expect(await shell.run('ss', 'trigger', '--watch', ...search)).toMatchObject({ code: 2 });
  },
  PATIENCE_MS,
);

it(
  'says what is wrong with a schedule, and names the field',
  async () => {
    const refused = await shell.run('ss', 'create', 'x', '--schedule', '61 * * * *');
    expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(/^ambientctl: schedule: .*minute/) });
    expect(await shell.run('ss', 'create', 'x')).toMatchObject({ code: 2, stderr: expect.stringContaining('--schedule <cron>') });
    await shell.ok('ss', 'create', 'weeding', ...YEARLY, '--suspended');
    expect(await shell.json('ss', 'get', 'weeding')).toMatchObject({ enabled: false });
    expect(await shell.run('ss', 'create', 'weeding', ...YEARLY)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('weeding'),
    });
    expect(await shell.run('ss', 'create', 'x', ...YEARLY, '--agent', 'nobody')).toMatchObject({ code: 3 });
    expect(await shell.run('ss', 'update', 'weeding', '--clear', 'colour')).toMatchObject({
      code: 2,
      stderr: 'ambientctl: --clear colour: there is no such field\n',
    });
    expect(await shell.run('ss', 'update', 'weeding')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('what is to be changed?'),
    });
    expect(await shell.run('ss', 'update', 'weeding', '--max-runs', 'many')).toMatchObject({ code: 2 });
    expect(await shell.with({ AMBIENT_PROJECT: undefined }).run('ss', 'list')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^ambientctl: which project\?/),
    });
    expect(await shell.run('ss', 'list', '-p', 'nowhere')).toMatchObject({ code: 3 });
  },
  PATIENCE_MS,
);
