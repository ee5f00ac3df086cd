/** How much one may ask, how long one may take, and what becomes of those who do more. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { API, as, auth, PROJECT, startBench, TOKEN, until, type Bench } from '../testing/bench.js';
import { dial, parseAnswer } from '../testing/raw.js';
import { ROWS } from './rows/index.js';

const MIB = 1_048_576;
const PERMISSIONS = `/api/projects/${PROJECT}/permissions`;
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
const get = (path: string, headers: Record<string, string> = auth) => fetch(bench.url + path, { headers });
const open = (path = PERMISSIONS, method = 'GET') => httpRequest(bench.url + path, { method, headers: auth, agent: false });
const answerTo = async (request: ReturnType<typeof open>): Promise<IncomingMessage> =>
  ((await once(request, 'response')) as [IncomingMessage])[0];
const statuses = async (count: number, ask: () => Promise<Response>) => {
  const all: number[] = [];
  for (let n = 0; n < count; n++) all.push((await ask()).status);
  return all;
};
const metric = async (pattern: RegExp) => expect(await (await get('/metrics')).text()).toMatch(pattern);

describe('requests a second', () => {
  it('of one user have a limit where one is set, and others keep theirs', async () => {
    await restart({ limits: { callers: { perSecond: 0.001, burst: 2 } } });
    expect(await statuses(3, () => get(PERMISSIONS, as('project:owner')))).toEqual([200, 200, 429]);
    expect(await statuses(3, () => get(`${API}/projects`, as('project:viewer')))).toEqual([200, 200, 429]);
    const refused = await get(PERMISSIONS, as('project:owner'));
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ kind: 'Error', id: '429', code: 'ambient-api-server-429' });
  });

  it('of a user that are refused are told once, so that no one can fill the audit', async () => {
    await restart({ limits: { callers: { perSecond: 0.001, burst: 1 } } });
    await statuses(20, () => get(PERMISSIONS, as('project:owner')));
    await bench.close();
    expect(bench.audit.decisions.map(({ status }) => status)).toEqual([200, 429]);
    await start();
  });

  it('at the OAuth callback have a limit by address', async () => {
    await restart({ limits: { strangers: { perSecond: 0.001, burst: 3 } } });
    expect(await statuses(4, () => get('/oauth2callback?code=c', {}))).toEqual([200, 200, 200, 429]);
    expect(await statuses(4, () => get('/api/version', {}))).toEqual([200, 200, 200, 200]);
  });

  it('that do not authenticate have a limit by address, which does no harm to those that do', async () => {
    await restart({ limits: { failures: { perSecond: 0.001, burst: 2 } } });
    expect(await statuses(4, () => get(PERMISSIONS, {}))).toEqual([401, 401, 429, 429]);
    expect((await get(PERMISSIONS)).status).toBe(200);
    await metric(/ambient_proxy_denials_total\{rule="rate"\} 2/);
  });
});

describe('connections', () => {
  it('beyond the limit are closed at once, and counted', async () => {
    await restart({ limits: { maxConnections: 2 } });
    const first = dial(bench.url);
    const second = dial(bench.url);
    await Promise.all([once(first, 'connect'), once(second, 'connect')]);
    const third = dial(bench.url);
    third.on('error', () => undefined).resume();
    await once(third, 'close');
    second.destroy();
    await once(second, 'close');
    first.write(`GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`);
    let text = '';
    for await (const piece of first.setEncoding('latin1')) text += piece;
    expect(parseAnswer(text).body).toMatch(/ambient_proxy_connections_dropped_total 1/);
  });
});

describe('a client', () => {
  it('that stops in the middle of a body is given up, also at the backend', async () => {
    await restart({ limits: { idleMs: 100 } });
    let upstreamClosed = false;
    bench.backend.answer = request =>
      void request
        .resume()
        .on('error', () => undefined)
        .on('close', () => (upstreamClosed = true));
    const socket = dial(bench.url);
    socket.write(`POST ${PERMISSIONS} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${TOKEN}\r\nContent-Length: 10\r\n\r\nhalf`);
    let text = '';
    for await (const piece of socket.setEncoding('latin1')) text += piece;
    expect(parseAnswer(text)).toMatchObject({ status: 400, body: expect.stringContaining('took too long to arrive') });
    await until(() => upstreamClosed);
  });

  it('that does not read its answer is cut off, an event stream too', async () => {
    await restart({ limits: { idleMs: 100 } });
    for (const type of ['application/octet-stream', 'text/event-stream']) {
      let served: ServerResponse | undefined;
      bench.backend.answer = (_request, response) => {
        served = response.writeHead(200, { 'content-type': type });
        const piece = Buffer.alloc(65_536, 'x');
        const push = () => {
          while (!response.destroyed && response.write(piece));
        };
        response.on('drain', push);
        push();
      };
      const answer = await answerTo(open().end());
      answer.pause().on('error', () => undefined);
      await until(() => served?.destroyed === true);
      answer.destroy();
    }
  });

  it('that leaves takes its upload along', async () => {
    let upstreamClosed = false;
    let begun = false;
    bench.backend.answer = request =>
      void request
        .once('data', () => (begun = true))
        .on('error', () => undefined)
        .on('close', () => (upstreamClosed = true));
    const request = open(PERMISSIONS, 'POST').on('error', () => undefined);
    request.write('x');
    await until(() => begun);
    request.destroy();
    await until(() => upstreamClosed);
  });
});

describe('the backend', () => {
  it('that falls silent in the middle of a body is given up, and the client sees that it is not whole', async () => {
    await restart({ limits: { idleMs: 100 } });
    bench.backend.answer = (_request, response) => void response.writeHead(200, { 'content-length': '10' }).write('half');
    await expect(get(PERMISSIONS).then(response => response.text())).rejects.toThrow();
  });

  it('may be silent in an event stream for as long as it likes', async () => {
    await restart({ limits: { idleMs: 50, headersMs: 50, connectMs: 50 } });
    let served: ServerResponse | undefined;
    bench.backend.answer = (request, response) => {
      if (request.url?.endsWith('/access')) return;
      served = response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
      response.flushHeaders();
    };
    const answer = await answerTo(open().end());
    // Others run into the limit meanwhile, several times over: the watch has looked at the stream too.
    for (let n = 0; n < 5; n++) expect((await get(`/api/projects/${PROJECT}/access`)).status).toBe(504);
    served!.write(': ping\n\n');
    expect(String((await once(answer, 'data'))[0])).toBe(': ping\n\n');
    answer.destroy();
  });

  it('that does not take a request is given up: 504', async () => {
    // It accepts, and never reads.
    const taken: Socket[] = [];
    const deaf = createServer({ pauseOnConnect: true }, socket => taken.push(socket)).listen(0, '127.0.0.1');
    await once(deaf, 'listening');
    // Long enough for the client, which is this process, not to be the slow one.
    await restart({ limits: { idleMs: 1_000 }, backendUrl: `http://127.0.0.1:${(deaf.address() as { port: number }).port}` });
    const request = open(PERMISSIONS, 'POST').on('error', () => undefined);
    const answering = answerTo(request);
    request.end(Buffer.alloc(10 * MIB));
    expect((await answering).statusCode).toBe(504);
    for (const socket of taken) socket.destroy();
    deaf.close();
  });

  it('that does not answer is 504, and one that is not there 502', async () => {
    await restart({ limits: { headersMs: 60 } });
    bench.backend.answer = () => undefined;
    expect((await get(PERMISSIONS)).status).toBe(504);
    await restart({ backendUrl: 'http://127.0.0.1:9' });
    const response = await get(PERMISSIONS);
    expect([response.status, await response.json()]).toEqual([502, expect.objectContaining({ id: '502', kind: 'Error' })]);
  });

  it('that is slow to read holds the client back, and not the memory', async () => {
    await restart({ rows: ROWS.map(row => ({ ...row, bodyLimitBytes: 512 * MIB })) });
    const sent = { bytes: 0 };
    let reading: IncomingMessage | undefined;
    bench.backend.answer = request => void (reading = request.pause());
    const request = open(PERMISSIONS, 'POST').on('error', () => undefined);
    const piece = Buffer.alloc(65_536);
    let stalled = false;
    const push = () => {
      do sent.bytes += piece.length;
      while (request.write(piece) && sent.bytes < 512 * MIB);
      stalled = true;
    };
    request.on('drain', push);
    push();
    await until(() => reading !== undefined && stalled);
    let before = -1;
    while (before !== sent.bytes) {
      before = sent.bytes;
      for (let turn = 0; turn < 2_000; turn++) await new Promise(resolve => setImmediate(resolve));
    }
    // What the kernel takes of two connections.
    expect(sent.bytes).toBeLessThan(64 * MIB);
    request.destroy();
  });
});
