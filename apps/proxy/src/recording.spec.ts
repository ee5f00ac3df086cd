/** What the audit hears of, and what happens when it can't. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { matches, ProxyDecision } from '#contracts';
import { API, as, auth, PROJECT, startBench, until, type Bench } from '../testing/bench.js';
import { dial, exchangeRaw } from '../testing/raw.js';

let bench: Bench;
const start = async (config: Parameters<typeof startBench>[0] = {}) => {
  bench = await startBench(config);
};
beforeEach(() => start());
afterEach(() => bench.close());
const restart = async (config: Parameters<typeof startBench>[0]) => {
  await bench.close();
  await start(config);
};

const PERMISSIONS = `/api/projects/${PROJECT}/permissions`;
const send = (path: string, method = 'GET', headers: Record<string, string> = as('project:owner'), body?: string) =>
  fetch(bench.url + path, { method, headers, ...(body === undefined ? {} : { body }) });
const recorded = async (count: number) => {
  await until(() => bench.audit.decisions.length >= count);
  expect(bench.audit.decisions).toHaveLength(count);
  for (const decision of bench.audit.decisions) expect(matches(ProxyDecision, decision)).toBe(true);
  return bench.audit.decisions;
};

describe('a request that passes', () => {
  it('is recorded with who, what, where, and what it came to', async () => {
    await (
      await send(`${PERMISSIONS}?secret=value`, 'POST', { ...as('project:owner'), 'x-operation-id': 'op-1' }, '12345')
    ).text();
    expect(await recorded(1)).toEqual([
      {
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        user: 'project:owner',
        actor_kind: 'user',
        group: 'project-configuration',
        method: 'POST',
        path_template: '/api/projects/{project_id}/permissions',
        parameters: { project_id: PROJECT },
        project_id: PROJECT,
        decision: 'allowed',
        rule: 'needs owner',
        status: 200,
        bytes_in: 5,
        bytes_out: JSON.stringify({ name: 'backend', body: '12345' }).length,
        duration_ms: expect.any(Number),
        upstream: 'backend',
        operation_id: 'op-1',
      },
    ]);
    expect(JSON.stringify(bench.audit.batches)).not.toMatch(/value|token-of/);
  });

  it('is recorded without a user where none is asked for, and with the kind of one that is no user', async () => {
    await send('/oauth2callback?code=secret-code', 'GET', auth);
    await send(`/api/projects/${PROJECT}/agentic-sessions/s/runner/feedback`, 'POST', as('runtime'));
    const [callback, feedback] = await recorded(2);
    expect(callback).not.toHaveProperty('user');
    expect(callback).toMatchObject({ rule: 'needs public', path_template: '/oauth2callback', parameters: {} });
    expect(feedback).toMatchObject({
      user: 'runtime',
      actor_kind: 'runtime',
      rule: 'needs runtime',
      parameters: { session_id: 's' },
    });
    expect(JSON.stringify(bench.audit.batches)).not.toContain('secret-code');
  });

  it('is recorded also when nothing comes back', async () => {
    await bench.backend.stop();
    expect((await send(PERMISSIONS)).status).toBe(502);
    expect(await recorded(1)).toMatchObject([{ decision: 'allowed', status: 502, upstream: 'backend' }]);
  });

  it('is recorded also when the client leaves before the answer', async () => {
    let asked = false;
    bench.backend.answer = () => void (asked = true);
    const request = httpRequest(bench.url + PERMISSIONS, { headers: as('project:owner'), agent: false }).end();
    const left = once(request, 'error');
    await until(() => asked);
    request.destroy();
    await left;
    expect(await recorded(1)).toMatchObject([{ decision: 'allowed', status: 499, bytes_out: 0 }]);
  });

  it('to a service of the project is not: that keeps its own history', async () => {
    await send(`${API}/projects`);
    await send('/healthz');
    await send(PERMISSIONS);
    expect(await recorded(1)).toMatchObject([{ group: 'project-configuration' }]);
  });
});

describe('a request that is refused', () => {
  it.each<[string, string, string, Record<string, string>, object]>([
    ['without a token', 'GET', PERMISSIONS, {}, { status: 401, rule: 'authentication', group: 'project-configuration' }],
    ['with a wrong token', 'GET', `${API}/projects`, { authorization: 'Bearer wrong' }, { status: 401, group: 'native' }],
    ['for want of a role, by one who may read', 'PUT', PERMISSIONS, as('project:viewer'), { status: 403, rule: 'needs owner' }],
    ['for want of any role', 'PUT', PERMISSIONS, as('nobody'), { status: 404, rule: 'needs owner', user: 'nobody' }],
    ['for its path', 'GET', '/api/projects/blue/nothing', as('nobody'), { status: 404, rule: 'route', parameters: {} }],
    ['for its method', 'PATCH', PERMISSIONS, as('project:owner'), { status: 405, rule: 'method' }],
    ['for its target', 'GET', '/api/projects/a%2fb/permissions', as('nobody'), { status: 400, rule: 'target', user: 'nobody' }],
    ['for its target, of a native route', 'GET', `${API}//projects`, as('nobody'), { status: 400, rule: 'target' }],
  ])('%s is recorded', async (_name, method, path, headers, expected) => {
    await send(path, method, headers);
    expect(await recorded(1)).toMatchObject([{ decision: 'denied', bytes_in: 0, bytes_out: 0, method, ...expected }]);
    expect(bench.audit.decisions[0]).not.toHaveProperty('upstream');
    expect(JSON.stringify(bench.audit.decisions)).not.toMatch(/wrong|token-of|a%2fb/);
  });

  it.each([
    ['a length that is no number', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: secret\r\n\r\n'],
    ['a length beside chunks', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\nsecret'],
    ['a head that is too large', `GET / HTTP/1.1\r\nHost: x\r\nX-A: ${'secret'.repeat(10_000)}\r\n\r\n`],
    ['another protocol', 'secret\r\n\r\n'],
  ])('since it can not be read at all, for %s, is recorded, and nothing that it said', async (_what, text) => {
    const { status, body } = await exchangeRaw(bench.url, text);
    const { operation_id } = JSON.parse(body) as { operation_id: string };
    expect(await recorded(1)).toMatchObject([
      { decision: 'denied', rule: 'protocol', method: '-', parameters: {}, status, operation_id },
    ]);
    expect(JSON.stringify(bench.audit.decisions)).not.toContain('secret');
  });

  it('since it can not be read is not recorded without bounds', async () => {
    await restart({ limits: { failures: { perSecond: 0.001, burst: 3 } } });
    for (let n = 0; n < 10; n += 1) expect((await exchangeRaw(bench.url, 'nonsense\r\n\r\n')).status).toBe(400);
    // The bucket is empty after three, and one more says that it is.
    expect(await recorded(4)).toHaveLength(4);
    expect(await (await send('/metrics')).text()).toMatch(/^ambient_proxy_denials_total\{rule="protocol"\} 10$/m);
  });

  it('in the middle of its body, has one record', async () => {
    const head = `POST /api/projects/${PROJECT}/agentic-sessions/s/runner/feedback HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n`;
    await exchangeRaw(bench.url, `${head}Authorization: ${as('runtime').authorization}\r\n\r\n3\r\nabc\r\nnonsense\r\n`);
    expect(await recorded(1)).toMatchObject([{ decision: 'allowed', method: 'POST' }]);
  });

  it('is not, when a connection ends that never said anything', async () => {
    const socket = dial(bench.url);
    await once(socket, 'connect');
    socket.end();
    await once(socket.resume(), 'close');
    expect(bench.audit.decisions).toEqual([]);
  });
});

describe('when the audit can not be written', () => {
  it('passthrough stops after a while with 503, native routes go on, and all of it is recorded afterwards, in order', async () => {
    await restart({ audit: { lingerMs: 5, retryMs: 5, patienceMs: 200 } });
    bench.audit.failing = true;
    const ids: string[] = [];
    const pass = async () => {
      ids.push(`op-${ids.length}`);
      return (await send(PERMISSIONS, 'GET', { ...as('project:owner'), 'x-operation-id': ids.at(-1)! })).status;
    };
    expect(await pass()).toBe(200);
    let status = 200;
    while (status === 200) status = await pass();
    expect(status).toBe(503);
    const asked = bench.backend.seen.length;
    expect(await pass()).toBe(503);
    expect(bench.backend.seen).toHaveLength(asked);
    expect((await send(`${API}/projects`)).status).toBe(200);
    bench.audit.failing = false;
    status = 503;
    while (status === 503) status = await pass();
    expect(status).toBe(200);
    const decisions = await recorded(ids.length);
    expect(decisions.map(({ operation_id }) => operation_id)).toEqual(ids);
    expect(new Set(bench.audit.batches.map(({ id }) => id)).size).toBe(bench.audit.batches.length);
    expect(decisions.filter(({ rule }) => rule === 'audit')[0]).toMatchObject({ decision: 'denied', status: 503 });
  });

  it('the metrics tell', async () => {
    await restart({ audit: { lingerMs: 5, retryMs: 5, patienceMs: 0 } });
    bench.audit.failing = true;
    await send(PERMISSIONS);
    const metrics = await (await send('/metrics')).text();
    expect(metrics).toMatch(/^ambient_proxy_audit_open 0$/m);
    expect(metrics).toMatch(/^ambient_proxy_audit_pending 1$/m);
  });
});

it('what is left is recorded when the proxy closes', async () => {
  await restart({ audit: { lingerMs: 60_000 } });
  await send(PERMISSIONS);
  expect(bench.audit.decisions).toEqual([]);
  await bench.close();
  expect(bench.audit.decisions).toHaveLength(1);
  await start();
});
