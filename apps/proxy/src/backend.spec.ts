/** The backend passthrough: who may, what goes over, what comes back. Cases come from the table, so that no row is forgotten. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Need } from '#contracts';
import {
  as,
  auth,
  BACKEND_TOKEN,
  CALLER_NAMES,
  PROJECT,
  startBench,
  until,
  type Bench,
  type CallerName,
} from '../testing/bench.js';
import { exchangeRaw } from '../testing/raw.js';
import { BACKEND_ROWS } from './rows/backend.js';
import type { Row } from './rows/index.js';

let bench: Bench;
const open = { perSecond: 0, burst: 0 };
beforeAll(async () => {
  bench = await startBench({ limits: { strangers: open, failures: open } });
});
afterAll(() => bench.close());
const echo = () => ({ answer: bench.backend.answer });
let original: ReturnType<typeof echo>;
beforeAll(() => void (original = echo()));
beforeEach(() => {
  bench.backend.seen.length = 0;
  bench.backend.answer = original.answer;
  bench.audit.batches.length = 0;
});

const filled = ({ template }: Row, project = PROJECT) =>
  template
    .replace('{project_id}', project)
    .replace('{rest*}', 'one/two')
    .replaceAll(/\{\w+\}/g, 'x');
const send = (row: Row, headers: Record<string, string>, project = PROJECT) =>
  fetch(`${bench.url}${filled(row, project)}?q=1`, { method: row.method, headers, redirect: 'manual' });
const named = (rows: readonly Row[]) => rows.map(row => [`${row.method} ${row.template}`, row] as const);

/** What each caller meets in the project, and what anywhere. Not the code under test. */
const MEETS: Record<CallerName, readonly Need[]> = {
  'platform:admin': ['public', 'user', 'viewer', 'editor', 'owner', 'runtime'],
  'platform:viewer': ['public', 'user', 'viewer'],
  'project:owner': ['public', 'user', 'viewer', 'editor', 'owner'],
  'project:editor': ['public', 'user', 'viewer', 'editor'],
  'project:viewer': ['public', 'user', 'viewer'],
  runtime: ['public', 'user', 'viewer', 'runtime'],
  nobody: ['public', 'user'],
};
const EVERYWHERE: readonly CallerName[] = ['platform:admin', 'platform:viewer', 'runtime'];

function expected(caller: CallerName, { needs, method }: Row, project: string): number {
  const meets = project === PROJECT || EVERYWHERE.includes(caller) ? MEETS[caller] : MEETS.nobody;
  if (meets.includes(needs)) return 200;
  const isRead = method === 'GET' || method === 'HEAD';
  return !isRead && meets.includes('viewer') ? 403 : 404;
}

describe.each(CALLER_NAMES)('%s', caller => {
  describe.each([PROJECT, 'foreign'])('in the project %s', project => {
    it.each(named(BACKEND_ROWS))('%s', async (_name, row) => {
      const response = await send(row, as(caller), project);
      const status = expected(caller, row, project);
      expect(response.status).toBe(status);
      expect(bench.backend.seen).toHaveLength(status === 200 ? 1 : 0);
      if (status === 200) expect(bench.backend.seen[0]).toMatchObject({ method: row.method, url: `${filled(row, project)}?q=1` });
      else if (row.method !== 'HEAD') expect(await response.json()).toMatchObject({ kind: 'Error', status });
    });
  });
});

describe('without a token', () => {
  it.each(named(BACKEND_ROWS))('%s', async (_name, row) => {
    const response = await send(row, {});
    expect(response.status).toBe(row.needs === 'public' ? 200 : 401);
    expect(bench.backend.seen).toHaveLength(row.needs === 'public' ? 1 : 0);
    if (row.needs !== 'public') expect(response.headers.get('www-authenticate')).toMatch(/^Bearer/);
  });

  it.each(['GET', 'DELETE'])('%s of a path in no row, or by another method, is 401 too', async method => {
    for (const path of ['/api/projects/blue/nothing', '/api/version/', '/api/cluster-info', '/oauth2callback/status']) {
      const response = await fetch(bench.url + path, { method });
      const isOpen = method === 'GET' && (path === '/api/cluster-info' || path === '/oauth2callback/status');
      expect([path, response.status]).toEqual([path, isOpen ? 200 : 401]);
    }
  });
});

describe('without a backend', () => {
  it.each(named(BACKEND_ROWS))('%s is 503, once it is permitted', async (_name, row) => {
    const alone = await startBench({ backendUrl: undefined, limits: { strangers: open } });
    const response = await fetch(alone.url + filled(row), { method: row.method, headers: auth });
    expect(response.status).toBe(503);
    if (row.needs !== 'public') expect((await fetch(alone.url + filled(row), { method: row.method })).status).toBe(401);
    await alone.close();
  });
});

const PERMISSIONS = `/api/projects/${PROJECT}/permissions`;
const get = (headers: Record<string, string> = {}, path = PERMISSIONS) =>
  fetch(bench.url + path, { headers: { ...as('project:owner'), ...headers }, redirect: 'manual' });

describe('what goes over', () => {
  it('is vouched for by the proxy: its own credential, and who the caller is', async () => {
    await get({ 'x-operation-id': 'op-1', 'user-agent': 'test/1', accept: 'text/x', 'if-none-match': '"1"' });
    expect(bench.backend.seen[0]?.headers).toEqual({
      host: new URL(bench.backend.url).host,
      accept: 'text/x',
      'accept-encoding': expect.any(String),
      'accept-language': '*',
      'if-none-match': '"1"',
      'user-agent': 'test/1',
      authorization: `Bearer ${BACKEND_TOKEN}`,
      'x-ambient-user': 'project:owner',
      'x-ambient-roles': 'project:owner',
      forwarded: 'for=127.0.0.1;proto=http',
      'x-operation-id': 'op-1',
      traceparent: expect.stringMatching(/^00-/),
      // Of the test's own client.
      'cache-control': 'no-cache',
      pragma: 'no-cache',
    });
  });

  it('without authentication says of no one who it is, and at the OAuth callback not even who asks', async () => {
    await get({ 'x-ambient-user': 'root' }, '/api/version');
    await get({ 'x-ambient-user': 'root', cookie: 'a=1' }, '/oauth2callback?code=c&state=s');
    const [version, callback] = bench.backend.seen;
    expect(version?.headers).not.toHaveProperty('x-ambient-user');
    expect(version?.headers.authorization).toBe(`Bearer ${BACKEND_TOKEN}`);
    expect(callback?.url).toBe('/oauth2callback?code=c&state=s');
    for (const name of ['authorization', 'cookie', 'x-ambient-user', 'x-ambient-roles']) {
      expect(callback?.headers).not.toHaveProperty(name);
    }
  });

  it('is nothing that is not on the list, and no twin of a name that counts', async () => {
    const forged = {
      cookie: 'session=1',
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil.example',
      'x-forwarded-access-token': 'x',
      'x-forwarded-user': 'root',
      'x-remote-user': 'root',
      'x-ambient-user': 'root',
      'x-ambient-roles': 'platform:admin',
      'x-ambient-session-token': 'x',
      'x-real-ip': '1.2.3.4',
      'x-original-url': '/admin',
      'x-http-method-override': 'DELETE',
      'x-anything': '1',
      x_ambient_user: 'root',
      content_length: '7',
      authorization_: 'x',
    };
    await get(forged);
    const { headers } = bench.backend.seen[0]!;
    const counts = {
      forwarded: 'for=127.0.0.1;proto=http',
      'x-ambient-user': 'project:owner',
      'x-ambient-roles': 'project:owner',
    };
    expect(headers).toMatchObject(counts);
    for (const name of Object.keys(forged)) if (!(name in counts)) expect(headers).not.toHaveProperty(name);
    expect(JSON.stringify(bench.backend.seen)).not.toMatch(/1\.2\.3\.4|evil|root|token-of-project/);
  });

  it('still has what a Connection header names of ours', async () => {
    await exchangeRaw(
      bench.url,
      [
        `GET ${PERMISSIONS} HTTP/1.1`,
        'Host: evil.example',
        `Authorization: ${as('project:owner').authorization}`,
        'Connection: close, X-Ambient-User, X-Ambient-Roles, Authorization, Forwarded, X-Operation-ID, Accept',
        'Accept: text/x',
        '',
        '',
      ].join('\r\n'),
    );
    const { headers } = bench.backend.seen[0]!;
    expect(headers).toMatchObject({
      host: new URL(bench.backend.url).host,
      'x-ambient-user': 'project:owner',
      authorization: `Bearer ${BACKEND_TOKEN}`,
      forwarded: expect.any(String),
    });
    expect(headers).not.toHaveProperty('accept');
    expect(JSON.stringify(bench.backend.seen)).not.toContain('evil');
  });

  it('is the body as it came, with or without a length', async () => {
    const bytes = Buffer.from([0, 1, 2, 255, 13, 10]);
    const post = (body: NonNullable<RequestInit['body']>, extra = {}) =>
      fetch(bench.url + PERMISSIONS, { method: 'POST', headers: as('project:owner'), body, ...extra });
    const received: Buffer[] = [];
    bench.backend.answer = (request, response) => {
      const pieces: Buffer[] = [];
      request
        .on('data', piece => pieces.push(piece))
        .on('end', () => {
          received.push(Buffer.concat(pieces));
          response.end();
        });
    };
    await post(bytes);
    await post(new Blob([bytes]).stream(), { duplex: 'half' });
    expect(received).toEqual([bytes, bytes]);
    expect(bench.backend.seen[0]?.headers).toMatchObject({ 'content-length': '6' });
    expect(bench.backend.seen[1]?.headers).toMatchObject({ 'transfer-encoding': 'chunked' });
  });

  it('is 413 beyond 10 MiB, however it is framed, and the backend has no whole request', async () => {
    const body = new Blob([Buffer.alloc(10 * 1_048_576 + 1)]);
    const whole: boolean[] = [];
    bench.backend.answer = (request, response) => {
      request
        .resume()
        .on('close', () => whole.push(request.complete))
        .on('end', () => response.end());
    };
    const post = (given: NonNullable<RequestInit['body']>, extra = {}) =>
      fetch(bench.url + PERMISSIONS, { method: 'POST', headers: as('project:owner'), body: given, ...extra });
    expect((await post(body)).status).toBe(413);
    expect(bench.backend.seen).toHaveLength(0);
    expect((await post(body.stream(), { duplex: 'half' }).catch(() => ({ status: 413 }))).status).toBe(413);
    await until(() => whole.length > 0);
    expect(whole).toEqual([false]);
  });
});

describe('what comes back', () => {
  it('has no cookies and no word about the proxy’s origin, and the rest as it was', async () => {
    bench.backend.answer = (_request, response) =>
      response
        .writeHead(418, {
          'set-cookie': ['a=1', 'b=2'],
          'access-control-allow-origin': '*',
          'access-control-allow-credentials': 'true',
          'alt-svc': 'h3=":443"',
          connection: 'x-inner',
          'x-inner': '1',
          x_twin: '1',
          'x-operation-id': 'theirs',
          'x-other': '2',
          'content-type': 'text/x',
        })
        .end('tea');
    const response = await get({ 'x-operation-id': 'ours' });
    expect([response.status, await response.text()]).toEqual([418, 'tea']);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'x-other': '2',
      'content-type': 'text/x',
      'x-operation-id': 'ours',
    });
    for (const name of [
      'set-cookie',
      'access-control-allow-origin',
      'access-control-allow-credentials',
      'alt-svc',
      'x-inner',
      'x_twin',
    ]) {
      expect(response.headers.has(name)).toBe(false);
    }
  });

  it('is a redirect as it is, also one to an inner address', async () => {
    for (const location of [`${bench.command.url}/inner`, 'http://169.254.169.254/latest/meta-data', '/elsewhere']) {
      bench.backend.answer = (_request, response) => response.writeHead(307, { location }).end();
      const response = await get();
      expect([response.status, response.headers.get('location')]).toEqual([307, location]);
    }
    expect(bench.command.seen).toEqual([]);
  });

  it('to HEAD is a head', async () => {
    bench.backend.answer = (_request, response) => response.writeHead(200, { 'content-length': '5' }).end();
    const url = `${bench.url}/api/projects/${PROJECT}/agentic-sessions/s`;
    const response = await fetch(url, { method: 'HEAD', headers: as('project:viewer') });
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '5', '']);
    bench.backend.answer = original.answer;
    expect((await fetch(url, { headers: as('project:viewer') })).status).toBe(200);
  });

  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok!'],
    ['a length and chunks', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['a header that breaks the line', 'HTTP/1.1 200 OK\r\nX-A: 1\rX-B: 2\r\nContent-Length: 0\r\n\r\n'],
    ['an upgrade that no one asked for', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'],
    ['nonsense', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('with %s is 502, and its connection is not used again', async (_name, answer) => {
    bench.backend.answer = request => request.socket.write(answer);
    expect((await get()).status).toBe(502);
    bench.backend.answer = original.answer;
    expect((await get()).status).toBe(200);
  });

  it('behind its end is never taken for the next answer', async () => {
    bench.backend.answer = request =>
      request.socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged');
    await get().then(
      response => response.text(),
      () => undefined,
    );
    bench.backend.answer = original.answer;
    expect(await (await get()).text()).not.toContain('forged');
  });
});
