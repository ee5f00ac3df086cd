import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '#bus/testing';
import { FakeSystem } from '../../testing/fake-session-api.js';
import { piecesOf, temporaryFolder } from '../../testing/temporary.js';
import { MAX_FILE_BYTES } from '../folder/index.js';
import { LocalRuntime, type LocalRuntimeOptions } from '../local-runtime.js';
import { SessionApiRefused } from '../session-api.js';
import { FolderStagedFiles } from '../staged-files/index.js';
import { SESSION_TOKEN_HEADER, sessionToken } from './session-token.js';

const KEY = 'a key that proxy and runtime share, and nobody else';
const id = 'session-1';
/** Runs until it is told to end. */
const WAITING = 'echo ready; cat > /dev/null; while :; do sleep 0.02; done';

describe('the runner of a local runtime', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let system: FakeSystem;
  let staged: FolderStagedFiles;
  let runtime: LocalRuntime | undefined;
  let lines: string[];

  beforeEach(async () => {
    temporary = await temporaryFolder();
    system = new FakeSystem();
    staged = new FolderStagedFiles(join(temporary.path, 'staged-files'));
    lines = [];
  });
  afterEach(async () => {
    system.before = () => {};
    await runtime?.stop();
    await temporary[Symbol.asyncDispose]();
  });

  const start = async (over: Partial<LocalRuntimeOptions> = {}): Promise<LocalRuntime> => {
    const write = (line: string): number => lines.push(line);
    const log = { log: write, warn: write, error: write };
    runtime = new LocalRuntime({
      feed: system,
      api: system,
      dataDir: temporary.path,
      staged,
      runner: { host: '127.0.0.1', port: 0, tokenKey: KEY },
      log,
      graceMs: 2000,
      stopDeadlineMs: 5000,
      command: WAITING,
      ...over,
    });
    await runtime.start();
    return runtime;
  };
  const running = async (over: Partial<LocalRuntimeOptions> = {}, session = id, prompt = ''): Promise<void> => {
    await start(over);
    system.start(session, prompt);
    await until(() => system.messages(session).length > 0);
  };
  const ended = (session = id) => until(() => ['Stopped', 'Completed', 'Failed'].includes(system.phase(session)));
  const ask = (path: string, init: RequestInit = {}, session = id): Promise<Response> => {
    const { runnerUrlTemplate: template } = runtime!;
    const headers = { [SESSION_TOKEN_HEADER]: sessionToken(KEY, session), ...(init.headers as Record<string, string>) };
    return fetch(template!.replace('{session_id}', session) + path, { ...init, headers });
  };
  const post = (path: string, body?: unknown): Promise<Response> =>
    ask(path, {
      method: 'POST',
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
  const put = (path: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
    ask(`/content/write?${new URLSearchParams({ path }).toString()}`, { method: 'PUT', body });
  const get = (path: string): Promise<Response> => ask(`/content/file?${new URLSearchParams({ path }).toString()}`);
  const eventsIn = (text: string): any[] =>
    text
      .split('\n\n')
      .filter(block => block.startsWith('data: '))
      .map(block => JSON.parse(block.slice('data: '.length)));
  const work = (...path: string[]): string => join(temporary.path, 'sessions', id, ...path);

  describe('lets in', () => {
    it('nobody without the token of the session, and says nothing else to them', async () => {
      await running();
      const { runnerUrlTemplate: template } = runtime!;
      const url = (session: string): string => template!.replace('{session_id}', session);
      const tokens = [
        undefined,
        '',
        'x',
        sessionToken(KEY, 'session-2'),
        sessionToken('another key', id),
        `${sessionToken(KEY, id)} `.trim().slice(1),
      ];
      for (const session of [id, 'unknown']) {
        for (const token of tokens) {
          const headers = token === undefined ? {} : { [SESSION_TOKEN_HEADER]: token };
          const answer = await fetch(`${url(session)}/capabilities`, { headers });
          expect([session, token, answer.status]).toEqual([session, token, 401]);
          expect(await answer.text()).not.toContain(sessionToken(KEY, session));
        }
      }
      expect((await ask('/capabilities')).status).toBe(200);
    });

    it.each([
      ['GET', `/events/${id}`],
      ['POST', '/'],
      ['POST', '/interrupt'],
      ['POST', '/feedback'],
      ['GET', '/capabilities'],
      ['GET', '/tasks'],
      ['POST', '/tasks/x/stop'],
      ['GET', '/tasks/x/output'],
      ['GET', '/mcp/status'],
      ['GET', '/content/list'],
      ['GET', '/content/file?path=a'],
      ['PUT', '/content/write?path=a'],
      ['DELETE', '/content/delete?path=a'],
      ['GET', '/content/git-status'],
      ['GET', '/content/git-list-branches'],
      ['POST', '/content/git-configure-remote'],
      ['GET', '/repos/status'],
    ])('nobody without it to %s %s, and is not there where no session runs', async (method, path) => {
      await start();
      const url = runtime!.runnerUrlTemplate!.replace('{session_id}', id) + path;
      expect((await fetch(url, { method })).status).toBe(401);
      expect((await ask(path, { method })).status).toBe(502);
    });

    it('nobody any more when the runtime has stopped', async () => {
      await running();
      const url = runtime!.runnerUrlTemplate!.replace('{session_id}', id);
      await runtime!.stop();
      await expect(fetch(`${url}/capabilities`)).rejects.toThrow();
      expect(runtime!.runnerUrlTemplate).toBeUndefined();
    });

    it('nobody when the runtime could not start', async () => {
      system.before = call => {
        if (call === 'listActive') throw new SessionApiRefused('no');
      };
      const starting = start();
      await expect(starting).rejects.toThrow('no');
      expect(runtime!.runnerUrlTemplate).toBeUndefined();
    });

    it('has an answer to a path that is none', async () => {
      await running();
      const answer = await ask('/else');
      expect([answer.status, await answer.json()]).toEqual([404, expect.objectContaining({ kind: 'Error', status: 404 })]);
    });
  });

  describe('tells the events of a run', () => {
    it('from RUN_STARTED to RUN_FINISHED, a message for each line', async () => {
      await start({ command: 'cat; echo; echo bad >&2' });
      const { promise: open, resolve: release } = Promise.withResolvers<void>();
      system.before = call => (call === 'appendMessage' ? open : undefined);
      system.start(id, 'one\ntwo\n');
      await until(() => system.phase(id) === 'Running');
      const stream = await ask(`/events/${id}`);
      expect(stream.headers.get('content-type')).toBe('text/event-stream');
      release();
      const events = eventsIn(await stream.text());
      expect(events[0]).toEqual({ type: 'RUN_STARTED', threadId: id, runId: expect.any(String), timestamp: expect.any(Number) });
      expect(events.at(-1)).toMatchObject({
        type: 'RUN_FINISHED',
        threadId: id,
        runId: events[0].runId,
        result: { phase: 'Completed' },
      });
      expect(system.phase(id)).toBe('Completed');
      const starts = events.filter(({ type }) => type === 'TEXT_MESSAGE_START');
      const said = starts.map(({ messageId, role }) => {
        const own = events.filter(event => event.messageId === messageId).map(({ type, delta }) => delta ?? type);
        return [role, ...own];
      });
      const whole = (role: string, ...text: string[]) => [role, 'TEXT_MESSAGE_START', ...text, 'TEXT_MESSAGE_END'];
      expect(said).toHaveLength(4);
      expect(said.filter(([role]) => role === 'assistant')).toEqual([
        whole('assistant', 'one'),
        whole('assistant', 'two'),
        whole('assistant'),
      ]);
      expect(said).toContainEqual(whole('system', 'bad'));
    });

    it('to each who comes, however late', async () => {
      await running();
      const [first, second] = await Promise.all([ask(`/events/${id}`), ask(`/events/${id}`)]);
      system.requestStop(id);
      const texts = [await first.text(), await second.text()];
      expect(texts[0]).toBe(texts[1]);
      expect(eventsIn(texts[0]!).map(({ type, delta }) => delta ?? type)).toEqual([
        'RUN_STARTED',
        'TEXT_MESSAGE_START',
        'ready',
        'TEXT_MESSAGE_END',
        'RUN_FINISHED',
      ]);
    });

    it('with an error at the end of a run that failed', async () => {
      await running({ command: 'echo ready; cat > /dev/null; until [ -e go ]; do sleep 0.02; done; exit 3' });
      const stream = await ask(`/events/${id}`);
      await put('go', '');
      expect(eventsIn(await stream.text()).at(-1)).toMatchObject({
        type: 'RUN_ERROR',
        code: 'exit_code',
        message: 'exit code 3',
      });
    });

    it('of no earlier run', async () => {
      await running({ command: 'date +%N; cat > /dev/null; until [ -e go ]; do sleep 0.02; done; rm go' });
      const first = await ask(`/events/${id}`);
      await put('go', '');
      const [started] = eventsIn(await first.text());
      await ended();
      system.start(id);
      await until(() => system.messages(id).length > 1);
      const second = await ask(`/events/${id}`);
      await put('go', '');
      const events = eventsIn(await second.text());
      expect(events.filter(({ type }) => type === 'RUN_STARTED')).toHaveLength(1);
      expect(events[0].runId).not.toBe(started.runId);
    });

    it('of no other session', async () => {
      await running();
      expect((await ask('/events/session-2')).status).toBe(404);
    });

    it('until the one who listens leaves', async () => {
      await running();
      const leave = new AbortController();
      const stream = await ask(`/events/${id}`, { signal: leave.signal });
      leave.abort();
      await expect(stream.text()).rejects.toThrow();
      system.requestStop(id);
      await ended();
      expect(lines.filter(line => line.includes('failed'))).toEqual([]);
    });
  });

  describe('takes', () => {
    it('more input for an agent that reads on, and records it first, a message once', async () => {
      const command = 'while read line; do echo "got $line"; [ "$line" = end ] && exit 0; done';
      await running({ command, keepInputOpen: true }, id, 'first');
      const message = { id: 'm1', role: 'user', content: 'second' };
      const answer = await post('/', {
        threadId: id,
        messages: [{ role: 'user', content: 'first' }, { role: 'assistant', content: 'got first' }, message],
      });
      expect([answer.status, await answer.json()]).toEqual([200, { threadId: id, runId: expect.any(String) }]);
      await post('/', { messages: [message] });
      await until(() => system.said(id).includes('assistant: got second'));
      await post('/', { messages: [{ role: 'user', content: 'end' }] });
      await ended();
      expect(system.said(id)).toEqual([
        'Creating',
        'Running',
        'assistant: got first',
        'user: second',
        'assistant: got second',
        'user: end',
        'assistant: got end',
        'Completed',
      ]);
    });

    it('no input for a command that has read its prompt to the end', async () => {
      await running();
      const answer = await post('/', { messages: [{ role: 'user', content: 'more' }] });
      expect([answer.status, await answer.json()]).toEqual([
        409,
        expect.objectContaining({ kind: 'Error', reason: expect.stringContaining('takes no more input') }),
      ]);
      expect(system.messages(id)).toHaveLength(1);
    });

    it('no input that is none', async () => {
      await running({ command: 'echo ready; cat', keepInputOpen: true });
      expect((await post('/', { messages: [] })).status).toBe(400);
      expect((await post('/')).status).toBe(400);
      expect((await ask('/', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } })).status).toBe(400);
    });

    it('an interrupt, of which a command ends', async () => {
      await running();
      expect((await post('/interrupt')).status).toBe(200);
      await ended();
      expect(system.phase(id)).toBe('Stopped');
      expect(system.condition(id)).toMatchObject({ type: 'Terminated', reason: 'interrupted' });
    });

    it('an interrupt, of which a command thinks better', async () => {
      await running({ command: `trap 'echo broken off; exit 0' INT; ${WAITING}` });
      await post('/interrupt');
      await ended();
      expect(system.said(id).slice(-2)).toEqual(['assistant: broken off', 'Completed']);
    });

    it('feedback, which it records', async () => {
      await running();
      const answer = await post('/feedback', { rating: 'up', comment: 'well done' });
      expect(answer.status).toBe(202);
      expect(system.messages(id).at(-1)).toEqual({
        eventType: 'system',
        payload: 'feedback: {"rating":"up","comment":"well done"}',
      });
      expect((await post('/feedback')).status).toBe(400);
      expect((await post('/feedback', { comment: 'x'.repeat(70_000) })).status).toBe(413);
    });
  });

  it('says what it can do, and what runs', async () => {
    await running();
    expect(await (await ask('/capabilities')).json()).toMatchObject({ framework: 'local', input: false });
    expect(await (await ask('/mcp/status')).json()).toEqual({ servers: [], totalCount: 0 });
    const { tasks, total } = (await (await ask('/tasks')).json()) as any;
    expect(total).toBe(1);
    expect(tasks[0]).toMatchObject({ status: 'running', started_at: system.session(id).start_time });
    expect(await (await ask(`/tasks/${tasks[0].id}/output`)).text()).toBe('ready\n');
    expect((await ask('/tasks/other/output')).status).toBe(404);
    expect((await post('/tasks/other/stop')).status).toBe(404);
    expect((await post(`/tasks/${tasks[0].id}/stop`)).status).toBe(200);
    await ended();
    expect(system.phase(id)).toBe('Stopped');
  });

  describe('shows the working folder', () => {
    it('in which the command runs, for its owner alone', async () => {
      await running({ command: 'pwd; echo made > by-agent.txt; cat > /dev/null; while :; do sleep 0.02; done' });
      expect(system.messages(id)[0]!.payload).toBe(work());
      expect((await stat(work())).mode & 0o777).toBe(0o700);
      await until(async () => (await (await get('by-agent.txt')).text()) === 'made\n');
      const file = await get('by-agent.txt');
      expect(Object.fromEntries(file.headers)).toMatchObject({
        'content-type': 'application/octet-stream',
        'x-content-type-options': 'nosniff',
        'content-disposition': 'attachment',
      });
    });

    it('to read, write, list and delete in', async () => {
      await running();
      const written = await put('a/b c.txt', 'content');
      expect([written.status, await written.json()]).toEqual([200, { path: 'a/b c.txt', size: 7 }]);
      expect(await readFile(work('a/b c.txt'), 'utf8')).toBe('content');
      expect(await (await get('a/b c.txt')).text()).toBe('content');
      expect(await (await ask('/content/list?path=a')).json()).toMatchObject({
        files: [{ name: 'b c.txt', path: 'a/b c.txt', size: 7 }],
      });
      const remove = (path: string) => ask(`/content/delete?path=${path}`, { method: 'DELETE' });
      expect((await remove('a')).status).toBe(204);
      expect((await remove('a')).status).toBe(404);
      expect((await get('a/b%20c.txt')).status).toBe(404);
      expect(await (await ask('/content/list')).json()).toEqual({ files: [] });
    });

    it('whatever the type of what is written', async () => {
      await running();
      for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded', 'nonsense', undefined]) {
        const answer = await ask('/content/write?path=a', {
          method: 'PUT',
          body: Buffer.from('{no json'),
          headers: type === undefined ? {} : { 'content-type': type },
        });
        expect([type, answer.status]).toEqual([type, 200]);
        expect(await (await get('a')).text()).toBe('{no json');
      }
    });

    it('no further than 10 MiB, and keeps nothing of what is larger', async () => {
      await running();
      expect((await put('most', new Uint8Array(MAX_FILE_BYTES))).status).toBe(200);
      expect((await put('more', new Uint8Array(MAX_FILE_BYTES + 1))).status).toBe(413);
      const chunked = new ReadableStream({
        start(controller) {
          for (let at = 0; at <= 10; at++) controller.enqueue(new Uint8Array(1_048_576));
          controller.close();
        },
      });
      expect((await ask('/content/write?path=more', { method: 'PUT', body: chunked, duplex: 'half' })).status).toBe(413);
      expect(await readdir(work())).toEqual(['most']);
    });

    it.each(['..', '../session-2/a', '/etc/passwd', 'a/../../b', './a', 'a//b', '', '.git/config', 'x\0y', String.raw`..\a`])(
      'with no way out by %j',
      async path => {
        await running();
        const query = new URLSearchParams({ path }).toString();
        for (const answer of [
          await get(path),
          await put(path, 'x'),
          await ask(`/content/delete?${query}`, { method: 'DELETE' }),
          ...(path === '' ? [] : [await ask(`/content/list?${query}`), await ask(`/content/git-status?${query}`)]),
        ]) {
          expect(answer.status).toBe(400);
          expect(await answer.text()).not.toContain(temporary.path);
        }
      },
    );

    it('with no way out by two paths', async () => {
      await running();
      expect((await ask('/content/file?path=a&path=../b')).status).toBe(400);
    });

    it('with no way out by a link that its command made', async () => {
      await mkdir(join(temporary.path, 'outside'));
      await writeFile(join(temporary.path, 'outside/secret'), 'not yours');
      const outside = join(temporary.path, 'outside');
      await running({
        command: `ln -s ${outside} link; ln -s ${outside}/secret file; echo ready; cat > /dev/null; while :; do sleep 0.02; done`,
      });
      for (const path of ['file', 'link/secret']) expect((await get(path)).status).toBe(404);
      expect((await put('link/new', 'x')).status).toBe(409);
      expect((await ask('/content/delete?path=link/secret', { method: 'DELETE' })).status).toBe(404);
      expect(await (await ask('/content/list?path=link')).json()).toEqual({ files: [] });
      expect(await readdir(outside)).toEqual(['secret']);
    });

    it('as the one it is, when its command puts another in its place', async () => {
      await mkdir(join(temporary.path, 'outside'));
      await writeFile(join(temporary.path, 'outside/secret'), 'not yours');
      const outside = join(temporary.path, 'outside');
      await running({
        command: `mv "$PWD" "$PWD-moved"; ln -s ${outside} ${work()}; echo ready; cat > /dev/null; while :; do sleep 0.02; done`,
      });
      expect((await get('secret')).status).toBe(404);
      await put('new', 'x');
      expect(await readdir(outside)).toEqual(['secret']);
      expect(await readdir(work() + '-moved')).toEqual(['new']);
    });

    it('with its git repositories', async () => {
      const repos = JSON.stringify([
        { name: 'cloned', url: 'https://example.org/cloned.git', branch: 'main' },
        { name: 'missing', url: 'https://example.org/missing.git', branch: 'main' },
      ]);
      system.add(id, '', { repos });
      await running();
      expect(await (await ask('/content/git-status')).json()).toEqual({ modified: [], staged: [], untracked: [] });
      expect(await (await ask('/content/git-list-branches')).json()).toEqual([]);
      expect((await post('/content/git-configure-remote', { remoteUrl: 'https://example.org/a.git' })).status).toBe(409);
      spawnSync('git', ['init', '--initial-branch=trunk', work('cloned')]);
      await put('cloned/a.txt', 'x');
      expect(await (await ask('/content/git-status?path=cloned')).json()).toEqual({
        modified: [],
        staged: [],
        untracked: ['a.txt'],
      });
      expect(await (await ask('/repos/status')).json()).toEqual([
        { name: 'cloned', url: 'https://example.org/cloned.git', branch: 'main', cloned: true, currentBranch: 'trunk' },
        { name: 'missing', url: 'https://example.org/missing.git', branch: 'main', cloned: false },
      ]);
      const configure = (remoteUrl: unknown) => post('/content/git-configure-remote', { path: 'cloned', remoteUrl });
      expect((await configure('https://example.org/b.git')).status).toBe(200);
      for (const url of ['ext::sh -c evil', '--upload-pack=evil', 7, undefined]) expect((await configure(url)).status).toBe(400);
    });
  });

  describe('hands over', () => {
    it('what was staged, before the command starts', async () => {
      await staged.put(id, 'data/a.csv', piecesOf('1,2'));
      await start({ command: 'cat file-uploads/data/a.csv; cat' });
      system.start(id, 'go');
      await ended();
      expect(system.messages(id).map(({ payload }) => payload)).toEqual(['1,2go']);
    });

    it('nothing through a link that an earlier run left in its way, and says so', async () => {
      await staged.put(id, 'a.txt', piecesOf('x'));
      await mkdir(work(), { recursive: true });
      await symlink(temporary.path, work('file-uploads'));
      await start();
      system.start(id);
      await ended();
      expect(system.condition(id)).toMatchObject({
        reason: 'runtime_error',
        message: expect.stringContaining('something else than a folder'),
      });
      expect(await readdir(temporary.path)).not.toContain('a.txt');
    });
  });

  it('leaves nothing of a session that was deleted while it ran', async () => {
    await running();
    await staged.put(id, 'a.txt', piecesOf('x'));
    await put('b.txt', 'x');
    system.delete(id);
    system.signal('SessionDeleted', id);
    await until(async () => (await readdir(join(temporary.path, 'sessions'))).length === 0);
    expect(await readdir(join(temporary.path, 'staged-files'))).toEqual([]);
    expect((await ask('/capabilities')).status).toBe(502);
  });

  it('has a token that tells nothing of the key, and is another for each session', () => {
    const tokens = ['a', 'b', 'session-1', 'session-2'].map(session => sessionToken(KEY, session));
    expect(new Set(tokens).size).toBe(4);
    for (const token of tokens) expect(token).toMatch(/^[\w-]{43}$/);
  });
});
