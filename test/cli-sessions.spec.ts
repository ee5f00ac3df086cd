/** `ambientctl session …`, `agent …` and `project …`: every command with the real binary against a running system. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Shell } from '../apps/cli/testing/command.js';
import { TestBed, type System } from './support/system.js';
import { until } from './support/until.js';

const PATIENCE_MS = 120_000;
/** Says every line of its prompt, and waits for a file of this name in its prompt, if there is one. */
const AGENT = `while read -r line || [ -n "$line" ]; do
  echo "$line"
  case "$line" in wait*) while [ ! -e "\${line#wait }" ]; do sleep 0.1; done;; esac
done`;

const bed = new TestBed();
let system: System;
let shell: Shell;

beforeAll(async () => {
  system = await bed.start(await bed.dataDir(), { AMBIENT_RUNTIME_COMMAND: AGENT });
  shell = await Shell.open({ AMBIENT_API_URL: system.url, AMBIENT_TOKEN: system.token, AMBIENT_PROJECT: 'garden' });
  await shell.ok('project', 'create', 'garden');
}, 180_000);
afterAll(async () => {
  await shell.close();
  await bed.clear();
});

it(
  'projects are created, shown, listed, changed and deleted',
  async () => {
    const created = await shell.json(
      'project',
      'create',
      'shed',
      '--description',
      'Tools',
      '--label',
      'team=blue',
      '--label',
      'x=a=b',
    );
    expect(created).toMatchObject({ kind: 'Project', id: 'shed', description: 'Tools', labels: '{"team":"blue","x":"a=b"}' });
    expect(await shell.json('project', 'get', 'shed')).toEqual(created);
    // A list that a busy machine keeps waiting answers all the same, and says how far it is behind.
    await until(async () => (await shell.ok('project', 'list', '-o', 'name')) === 'garden\nshed\n', PATIENCE_MS, 'both projects');
    expect(await shell.ok('project', 'list', '--search', "name = 'shed'")).toMatch(
      /^NAME +DESCRIPTION +CREATED\nshed +Tools +\d{4}-/,
    );
    const updated = await shell.json('project', 'update', 'shed', '--prompt', 'Be kind.', '--clear', 'description');
    expect(updated).toMatchObject({ prompt: 'Be kind.' });
    expect(updated).not.toHaveProperty('description');
    expect(await shell.ok('project', 'delete', 'shed')).toBe('project shed deleted\n');
    expect(await shell.run('project', 'get', 'shed')).toMatchObject({ code: 3 });
    expect(await shell.run('project', 'create', 'Not A Name')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('name'),
    });
    expect(await shell.run('project', 'create', 'x', '--label', 'team')).toMatchObject({ code: 2 });
  },
  PATIENCE_MS,
);

it(
  'agents are created, shown, listed, changed, started and deleted',
  async () => {
    await writeFile(join(shell.folder, 'prompt.md'), 'You water.');
    const flags = '--prompt-file prompt.md --model small --temperature 0.5 --max-tokens 99 --env SHOVEL=big'.split(' ');
    const created = await shell.json('agent', 'create', 'gardener', ...flags);
    expect(created).toMatchObject({
      kind: 'Agent',
      name: 'gardener',
      prompt: 'You water.',
      llm_model: 'small',
      llm_temperature: 0.5,
      llm_max_tokens: 99,
      environment_variables: '{"SHOVEL":"big"}',
    });
    expect(await shell.json('agent', 'get', created.id)).toEqual(created);
    expect(await shell.json('agent', 'list')).toEqual([created]);
    const renamed = await shell.json('agent', 'update', 'gardener', '--name', 'waterer', '--clear', 'llm_model');
    expect(renamed).toMatchObject({ id: created.id, name: 'waterer' });

    expect(await shell.ok('agent', 'start', 'waterer', '--preview')).toContain('You water.');
    const started = await shell.run('agent', 'start', 'waterer', '--prompt', 'the roses', '--watch');
    expect(started).toMatchObject({ code: 0, stdout: expect.stringMatching(/assistant> the roses\n$/) });
    expect(await shell.json('agent', 'start', 'waterer')).toMatchObject({ created: true, session: { agent_id: created.id } });
    await until(
      async () =>
        (await shell.ok('session', 'list', '--agent', 'waterer', '--phase', 'Completed', '-o', 'name')).split('\n').length === 3,
      PATIENCE_MS,
    );

    expect(await shell.ok('agent', 'delete', 'waterer')).toBe('agent waterer deleted\n');
    expect(await shell.run('agent', 'get', 'waterer')).toMatchObject({ code: 3 });
  },
  PATIENCE_MS,
);

it(
  'sessions are created, started, talked to, followed, stopped, cloned, exported and deleted',
  async () => {
    const gate = join(shell.folder, 'gate');
    const created = await shell.json(
      'session',
      'create',
      'digging',
      '--prompt',
      `wait ${gate}`,
      '--timeout',
      '600',
      '--env',
      'A=b',
    );
    expect(created).toMatchObject({ kind: 'Session', name: 'digging', phase: '', project_id: 'garden', timeout: 600 });
    expect(await shell.json('session', 'get', 'digging')).toMatchObject(created);
    expect(await shell.ok('session', 'list', '-o', 'wide')).toContain('not started');

    expect(await shell.ok('session', 'start', 'digging')).toBe(`session ${created.id} started\n`);
    const following = shell.start('session', 'messages', 'digging', '--follow', '-o', 'json');
    const told: any[] = [];
    let rest = '';
    following.child.stdout?.on('data', (piece: Buffer) => {
      const lines = (rest + piece.toString()).split('\n');
      rest = lines.pop() ?? '';
      told.push(...lines.map(line => JSON.parse(line)));
    });
    const phases = () => told.filter(({ type }) => type === 'phase').map(({ phase }) => phase);
    const said = () => told.filter(({ type }) => type === 'message').map(({ message }) => message.payload);
    await until(() => phases().includes('Running') && said().length > 1, PATIENCE_MS, 'the session is running');
    expect(await shell.ok('session', 'send', 'digging', 'deeper')).toMatch(/^message \d+ sent\n$/);
    await until(() => said().includes('deeper'), PATIENCE_MS, 'the message has come');
    await writeFile(gate, '');
    expect(await following.ended).toMatchObject({ code: 0 });
    expect(phases().at(-1)).toBe('Completed');

    const messages = await shell.json('session', 'messages', created.id);
    expect(messages.map(({ seq }: any) => seq)).toEqual(messages.map((_: any, at: number) => at + 1));
    expect(said()).toEqual(messages.map(({ payload }: any) => payload));
    expect(await shell.json('session', 'messages', 'digging', '--after', '1')).toEqual(messages.slice(1));
    expect(await shell.ok('session', 'messages', 'digging')).toContain(`user> wait ${gate}\n`);
    expect(await shell.runWith('from a pipe\n', 'session', 'send', 'digging', '-', '-o', 'json')).toMatchObject({ code: 0 });

    const history = await shell.json('session', 'history', 'digging');
    expect(history[0]).toMatchObject({ revision: 0, type: 'SessionCreated', hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const exported = JSON.parse(await shell.ok('session', 'export', 'digging'));
    expect(exported).toMatchObject({ session: { id: created.id }, version: '1' });
    expect(exported.messages.at(-1).payload).toBe('from a pipe\n');
    await shell.ok('session', 'export', 'digging', '--file', 'digging.json');
    expect(JSON.parse(await readFile(join(shell.folder, 'digging.json'), 'utf8'))).toMatchObject({ messages: exported.messages });

    const copy = await shell.json('session', 'clone', 'digging', '--name', 'again');
    expect(copy).toMatchObject({ name: 'again', parent_session_id: created.id, timeout: 600 });
    expect(await shell.ok('session', 'delete', 'again')).toBe(`session ${copy.id} deleted\n`);
    expect(await shell.run('session', 'get', 'again')).toMatchObject({ code: 3 });
  },
  PATIENCE_MS,
);

it(
  'a session that is stopped while it is watched is no success, and an interrupted watch leaves it alone',
  async () => {
    const watching = shell.start('session', 'create', 'endless', '--prompt', 'wait /nowhere/at/all', '--watch');
    await until(
      async () => (await shell.json('session', 'list', '--phase', 'Running')).length === 1,
      PATIENCE_MS,
      'it is running',
    );
    const other = shell.start('session', 'start', 'endless');
    expect(await other.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ambientctl: .+/) });

    const second = shell.start('session', 'messages', 'endless', '-f');
    let heard = '';
    second.child.stdout?.on('data', (piece: Buffer) => (heard += piece.toString()));
    await until(() => heard.includes('user> wait'), PATIENCE_MS, 'it follows');
    second.child.kill('SIGINT');
    expect(await second.ended).toMatchObject({ code: 130, stderr: expect.not.stringContaining('ambientctl:') });
    expect(await shell.json('session', 'get', 'endless')).toMatchObject({ phase: 'Running' });

    const { code } = await shell.run('session', 'stop', 'endless', '--watch');
    expect(code).toBe(1);
    expect(await watching.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/Stopped\n$/) });
  },
  PATIENCE_MS,
);

it(
  'names of sessions are not unique: several of one name are told by their ids',
  async () => {
    const ids = [await shell.json('session', 'create', 'twin'), await shell.json('session', 'create', 'twin')].map(
      ({ id }) => id,
    );
    const asked = await shell.run('session', 'get', 'twin');
    expect(asked.code).toBe(2);
    for (const id of ids) {
      expect(asked.stderr).toContain(id);
      expect(await shell.json('session', 'get', id)).toMatchObject({ id });
    }
  },
  PATIENCE_MS,
);
