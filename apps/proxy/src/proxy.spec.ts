import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BASE_PATH, fullPath, ROUTES } from '#contracts';
import { API, auth, startBench, testAuthenticator, TOKEN, type Bench } from '../testing/bench.js';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => {
  bench.command.seen.length = 0;
  bench.query.seen.length = 0;
});

const get = (path: string, headers: Record<string, string> = auth) => fetch(bench.url + path, { headers, redirect: 'manual' });
const filled = (template: string) => template.replaceAll(/\{\w+\}/g, 'a%20b');

async function expectProblem(response: Response, status: number, number = status): Promise<string> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const envelope = (await response.json()) as Record<string, string>;
  expect(envelope).toMatchObject({ kind: 'Error', id: String(number), status, code: `ambient-api-server-${number}` });
  expect(envelope['operation_id']).toBe(response.headers.get('x-operation-id'));
  return envelope['reason']!;
}

describe('native routes', () => {
  it.each(ROUTES.map(route => [route.method, fullPath(route), route] as const))(
    'pass %s %s to the service of the row',
    async (method, path, route) => {
      const response = await fetch(`${bench.url}${filled(path)}?x=1%2F2&x=%25`, {
        method,
        headers: route.needs === 'public' ? {} : auth,
        ...(method === 'GET' ? {} : { body: '{"a":1}' }),
      });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ name: route.service, body: method === 'GET' ? '' : '{"a":1}' });
      expect(response.headers.get('etag')).toBe('"7"');
      const [seen] = [...bench.command.seen, ...bench.query.seen];
      expect(seen).toMatchObject({ method, url: `${filled(path)}?x=1%2F2&x=%25` });
      expect(seen?.headers.authorization).toBe(route.needs === 'public' ? undefined : auth.authorization);
    },
  );

  it.each(ROUTES.filter(route => route.needs !== 'public').map(route => [route.method, fullPath(route)]))(
    'refuse %s %s without a token',
    async (method, path) => {
      const response = await fetch(bench.url + filled(path), { method });
      await expectProblem(response, 401, 15);
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="ambient"');
      expect([...bench.command.seen, ...bench.query.seen]).toEqual([]);
    },
  );
});

describe('a path that is not in the table', () => {
  it.each(['/', '/api', BASE_PATH, `${API}/nothing`, `${API}/projects/`, `${API}/projects/a/b`, '/healthz/', '/admin'])(
    '%s is 404 with a token and 401 without',
    async path => {
      expect(await expectProblem(await get(path), 404, 7)).toBe('there is nothing at this path');
      expect(await expectProblem(await get(path, {}), 401, 15)).toContain('authentication is required');
    },
  );

  it.each([
    ['PUT', `${API}/projects/a`, 'GET, PATCH, DELETE'],
    ['HEAD', `${API}/projects`, 'GET, POST'],
    ['OPTIONS', `${API}/projects`, 'GET, POST'],
    ['POST', '/healthz', 'GET'],
  ])('with the method %s at %s is 405 with Allow', async (method, path, allow) => {
    const response = await fetch(bench.url + path, { method, headers: auth });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe(allow);
    expect((await fetch(bench.url + path, { method })).status).toBe(401);
  });
});

describe('tokens', () => {
  it('that do not hold are 401 and never repeated', async () => {
    const response = await get(`${API}/projects`, { authorization: 'Bearer not-the-right-token' });
    const body = await response.clone().text();
    await expectProblem(response, 401, 15);
    expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(body).not.toContain('not-the-right-token');
  });

  it('in X-Forwarded-Access-Token count only where trusted, and then go on as Authorization', async () => {
    const headers = { 'x-forwarded-access-token': TOKEN };
    await expectProblem(await get(`${API}/projects`, headers), 401, 15);
    const trusting = await startBench({ authenticator: testAuthenticator(true) });
    expect((await fetch(`${trusting.url}${API}/projects`, { headers })).status).toBe(200);
    expect(trusting.query.seen[0]?.headers).toMatchObject(auth);
    expect(trusting.query.seen[0]?.headers).not.toHaveProperty('x-forwarded-access-token');
    await trusting.close();
  });
});

describe('headers', () => {
  it('of a client that could deceive a service do not pass', async () => {
    const forged = {
      cookie: 'a=1',
      forwarded: 'for=1.2.3.4',
      'x-forwarded-for': '1.2.3.4',
      'x-forwarded-host': 'evil.example',
      'x-remote-user': 'root',
      'x-remote-group': 'system:masters',
      'x-ambient-user': 'root',
      'x-ambient-roles': 'platform:admin',
      x_ambient_user: 'root',
      authorization_: 'x',
      x_forwarded_for: '1.2.3.4',
    };
    await get(`${API}/projects`, { ...auth, ...forged, 'x-ambient-project': 'red', 'idempotency-key': 'k' });
    const { headers } = bench.query.seen[0]!;
    for (const name of Object.keys(forged)) expect(headers).not.toHaveProperty(name);
    expect(headers).toMatchObject({ 'x-ambient-project': 'red', 'idempotency-key': 'k', host: new URL(bench.query.url).host });
  });

  it('carry a trace on, or begin one', async () => {
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await get(`${API}/projects`, { ...auth, traceparent });
    await get(`${API}/projects`, { ...auth, traceparent: '00-00000000000000000000000000000000-00f067aa0ba902b7-01' });
    expect(bench.query.seen[0]?.headers['traceparent']).toBe(traceparent);
    expect(bench.query.seen[1]?.headers['traceparent']).toMatch(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
  });

  it.each([
    ['my-operation.1', true],
    ['x'.repeat(128), true],
    ['x'.repeat(129), false],
    ['with space', false],
    ['"quoted"', false],
  ])('name the operation: of the client %j kept is %s', async (id, kept) => {
    const response = await get(`${API}/projects`, { ...auth, 'x-operation-id': id });
    const answered = response.headers.get('x-operation-id');
    expect(answered === id).toBe(kept);
    expect(answered).toMatch(/^[\w.:-]{1,128}$/);
    expect(bench.query.seen[0]?.headers['x-operation-id']).toBe(answered);
  });

  it('of a redirect are passed on, and it is not followed', async () => {
    const echo = bench.query.answer;
    bench.query.answer = (_request, response) => response.writeHead(302, { location: `${bench.command.url}/inner` }).end();
    const response = await get(`${API}/projects`);
    bench.query.answer = echo;
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(`${bench.command.url}/inner`);
    expect(bench.command.seen).toEqual([]);
  });
});

describe('CORS', () => {
  const origin = 'https://ui.example';
  const preflight = (url: string, from = origin) =>
    fetch(`${url}${API}/projects`, { method: 'OPTIONS', headers: { origin: from, 'access-control-request-method': 'PATCH' } });

  it('is off by default', async () => {
    expect((await preflight(bench.url)).status).toBe(401);
    expect((await get(`${API}/projects`, { ...auth, origin })).headers.get('access-control-allow-origin')).toBeNull();
  });

  it('lets the configured origins in, errors included', async () => {
    const open = await startBench({ corsOrigins: [origin, 'https://other.example'] });
    const allowed = await preflight(open.url);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST, PUT, PATCH, DELETE');
    expect((await preflight(open.url, 'https://evil.example')).headers.get('access-control-allow-origin')).toBeNull();
    for (const headers of [{ ...auth, origin }, { origin }]) {
      const response = await fetch(`${open.url}${API}/projects`, { headers });
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('vary')).toContain('Origin');
    }
    await open.close();
  });
});

describe('its own routes', () => {
  it('tell that it is alive', async () => {
    const response = await get('/healthz', {});
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
    expect(response.headers.get('x-operation-id')).toMatch(/./);
  });

  it('tell whether both services are there, and which is not', async () => {
    const half = await startBench();
    expect((await fetch(`${half.url}/readyz`)).status).toBe(200);
    await half.close();
    const alone = await startBench({ queryApiUrl: 'http://127.0.0.1:9' });
    expect(await expectProblem(await fetch(`${alone.url}/readyz`), 503)).toBe('not ready: no answer from the query API');
    expect((await fetch(`${alone.url}/healthz`)).status).toBe(200);
    await alone.close();
  });

  it('count the requests', async () => {
    await get(`${API}/projects`);
    const metrics = await (await get('/metrics')).text();
    expect(metrics).toMatch(/ambient_proxy_requests_total\{group="native",to="query",method="GET",status="200"\} [1-9]/);
  });
});
