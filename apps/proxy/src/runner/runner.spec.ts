import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BASE_PATH, type Phase } from '#contracts';
import { FolderStagedFiles, SESSION_TOKEN_HEADER, sessionToken } from '#runtime';
import {
  API,
  as,
  auth,
  BACKEND_TOKEN,
  type Bench,
  CALLER_NAMES,
  CALLERS,
  type CallerName,
  PROJECT,
  startBench,
  testRoles,
  TOKEN,
  until,
} from '../../testing/bench.js';
import { dial, exchangeRaw } from '../../testing/raw.js';
import { startUpstream, type TestUpstream } from '../../testing/upstream.js';
import { RunnerAddresses } from './address.js';
import { AddressRanges } from './ranges.js';
import { OAUTH_ROW, RUNNER_ROUTES, RUNNER_ROWS, type RunnerRoute } from './routes.js';
import type { SessionPlace } from './sessions.js';
import type { RunnerConfig, Runners } from './to-runner.js';

const KEY = 'a key that proxy and runtime share, and nobody else';
const NO_PROJECT = 'without-project';
const OTHER = 'of-another-project';

/** Sessions by id; a test says where they are. */
const places = new Map<string, SessionPlace>();
const place = (id: string, phase: Phase | '', over: Partial<SessionPlace> = {}): string => {
  places.set(id, { id, phase, project_id: PROJECT, ...over });
  return id;
};
const roles = {
  ...testRoles,
  forSession: async (principal: Parameters<typeof testRoles.inProject>[0], id: string) => {
    const session = places.get(id);
    if (!session) return undefined;
    const { project_id } = session;
    return { roles: await testRoles.inProject(principal, project_id ?? ''), project_id };
  },
};

const url = (id: string, path: string): string =>
  `${API}/sessions/${id}/${path.replace('{task}', 't-1').replace('{path*}', 'a/b.txt')}`;
const init = ({ method }: Pick<RunnerRoute, 'method'>, headers: Record<string, string> = auth): RequestInit => ({
  method,
  headers,
  ...(method === 'POST' || method === 'PUT' ? { body: '{"a":1}' } : {}),
});

describe('the way to a runner', () => {
  let bench: Bench;
  let runner: TestUpstream;
  let folder: string;
  let staged: FolderStagedFiles;
  const ranges = new AddressRanges(['127.0.0.0/8']);
  const base = (over: Partial<RunnerConfig> = {}, runners: Partial<Runners> = {}): RunnerConfig => ({
    sessions: { sessionOf: async id => places.get(id) },
    runners: { addresses: RunnerAddresses.of(`${runner.url}/of/{session_id}`, ranges), ranges, tokenKey: KEY, ...runners },
    staged,
    ...over,
  });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ambient-staged-'));
    staged = new FolderStagedFiles(folder);
    runner = await startUpstream('runner');
    bench = await startBench({ callerRoles: roles, runner: base() });
  });
  afterAll(async () => {
    await bench.close();
    await runner.stop();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => {
    places.clear();
    place('running', 'Running');
    place('new', '');
    place('done', 'Completed');
    place(OTHER, 'Running', { project_id: 'green' });
    place(NO_PROJECT, 'Running', { project_id: undefined });
    runner.seen.length = 0;
  });
  const ask = (path: string, request: RequestInit = { headers: auth }): Promise<Response> =>
    fetch(bench.url + path, { redirect: 'manual', ...request });

  it('is the table of the specification', () => {
    const table = RUNNER_ROUTES.map(({ method, path, runner, none }) => {
      const without = none.kind === 'problem' ? none.number : none.kind === 'json' ? JSON.stringify(none.body) : none.kind;
      return `${method} ${path} → ${runner} | ${without}`;
    });
    expect(table).toEqual([
      'GET events → /events/{id} | 502',
      'GET agui/events → /events/{id} | stream',
      'POST agui/run → / | 503',
      'POST agui/interrupt → /interrupt | 503',
      'POST agui/feedback → /feedback | 503',
      'GET agui/capabilities → /capabilities | {"framework":"unknown"}',
      'GET agui/tasks → /tasks | {"tasks":[],"total":0}',
      'POST agui/tasks/{task}/stop → /tasks/{task}/stop | 503',
      'GET agui/tasks/{task}/output → /tasks/{task}/output | 503',
      'GET mcp/status → /mcp/status | {"servers":[],"totalCount":0}',
      'GET workspace → /content/list | {"files":[]}',
      'GET workspace/{path*} → /content/file | 503',
      'PUT workspace/{path*} → /content/write | 503',
      'DELETE workspace/{path*} → /content/delete | 503',
      'GET files → /content/list | staged',
      'PUT files/{path*} → /content/write | staged',
      'DELETE files/{path*} → /content/delete | staged',
      'GET git/status → /content/git-status | {"modified":[],"staged":[],"untracked":[]}',
      'GET git/branches → /content/git-list-branches | []',
      'POST git/configure-remote → /content/git-configure-remote | 503',
      'GET repos/status → /repos/status | []',
    ]);
  });

  describe.each(RUNNER_ROUTES.map(route => [`${route.method} ${route.path}`, route] as const))('%s', (_, route) => {
    const may = (name: CallerName): boolean => {
      const held: readonly string[] = [...CALLERS[name].everywhere, ...CALLERS[name].inProject];
      const readers = ['platform:admin', 'platform:viewer', 'project:owner', 'project:editor', 'project:viewer', 'runtime'];
      const writers = ['platform:admin', 'project:owner', 'project:editor'];
      return held.some(role => (route.method === 'GET' ? readers : writers).includes(role));
    };

    it.each(CALLER_NAMES)('passes or not as %s', async name => {
      const answer = await ask(url('running', route.path), init(route, as(name)));
      const refused = name === 'nobody' ? 404 : 403;
      expect(answer.status).toBe(may(name) ? 200 : refused);
      expect(runner.seen).toHaveLength(may(name) ? 1 : 0);
      await answer.text();
    });

    it('is there for no one without a token', async () => {
      const answer = await ask(url('running', route.path), init(route, {}));
      expect([answer.status, runner.seen.length]).toEqual([401, 0]);
    });

    it('is not there for a session that is not, and not for one of a project that the caller has no role in', async () => {
      for (const [id, headers] of [
        ['unknown', auth],
        [OTHER, as('project:owner')],
        [NO_PROJECT, as('project:owner')],
      ] as const) {
        const answer = await ask(url(id, route.path), init(route, headers));
        expect([id, answer.status]).toEqual([id, 404]);
        expect(await answer.json()).toMatchObject({ kind: 'Error', reason: 'there is no such session' });
      }
      expect(runner.seen).toEqual([]);
    });

    it('asks the runner with the token of the session, and with nothing of the caller', async () => {
      const forged = {
        ...auth,
        [SESSION_TOKEN_HEADER]: 'forged',
        cookie: 'a=b',
        'x-forwarded-access-token': TOKEN,
        'x-ambient-user': 'root',
        'x-ambient-roles': 'platform:admin',
        'x-forwarded-for': '10.0.0.1',
        'last-event-id': '7',
      };
      const answer = await ask(`${url('running', route.path)}?b=2&a=%2F`, init(route, forged));
      expect(answer.status).toBe(200);
      const [seen] = runner.seen;
      const expected = route.runner.replace('{id}', 'running').replace('{task}', 't-1');
      const own = {
        '': '&path=a%2Fb.txt',
        'file-uploads/': '&path=file-uploads%2Fa%2Fb.txt',
        none: route.query === undefined ? '' : `&${route.query}`,
      }[route.below ?? 'none'];
      expect([seen!.method, seen!.url]).toEqual([route.method, `/of/running${expected}?b=2&a=%2F${own}`]);
      expect(seen!.headers[SESSION_TOKEN_HEADER]).toBe(sessionToken(KEY, 'running'));
      expect(seen!.headers['last-event-id']).toBe('7');
      for (const name of [
        'authorization',
        'cookie',
        'x-forwarded-access-token',
        'x-ambient-user',
        'x-ambient-roles',
        'x-forwarded-for',
      ]) {
        expect([name, seen!.headers[name]]).toEqual([name, undefined]);
      }
      expect(JSON.stringify(seen!.rawHeaders)).not.toContain(TOKEN);
      if (route.method === 'POST' || route.method === 'PUT')
        expect(await answer.json()).toEqual({ name: 'runner', body: '{"a":1}' });
    });

    it('answers as the specification says where no runner is', async () => {
      const { none } = route;
      for (const id of ['new', 'done', place('failed', 'Failed'), place('stopped', 'Stopped')]) {
        const answer = await ask(url(id, route.path), init(route));
        const text = await answer.text();
        switch (none.kind) {
          case 'problem':
            expect([answer.status, JSON.parse(text)]).toEqual([
              none.number,
              expect.objectContaining({ kind: 'Error', status: none.number }),
            ]);
            break;
          case 'json':
            expect([answer.status, JSON.parse(text)]).toEqual([200, none.body]);
            break;
          case 'stream':
            expect([answer.status, answer.headers.get('content-type'), text]).toEqual([200, 'text/event-stream', '']);
            break;
          case 'staged':
            expect([200, 204]).toContain(answer.status);
        }
        expect(answer.headers.get('x-operation-id')).toBeTruthy();
      }
      expect(runner.seen).toEqual([]);
    });

    it.each(['Pending', 'Creating', 'Running', 'Stopping'] as const)(
      'is 502 for a runner that can not be reached, %s',
      async phase => {
        // Not a port that was free just now: someone else may have it by then.
        await using nowhere = await other(base({}, { addresses: RunnerAddresses.of('http://127.0.0.1:1/{session_id}', ranges) }));
        place('running', phase);
        const answer = await fetch(nowhere.url + url('running', route.path), init(route));
        expect([answer.status, await answer.json()]).toEqual([
          502,
          expect.objectContaining({ kind: 'Error', reason: 'the runner can not be reached' }),
        ]);
      },
    );

    it('is 502 where no address of runners is configured', async () => {
      await using unset = await other(base({ runners: undefined }));
      const answer = await fetch(unset.url + url('running', route.path), init(route));
      expect([answer.status, await answer.json()]).toEqual([
        502,
        expect.objectContaining({ reason: expect.stringContaining('RUNNER_URL_TEMPLATE') }),
      ]);
    });
  });

  /** A proxy with other settings, closed when its block ends. */
  const other = async (config: RunnerConfig, over: object = {}): Promise<Bench & AsyncDisposable> => {
    const own = await startBench({ callerRoles: roles, runner: config, ...over });
    return { ...own, [Symbol.asyncDispose]: () => own.close() };
  };

  it('has every row under its session, and a need for each', () => {
    for (const { template, needs, scope, audited, method, group } of RUNNER_ROWS) {
      expect(template.startsWith(`${BASE_PATH}/sessions/{id}/`)).toBe(true);
      if (group === 'native') continue;
      expect([needs, scope, audited]).toEqual([method === 'GET' ? 'viewer' : 'editor', 'session', true]);
    }
  });

  it('is closed to other methods and other paths', async () => {
    const put = await ask(url('running', 'workspace'), { method: 'PUT', headers: auth });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET']);
    for (const path of [
      'agui',
      'agui/else',
      'events/running',
      'content/list',
      'mcp',
      'git/push',
      'tasks',
      'workspace/',
      'files/a/',
    ]) {
      expect([path, (await ask(url('running', path))).status]).toEqual([path, 404]);
    }
    expect(runner.seen).toEqual([]);
  });

  it('leaves a repository that is named status to be removed', async () => {
    const answer = await ask(`${API}/sessions/running/repos/status`, { method: 'DELETE', headers: auth });
    expect([answer.status, bench.command.seen.at(-1)?.url]).toEqual([200, `${API}/sessions/running/repos/status`]);
  });

  describe('by a path in the working folder', () => {
    it.each([
      'workspace/..%2fx',
      'workspace/../x',
      'workspace/%2e%2e/x',
      'workspace/a//b',
      'workspace//etc/passwd',
      'workspace/a%5cb',
      'workspace/a%00b',
      'workspace/%252e%252e/x',
      'files/../x',
    ])('is refused for %s', async path => {
      const { host } = new URL(bench.url);
      const text = `GET ${API}/sessions/running/${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${TOKEN}\r\nconnection: close\r\n\r\n`;
      expect((await exchangeRaw(bench.url, text)).status).toBe(400);
      expect(runner.seen).toEqual([]);
    });

    it.each([
      '?path=../x',
      '?a=1&path=x',
      '?p%61th=x',
      '?path%5B%5D=x',
      '?path[]=x',
      '?a=1;path=x',
      '?%70%61%74%68=x',
      '?Path=x',
      '?+path=x',
    ])('is refused with a second path in the query: %s', async query => {
      for (const path of ['workspace/a.txt', 'files/a.txt']) {
        const answer = await ask(url('running', path) + query, { method: 'PUT', headers: auth, body: 'x' });
        expect(answer.status).toBe(400);
      }
      expect((await ask(`${url('running', 'files')}${query}`)).status).toBe(400);
      expect(runner.seen).toEqual([]);
    });

    it('is encoded anew', async () => {
      await ask(`${API}/sessions/running/workspace/a%20b/c+d&path=e%3Fx/%C3%BC?mode=raw`);
      expect(runner.seen[0]?.url).toBe('/of/running/content/file?mode=raw&path=a%20b%2Fc%2Bd%26path%3De%3Fx%2F%C3%BC');
    });

    it('keeps what else is in the query', async () => {
      await ask(`${url('running', 'workspace/a.txt')}?recursive=true&pathology=x&`, { method: 'DELETE', headers: auth });
      expect(runner.seen[0]?.url).toBe('/of/running/content/delete?recursive=true&pathology=x&&path=a.txt');
    });

    it('is listed as the client asks', async () => {
      await ask(`${url('running', 'workspace')}?path=sub%2Ffolder`);
      expect(runner.seen[0]?.url).toBe('/of/running/content/list?path=sub%2Ffolder');
    });
  });

  describe('of an answer', () => {
    afterEach(() => {
      runner.answer = echo;
    });
    let echo: TestUpstream['answer'];
    beforeAll(() => {
      echo = runner.answer;
    });

    it('lets status and content pass, but no cookie, no token of the session, and nothing that a browser would run', async () => {
      runner.answer = (_, response) => {
        response.writeHead(418, {
          'content-type': 'text/html',
          'set-cookie': 'session=stolen',
          'content-security-policy': 'default-src *',
          [SESSION_TOKEN_HEADER]: sessionToken(KEY, 'running'),
          'access-control-allow-origin': '*',
        });
        response.end('<script>');
      };
      const answer = await ask(url('running', 'workspace/page.html'));
      expect([answer.status, await answer.text()]).toEqual([418, '<script>']);
      const headers = Object.fromEntries(answer.headers);
      expect(headers).toMatchObject({
        'content-type': 'text/html',
        'x-content-type-options': 'nosniff',
        'content-security-policy': "default-src 'none'; sandbox",
      });
      expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['set-cookie']));
      expect(JSON.stringify(headers)).not.toContain(sessionToken(KEY, 'running'));
      expect(headers['access-control-allow-origin']).toBeUndefined();
    });

    it('passes a redirect on, and follows none', async () => {
      runner.answer = (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
      const answer = await ask(url('running', 'agui/capabilities'));
      expect([answer.status, runner.seen.length]).toEqual([302, 1]);
    });

    it('streams events as they come, and tells the runner when the client leaves', async () => {
      let left = false;
      runner.answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"type":"RUN_STARTED"}\n\n');
        response.once('close', () => (left = true));
      };
      const leave = new AbortController();
      const answer = await ask(url('running', 'agui/events'), { headers: auth, signal: leave.signal });
      expect(answer.headers.get('content-type')).toBe('text/event-stream');
      const { value } = await answer.body!.getReader().read();
      expect(Buffer.from(value).toString()).toBe('data: {"type":"RUN_STARTED"}\n\n');
      expect(left).toBe(false);
      leave.abort();
      await until(() => left);
    });

    it('cuts the stream where the runner dies half-way: there is no false end', async () => {
      runner.answer = (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"type":"RUN_STARTED"}\n\n', () => response.destroy());
      };
      const socket = dial(bench.url);
      const { host } = new URL(bench.url);
      socket.write(`GET ${url('running', 'events')} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${TOKEN}\r\n\r\n`);
      let text = '';
      socket.setEncoding('latin1').on('data', (piece: string) => (text += piece));
      socket.on('error', () => undefined);
      await once(socket, 'close');
      expect(text).toContain('RUN_STARTED');
      // The last chunk of a whole answer.
      expect(text).not.toMatch(/\r\n0\r\n\r\n$/);
    });

    it('cuts off an output of more than 10 MiB', async () => {
      runner.answer = (_, response) => response.writeHead(200).end(Buffer.alloc(10 * 1_048_576 + 1));
      await expect(ask(url('running', 'agui/tasks/t/output')).then(answer => answer.arrayBuffer())).rejects.toThrow();
      runner.answer = (_, response) => response.writeHead(200).end(Buffer.alloc(10 * 1_048_576));
      expect((await (await ask(url('running', 'agui/tasks/t/output'))).arrayBuffer()).byteLength).toBe(10 * 1_048_576);
    });
  });

  describe('to an address', () => {
    const named = (resolve: unknown): RunnerConfig =>
      base(
        {},
        {
          addresses: RunnerAddresses.of(`http://{session_id}.{namespace}.runners.example:${new URL(runner.url).port}`, ranges),
          resolve: resolve as never,
        },
      );
    const resolver = (...answers: string[]) => {
      const asked: string[] = [];
      const resolve = (name: string, _: object, done: (error: null, found: object[]) => void) => {
        asked.push(name);
        const address = answers[Math.min(asked.length, answers.length) - 1]!;
        done(null, [{ address, family: 4 }]);
      };
      return { asked, resolve };
    };
    const capabilities = (proxy: Bench): Promise<Response> =>
      fetch(`${proxy.url}${url('running', 'agui/capabilities')}`, { headers: auth });

    it('is found by the namespace that the runtime reported, and the name is resolved once for each connection', async () => {
      const { asked, resolve } = resolver('127.0.0.1', '169.254.169.254');
      await using proxy = await other(named(resolve));
      place('running', 'Running', { namespace: 'team-a' });
      expect((await capabilities(proxy)).status).toBe(200);
      expect(asked).toEqual(['running.team-a.runners.example']);
      expect(runner.seen[0]?.headers.host).toBe(`running.team-a.runners.example:${new URL(runner.url).port}`);
    });

    it.each(['10.0.0.1', '169.254.169.254', '203.0.113.9', '::ffff:10.0.0.1'])(
      'is refused where the name resolves to %s',
      async address => {
        const { resolve } = resolver(address);
        await using proxy = await other(named(resolve));
        place('running', 'Running', { namespace: 'team-a' });
        const answer = await capabilities(proxy);
        expect([answer.status, await answer.json()]).toEqual([
          502,
          expect.objectContaining({ reason: 'the runner can not be reached' }),
        ]);
        expect(runner.seen).toEqual([]);
      },
    );

    it.each([undefined, 'evil.example/', 'a.b', '..', 'A'])('is refused for the namespace %j', async namespace => {
      const { asked, resolve } = resolver('127.0.0.1');
      await using proxy = await other(named(resolve));
      place('running', 'Running', { namespace });
      expect((await capabilities(proxy)).status).toBe(502);
      expect([asked, runner.seen]).toEqual([[], []]);
    });
  });

  describe('for files', () => {
    const put = (id: string, path: string, body: RequestInit['body'], over: RequestInit = {}): Promise<Response> =>
      ask(`${API}/sessions/${id}/files/${path}`, { method: 'PUT', headers: auth, body, ...over });
    afterEach(async () => {
      for (const id of ['new', 'done', 'started']) await staged.clear(id);
    });

    it('keeps what is given before the start, or between two, and gives it to nobody else', async () => {
      for (const id of ['new', 'done']) {
        const answer = await put(id, 'data/a.csv', '1,2');
        expect([answer.status, await answer.json()]).toEqual([200, { path: 'file-uploads/data/a.csv', size: 3 }]);
        const list = (await (await ask(url(id, 'files'))).json()) as any;
        expect(list.files.map(({ path }: { path: string }) => path)).toEqual(['file-uploads/data/a.csv']);
      }
      expect(await readFile(join(folder, 'new/data/a.csv'), 'utf8')).toBe('1,2');
      const remove = () => ask(`${API}/sessions/new/files/data/a.csv`, { method: 'DELETE', headers: auth });
      expect((await remove()).status).toBe(204);
      expect((await remove()).status).toBe(404);
      expect(Buffer.from(await staged.read('done', 'data/a.csv')).toString()).toBe('1,2');
    });

    it('keeps nothing of a file that is too large, or breaks off', async () => {
      expect((await put('new', 'a', Buffer.alloc(10 * 1_048_576 + 1))).status).toBe(413);
      const many = new ReadableStream({
        start(controller) {
          for (let at = 0; at <= 10; at++) controller.enqueue(Buffer.alloc(1_048_576));
          controller.close();
        },
      });
      expect((await put('new', 'b', many, { duplex: 'half' })).status).toBe(413);
      const socket = dial(bench.url);
      const { host } = new URL(bench.url);
      socket.write(
        `PUT ${API}/sessions/new/files/c HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${TOKEN}\r\ncontent-length: 1000\r\n\r\nhalf`,
      );
      const wholeHere = (): Promise<string[]> => readdir(join(folder, 'new')).catch(() => []);
      while (!(await wholeHere()).some(name => name.startsWith('.'))) await new Promise(resolve => setImmediate(resolve));
      socket.destroy();
      while ((await wholeHere()).length > 0) await new Promise(resolve => setImmediate(resolve));
      expect((await put('new', 'd', Buffer.alloc(10 * 1_048_576))).status).toBe(200);
    });

    it('says so when the session was started while the file was on its way', async () => {
      let asked = 0;
      const sessions = {
        sessionOf: async (id: string): Promise<SessionPlace> => ({
          id,
          project_id: PROJECT,
          phase: asked++ === 0 ? '' : 'Pending',
        }),
      };
      await using proxy = await other(base({ sessions }));
      place('started', '');
      const answer = await fetch(`${proxy.url}${API}/sessions/started/files/a`, { method: 'PUT', headers: auth, body: 'x' });
      expect([answer.status, await answer.json()]).toEqual([
        409,
        expect.objectContaining({ reason: expect.stringContaining('started meanwhile') }),
      ]);
    });

    it.each(['.git/config', 'a/.git/hooks/pre-commit', 'x'.repeat(256)])('refuses the name %s', async path => {
      expect((await put('new', path, 'x')).status).toBe(400);
    });

    it('has no place for them where none is configured', async () => {
      await using proxy = await other(base({ staged: undefined }));
      const answer = await fetch(`${proxy.url}${API}/sessions/new/files/a`, { method: 'PUT', headers: auth, body: 'x' });
      expect(answer.status).toBe(503);
      expect(await (await fetch(`${proxy.url}${url('new', 'files')}`, { headers: auth })).json()).toEqual({ files: [] });
    });
  });

  describe('for the address of a grant, which the backend knows', () => {
    const path = (id: string): string => `${API}/sessions/${id}/oauth/git%20hub/url?redirect=x`;

    it.each(['running', 'new', 'done'])('asks the backend in the name of the proxy, whatever the phase: %s', async id => {
      const answer = await ask(path(id), { headers: as('project:viewer') });
      expect(answer.status).toBe(200);
      const seen = bench.backend.seen.at(-1);
      expect(seen?.url).toBe(`/api/projects/${PROJECT}/agentic-sessions/${id}/oauth/git%20hub/url?redirect=x`);
      expect(seen?.headers).toMatchObject({ authorization: `Bearer ${BACKEND_TOKEN}`, 'x-ambient-user': 'project:viewer' });
      expect(seen?.headers[SESSION_TOKEN_HEADER]).toBeUndefined();
    });

    it('has none where no backend is', async () => {
      await using proxy = await other(base(), { backendUrl: undefined });
      const answer = await fetch(proxy.url + path('running'), { headers: auth });
      expect([answer.status, await answer.json()]).toEqual([
        501,
        expect.objectContaining({ reason: expect.stringContaining('BACKEND_URL') }),
      ]);
      expect((await fetch(proxy.url + path('unknown'), { headers: auth })).status).toBe(404);
    });

    it('has none for a session that is not, is hidden, or belongs to no project', async () => {
      expect((await ask(path('unknown'))).status).toBe(404);
      expect((await ask(path(OTHER), { headers: as('project:owner') })).status).toBe(404);
      expect((await ask(path(NO_PROJECT))).status).toBe(404);
      expect(OAUTH_ROW.needs).toBe('viewer');
    });
  });

  it('is recorded with its project, and neither with a query nor with a token', async () => {
    const operation = 'recorded-1';
    await (
      await ask(`${url('running', 'workspace/a/b.txt')}?secret=x`, { headers: { ...auth, 'x-operation-id': operation } })
    ).text();
    await ask(url('running', 'agui/run'), {
      method: 'POST',
      headers: { ...as('project:viewer'), 'x-operation-id': 'recorded-2' },
    });
    const upload = { method: 'PUT', body: 'content', headers: { ...auth, 'x-operation-id': 'recorded-3' } };
    await (await ask(`${API}/sessions/new/files/a`, upload)).text();
    const of = (id: string) => bench.audit.decisions.find(({ operation_id }) => operation_id === id);
    await until(() => [operation, 'recorded-2', 'recorded-3'].every(id => of(id) !== undefined));
    expect(of(operation)).toMatchObject({
      user: 'admin',
      group: 'runner',
      method: 'GET',
      path_template: `${BASE_PATH}/sessions/{id}/workspace/{path*}`,
      parameters: { id: 'running', path: 'a/b.txt' },
      project_id: PROJECT,
      decision: 'allowed',
      status: 200,
      upstream: 'runner',
    });
    expect(of('recorded-3')).toMatchObject({
      decision: 'allowed',
      status: 200,
      bytes_in: 7,
      parameters: { id: 'new', path: 'a' },
    });
    expect(of('recorded-2')).toMatchObject({ decision: 'denied', status: 403, project_id: PROJECT, user: 'project:viewer' });
    const text = JSON.stringify(bench.audit.decisions);
    expect(text).not.toContain('secret');
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain(sessionToken(KEY, 'running'));
  });
});
