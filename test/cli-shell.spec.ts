/** `ambientctl` as scripts and terminals see it: exit codes, contexts, tokens, outputs. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, spawnSync } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MAIN, Shell } from '../apps/cli/testing/command.js';
import { hangUp, json, problem, ScriptedServer } from '../libs/client/testing/server.js';

const PATIENCE_MS = 120_000;

let server: ScriptedServer;
let shell: Shell;

beforeAll(async () => {
  server = await ScriptedServer.start();
  shell = await Shell.open({ AMBIENT_API_URL: server.url });
}, 180_000);
afterAll(async () => {
  await shell.close();
  await server.stop();
});

const project = { id: 'garden', kind: 'Project', name: 'garden', created_at: '2026-01-01T00:00:00.000Z' };
const list = (...items: object[]) => json(200, { kind: 'ProjectList', page: 1, size: items.length, total: items.length, items });

describe('the exit code', () => {
  it.each([
    ['of success is 0', json(200, project), 0, ''],
    ['of a request that the server refuses is 1', problem(400, 8, 'name is wrong'), 1, 'ambientctl: name is wrong\n'],
    ['of a conflict is 1', problem(409, 6, 'it is there already'), 1, 'ambientctl: it is there already\n'],
    [
      'of a defect is 1, with what finds it in the log',
      problem(500, 9, 'unexpected'),
      1,
      'ambientctl: unexpected (operation op)\n',
    ],
    ['of what is not there is 3', problem(404, 7, 'there is no such project'), 3, 'ambientctl: there is no such project\n'],
    [
      'without a token is 4, and says how to give one',
      problem(401, 15, 'who are you?'),
      4,
      'ambientctl: who are you? (set AMBIENT_TOKEN',
    ],
    ['of what is forbidden is 4', problem(403, 4, 'you may not'), 4, 'ambientctl: you may not\n'],
    [
      'of a server that is not available is 5',
      problem(503, 503, 'the event store is away'),
      5,
      'ambientctl: the event store is away',
    ],
    ['of a server that hangs up is 5', hangUp, 5, 'ambientctl: GET http'],
  ])(
    '%s',
    async (_, reply, code, text) => {
      server.replies(reply);
      const ended = await shell.run('project', 'get', 'garden');
      expect(ended.code).toBe(code);
      expect(ended.stderr.slice(0, text.length)).toBe(text);
      expect(ended.stdout === '').toBe(code !== 0);
    },
    PATIENCE_MS,
  );

  it(
    'of a server that is not there is 5, whatever is asked',
    async () => {
      const gone = await ScriptedServer.start();
      await gone.stop();
      const lost = shell.with({ AMBIENT_API_URL: gone.url });
      expect(await lost.run('project', 'list')).toMatchObject({
        code: 5,
        stdout: '',
        stderr: expect.stringMatching(/ECONNREFUSED.*is the server there\?/),
      });
    },
    PATIENCE_MS,
  );

  it.each([
    [['gardening'], /unknown command 'gardening'/],
    [['project', 'grow'], /unknown command 'grow'/],
    [['projct', 'list'], /Did you mean project\?/],
    [['project', 'list', '--quickly'], /unknown option '--quickly'/],
    [['project', 'get'], /missing required argument 'project'/],
    [['project', 'list', '-o', 'xml'], /Allowed choices are table, wide, json, yaml, name/],
    [['project', 'list', '--limit', 'few'], /It must be a whole number/],
    [['project'], /^Usage: ambientctl project /],
    [[], /^Usage: ambientctl /],
    [['project', 'list', '--url', 'nowhere'], /"nowhere" is no http or https URL/],
    [['project', 'list', '--context', 'nowhere'], /there is no context "nowhere"/],
    [['dead', 'retry'], /either an id or --all/],
    [['dead', 'list'], /NATS_URL is not set/],
    [['events', 'tail', '--since', 'once'], /--since: "once" is no instant/],
    [['events', 'tail', '--type', 'A.*'], /--type: "A\.\*" can't be one/],
  ])(
    'of a call that is wrong is 2: %j',
    async (args, told) => {
      expect(await shell.run(...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(told) });
    },
    PATIENCE_MS,
  );

  it.each([[['--help']], [['ss', '--help']], [['ss', 'trigger', '--help']], [['help', 'apply']], [['--version']], [['-V']]])(
    'of what was asked for is 0: %j',
    async args => {
      expect(await shell.run(...args)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^(Usage: ambientctl |0\.1\.0\n$)/),
        stderr: '',
      });
    },
    PATIENCE_MS,
  );
});

describe('outputs', () => {
  beforeAll(() => server.replies(list(project, { ...project, id: 'b', name: 'b', description: 'two\nlines\u001b[2J' })));

  it(
    'are a table, JSON, YAML and names',
    async () => {
      expect(await shell.ok('project', 'list')).toBe(
        'NAME    DESCRIPTION         CREATED\ngarden                      2026-01-01 00:00:00 +00:00\nb       two lines\\u001b[2J  2026-01-01 00:00:00 +00:00\n',
      );
      expect(await shell.ok('project', 'list', '--local')).toContain('2026-01-01 05:45:00 +05:45');
      expect(await shell.ok('project', 'list', '-o', 'name')).toBe('garden\nb\n');
      expect((await shell.json('project', 'list')).map(({ id }: any) => id)).toEqual(['garden', 'b']);
      expect(await shell.ok('project', 'list', '-o', 'yaml')).toMatch(/^id: garden\n[^]*\n---\nid: b\n/);
    },
    PATIENCE_MS,
  );

  it(
    'that no one reads any more end the command quietly',
    async () => {
      const items = Array.from({ length: 500 }, (_, n) => ({ ...project, id: String(n), description: 'x'.repeat(1000) }));
      server.replies(list(...items));
      const line = `set -o pipefail; '${process.execPath}' '${MAIN}' project list | head -1`;
      const piped = await promisify(execFile)('bash', ['-c', line], { env: shell.environment }).catch((error: unknown) => error);
      expect(piped).toMatchObject({ code: 141, stdout: expect.stringMatching(/^NAME/), stderr: '' });
    },
    PATIENCE_MS,
  );
});

const terminal = spawnSync('script', ['--version']).status === 0 ? describe : describe.skip;

terminal('on a terminal (skipped without script of util-linux)', () => {
  const ESCAPE = '\u001b[';
  beforeAll(() => server.replies(list(project)));

  it(
    'there are colours, unless they are not wanted',
    async () => {
      const seen = async (shell: Shell, ...more: string[]) => (await shell.onTerminal('project', 'list', ...more)).stdout;
      expect(await seen(shell)).toContain(`${ESCAPE}1mNAME`);
      expect(await seen(shell, '--no-color')).not.toContain(ESCAPE);
      expect(await seen(shell.with({ NO_COLOR: '1' }))).not.toContain(ESCAPE);
      expect(await seen(shell, '-o', 'json')).not.toContain(ESCAPE);
      expect(await shell.ok('project', 'list')).not.toContain(ESCAPE);
    },
    PATIENCE_MS,
  );

  it(
    'long work shows how far it is, and the exit code is the same',
    async () => {
      const { writeExport } = await import('../apps/cli/testing/audit-export.js');
      await writeExport(join(shell.folder, 'some.ndjson'), 5000);
      const verified = await shell.onTerminal('audit', 'verify', 'some.ndjson');
      expect(verified).toMatchObject({ code: 0 });
      expect(verified.stdout).toContain('1,000 events verified');
      expect(verified.stdout.split(`\r${ESCAPE}K`).at(-1)).toMatch(/valid.*: 5000 events of 500 streams/);
      expect((await shell.run('audit', 'verify', 'some.ndjson')).stderr).toBe('');
      await writeFile(join(shell.folder, 'some.ndjson'), 'x\n');
      expect(await shell.onTerminal('audit', 'verify', 'some.ndjson')).toMatchObject({ code: 1 });
    },
    PATIENCE_MS,
  );
});

describe('contexts', () => {
  const tokens = () => server.asked.map(({ headers }) => headers.authorization);

  it(
    'are kept, used, changed and forgotten, and never shown with their token',
    async () => {
      const home = shell.with({ AMBIENT_API_URL: undefined });
      expect(await home.run('context', 'list')).toEqual({ code: 0, stdout: '', stderr: 'no contexts\n' });
      const set = await home.runWith('s3cret\n', 'context', 'set', 'first', '--url', server.url, '-p', 'garden', '--token-stdin');
      expect(set).toEqual({ code: 0, stdout: 'context first created\n', stderr: '' });
      await home.ok('context', 'set', 'second', '--url', 'https://second.example');
      const listed = await home.ok('context', 'list', '-o', 'json');
      expect(JSON.parse(listed)).toEqual([
        { name: 'first', url: server.url, project: 'garden', has_token: true, current: true },
        { name: 'second', url: 'https://second.example', has_token: false, current: false },
      ]);
      expect(listed + (await home.ok('context', 'list', '-o', 'wide'))).not.toContain('s3cret');
      const path = join(shell.folder, 'config/ambientctl/contexts.json');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(await readFile(path, 'utf8')).toContain('s3cret');

      server.replies(json(200, project));
      await home.ok('project', 'get', 'garden');
      expect(tokens()).toEqual(['Bearer s3cret']);
      server.replies(json(200, { ...project, items: [], total: 0 }));
      await home.run('agent', 'list');
      expect(server.asked[0]!.url).toContain('/projects/garden/agents');

      expect(await home.ok('context', 'use', 'second')).toBe('context second is the current one\n');
      await home.ok('context', 'set', 'first', '--url', 'https://elsewhere.example');
      expect(await home.json('context', 'list')).toMatchObject([{ name: 'first', has_token: false }, { current: true }]);
      expect(await home.run('context', 'use', 'third')).toMatchObject({ code: 3 });
      await home.ok('context', 'delete', 'second');
      await home.ok('context', 'delete', 'first');
      expect(await home.json('context', 'list')).toEqual([]);
      expect(await home.runWith('', 'context', 'set', 'x', '--token-stdin')).toMatchObject({ code: 2 });
    },
    PATIENCE_MS,
  );

  it(
    'or none: the token of a standalone start is found in its data folder',
    async () => {
      server.replies(json(200, project));
      await mkdir(join(shell.folder, 'data'));
      await writeFile(join(shell.folder, 'data/admin-token'), 'of-the-start\n', { mode: 0o600 });
      await shell.ok('project', 'get', 'garden');
      await mkdir(join(shell.folder, 'other'));
      await writeFile(join(shell.folder, 'other/admin-token'), 'of-another\n', { mode: 0o600 });
      await shell.with({ AMBIENT_DATA_DIR: 'other' }).ok('project', 'get', 'garden');
      await shell.with({ AMBIENT_TOKEN: 'given' }).ok('project', 'get', 'garden');
      expect(tokens()).toEqual(['Bearer of-the-start', 'Bearer of-another', 'Bearer given']);
    },
    PATIENCE_MS,
  );
});
