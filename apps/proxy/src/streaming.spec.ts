import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest, type ClientRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { API, auth, startBench, until, type Bench } from '../testing/bench.js';
import { dial } from '../testing/raw.js';

const MIB = 1_048_576;
/** More than the system buffers on both sides of a connection. */
const LARGE = 16 * MIB + 40_000;
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

const open = (path: string, method = 'GET', headers: Record<string, string> = {}): ClientRequest =>
  httpRequest(bench.url + path, { method, headers: { ...auth, ...headers }, agent: false });
const answerTo = async (request: ClientRequest): Promise<IncomingMessage> =>
  ((await once(request, 'response')) as [IncomingMessage])[0];
const textOf = async (message: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of message.setEncoding('utf8')) text += chunk;
  return text;
};
/** Resolves when a number does not change any more. */
const settled = async (number: () => number): Promise<void> => {
  let before = Number.NaN;
  while (before !== number()) {
    before = number();
    for (let turn = 0; turn < 2_000; turn++) await new Promise(resolve => setImmediate(resolve));
  }
};
const get = (path = `${API}/projects`) => fetch(bench.url + path, { headers: auth });

describe('an event stream', () => {
  const events = `${API}/sessions/s/messages`;
  let served: ServerResponse | undefined;
  const serveEvents = () => {
    served = undefined;
    bench.query.answer = (_request, response) => {
      served = response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.flushHeaders();
    };
  };

  it('is open before the first event, and each event passes at once', async () => {
    serveEvents();
    const request = open(events).end();
    const answer = await answerTo(request);
    expect(answer.headers['content-type']).toBe('text/event-stream');
    for (const event of ['id: 1\ndata: a\n\n', ': ping\n\n']) {
      served!.write(event);
      expect(String((await once(answer, 'data'))[0])).toBe(event);
    }
    request.destroy();
  });

  it('is left at the upstream as soon as the client leaves', async () => {
    serveEvents();
    const request = open(events).end();
    await answerTo(request);
    const left = once(served!, 'close');
    request.destroy();
    await left;
    expect(served!.writableFinished).toBe(false);
  });

  it('is ended when the proxy closes, while a running request is let finish', async () => {
    serveEvents();
    const stream = await answerTo(open(events).end());
    const ended = textOf(stream);
    let slow: ServerResponse | undefined;
    bench.command.answer = (_request, response) => void (slow = response);
    const running = answerTo(open(`${API}/projects`, 'POST').end('{}'));
    await until(() => slow !== undefined);
    let closed = false;
    const closing = bench.close().then(() => (closed = true));
    expect(await ended).toBe('');
    expect(closed).toBe(false);
    expect(await get('/healthz').then(response => response.status, codeOfFailure)).toBe('ECONNREFUSED');
    slow!.writeHead(201).end('done');
    const answer = await running;
    expect([answer.statusCode, await textOf(answer)]).toEqual([201, 'done']);
    await closing;
  });
});

describe('closing', () => {
  it('does not wait longer than it must', async () => {
    await restart({ limits: { drainMs: 50 } });
    let hanging = false;
    bench.query.answer = () => void (hanging = true);
    const answer = get().then(response => response.status, codeOfFailure);
    await until(() => hanging);
    await bench.close();
    expect(await answer).toBe('UND_ERR_SOCKET');
  });

  it('does not wait for idle connections', async () => {
    const socket = dial(bench.url);
    socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'data');
    const closed = once(socket, 'close');
    await bench.close();
    await closed;
    expect(socket.destroyed).toBe(true);
  });
});

describe('bodies', () => {
  it('up to the limit pass both ways, larger than any buffer', async () => {
    const body = 'x'.repeat(MIB);
    const response = await fetch(`${bench.url}${API}/projects`, { method: 'POST', headers: auth, body });
    expect(await response.json()).toEqual({ name: 'command', body });
  });

  it('above the limit are 413: declared ones before the upstream hears of them', async () => {
    const request = open(`${API}/projects`, 'POST', { 'content-length': String(MIB + 1) }).on('error', ignore);
    request.flushHeaders();
    const answer = await answerTo(request);
    expect(answer.statusCode).toBe(413);
    expect(bench.command.seen).toEqual([]);
    request.destroy();
  });

  it('above the limit are 413: chunked ones when they get there', async () => {
    const request = open(`${API}/projects`, 'POST', { 'transfer-encoding': 'chunked' }).on('error', ignore);
    request.write('x'.repeat(MIB));
    request.write('xx');
    const answer = await answerTo(request);
    expect([answer.statusCode, JSON.parse(await textOf(answer))]).toEqual([413, expect.objectContaining({ id: '413' })]);
    request.destroy();
  });

  it('stop coming when the client does not read', async () => {
    let sent = 0;
    let stalled = false;
    bench.query.answer = (_request, response) => {
      const piece = Buffer.alloc(65_536);
      const push = () => {
        do sent += piece.length;
        while (response.write(piece) && sent < 512 * MIB);
        stalled = true;
      };
      response.on('drain', push);
      push();
    };
    const answer = await answerTo(open(`${API}/projects`).end());
    answer.pause();
    await until(() => stalled);
    await settled(() => sent);
    expect(sent).toBeLessThan(64 * MIB);
    answer.destroy();
  });

  it('that pass at the same time, to clients that read late, arrive as they were sent', async () => {
    const sent = Array.from({ length: 4 }, () => randomBytes(LARGE));
    const sockets = new Set<Socket>();
    bench.query.answer = (request, response) => {
      sockets.add(request.socket);
      response.end(sent[Number(new URL(request.url ?? '', bench.url).searchParams.get('n'))]);
    };
    const answers = await Promise.all(sent.map((_, n) => answerTo(open(`${API}/projects?n=${n}`).end())));
    await settled(() => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0));
    const bytes = async (answer: IncomingMessage) => Buffer.concat(await answer.toArray());
    const received = await Promise.all(answers.map(bytes));
    expect(received.map((body, n) => body.equals(sent[n]!))).toEqual(sent.map(() => true));
  });

  it('that an upstream refuses early leave the connection usable', async () => {
    bench.command.answer = (_request, response) => response.writeHead(409).end('no');
    const response = await fetch(`${bench.url}${API}/projects`, { method: 'POST', headers: auth, body: 'x'.repeat(MIB) });
    expect([response.status, await response.text()]).toEqual([409, 'no']);
    expect((await get()).status).toBe(200);
  });

  it('that break off upstream break off at the client too', async () => {
    bench.query.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half', () => response.destroy());
    };
    const response = await get();
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
  });
});

describe('an upstream', () => {
  const problemOf = async (response: Response) => [response.status, ((await response.json()) as { id: string }).id];

  it('that is not there is 502', async () => {
    await restart({ queryApiUrl: 'http://127.0.0.1:9' });
    expect(await problemOf(await get())).toEqual([502, '502']);
  });

  it('that does not speak HTTP is 502', async () => {
    const noise = createServer(socket => socket.on('error', ignore).end('noise\r\n\r\n')).listen(0, '127.0.0.1');
    await once(noise, 'listening');
    const { port } = noise.address() as { port: number };
    await restart({ queryApiUrl: `http://127.0.0.1:${port}` });
    expect(await problemOf(await get())).toEqual([502, '502']);
    noise.close();
  });

  it('that takes too long to answer is 504', async () => {
    await restart({ limits: { headersMs: 100 } });
    bench.query.answer = () => undefined;
    expect(await problemOf(await get())).toEqual([504, '504']);
  });

  it('that hangs up gets a GET a second time, on a fresh connection, and never a third time', async () => {
    const sockets = new Set<unknown>();
    bench.query.answer = request => {
      sockets.add(request.socket);
      request.socket.destroy();
    };
    expect(await problemOf(await get())).toEqual([502, '502']);
    expect([bench.query.seen.length, sockets.size]).toEqual([2, 2]);
  });

  it('that hangs up gets a POST once', async () => {
    bench.command.answer = request => request.socket.destroy();
    const response = await fetch(`${bench.url}${API}/projects`, { method: 'POST', headers: auth, body: '{}' });
    expect(await problemOf(response)).toEqual([502, '502']);
    expect(bench.command.seen).toHaveLength(1);
  });

  it('answers the second try like the first', async () => {
    bench.query.answer = (request, response) =>
      bench.query.seen.length === 1 ? request.socket.destroy() : response.end('second');
    expect(await (await get()).text()).toBe('second');
  });
});

/** Why fetch failed. */
const codeOfFailure = (error: { cause?: { code?: string } }) => error.cause?.code;
const ignore = (): void => undefined;
