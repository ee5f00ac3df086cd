import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock, until } from '#bus/testing';
import { HttpSessionApi } from './http-session-api.js';
import { SessionApiRefused, SessionConflict, SessionNotFound } from './session-api.js';

interface Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = readonly [status: number, body?: unknown, headers?: Record<string, string>] | 'hang up';

describe('HttpSessionApi', () => {
  let server: Server;
  let requests: Request[];
  let respond: (request: Request) => Answer;
  let clock: ManualClock;
  let stop: AbortController;
  let warnings: string[];
  let api: HttpSessionApi;

  beforeEach(async () => {
    requests = [];
    warnings = [];
    clock = new ManualClock();
    stop = new AbortController();
    server = createServer((incoming, outgoing) => {
      void text(incoming).then(body => {
        const { method = '', url = '', headers } = incoming;
        const request = { method, url: new URL(url, 'http://x'), headers, body };
        requests.push(request);
        const answer = respond(request);
        if (answer === 'hang up') return void incoming.socket.destroy();
        const [status, content = {}, more = {}] = answer;
        outgoing.writeHead(status, { 'content-type': 'application/json', ...more }).end(JSON.stringify(content));
        return undefined;
      });
    });
    await new Promise<void>(resolve => void server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const log = { log: () => {}, warn: (line: string) => void warnings.push(line), error: () => {} };
    let keys = 0;
    api = new HttpSessionApi({
      commandUrl: `${origin}/command`,
      queryUrl: `${origin}/query`,
      token: 't0ken',
      log,
      clock,
      signal: stop.signal,
      newKey: () => `key-${++keys}`,
    });
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise(resolve => void server.close(resolve));
  });

  /** Lets the retries happen until there is an outcome. */
  const settle = async <T>(work: Promise<T>): Promise<T> => {
    let settled = false;
    const mark = () => void (settled = true);
    work.then(mark, mark);
    await until(() => {
      if (clock.pending.length > 0) clock.advance(clock.pending[0]!);
      return settled;
    });
    return work;
  };
  const answers = (...list: Answer[]) => {
    respond = () => list.shift() ?? [500, 'no answer left'];
  };
  const sent = () => requests.map(({ method, url, body }) => `${method} ${url.pathname}${url.search} ${body}`.trim());

  it('reports to the command API, reads from the query API, with the token', async () => {
    answers([200], [201], [200, { id: 's', phase: 'Pending' }]);
    await api.report('s', { phase: 'Creating' });
    await api.appendMessage('s', 'assistant', 'hi');
    expect(await api.get('s')).toEqual({ id: 's', phase: 'Pending' });
    expect(sent()).toEqual([
      'PATCH /command/api/ambient/v1/sessions/s/status {"phase":"Creating"}',
      'POST /command/api/ambient/v1/sessions/s/messages {"event_type":"assistant","payload":"hi"}',
      'GET /query/api/ambient/v1/sessions/s',
    ]);
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer t0ken'));
    expect(requests[2]?.headers['content-type']).toBeUndefined();
  });

  it.each<[string, Answer]>([
    ['500', [500]],
    ['503', [503]],
    ['429', [429]],
    ['a lost connection', 'hang up'],
  ])('tries again after %s, with the same idempotency key, and says so once', async (_, failure) => {
    answers(failure, failure, failure, [201]);
    await settle(api.appendMessage('s', 'assistant', 'hi'));
    expect(requests).toHaveLength(4);
    expect(requests.map(({ headers }) => headers['idempotency-key'])).toEqual(Array(4).fill('key-1'));
    expect(warnings).toHaveLength(1);
  });

  it('backs off', async () => {
    answers(...Array.from({ length: 7 }, (): Answer => [503]), [200]);
    const waits: number[] = [];
    const report = api.report('s', { phase: 'Running' });
    for (let wait = 0; wait < 7; wait++) {
      await until(() => clock.pending.length === 1);
      waits.push(clock.pending[0]!);
      clock.advance(clock.pending[0]!);
    }
    await report;
    expect(waits).toEqual([200, 500, 1000, 2000, 5000, 5000, 5000]);
  });

  it('keeps the order of messages that follow one another, whatever fails', async () => {
    const kept: string[] = [];
    let calls = 0;
    respond = ({ body }) => {
      if (++calls % 3 !== 0) return [503];
      kept.push((JSON.parse(body) as { payload: string }).payload);
      return [201];
    };
    const payloads = ['1', '2', '3', '4'];
    const all = async () => {
      for (const payload of payloads) await api.appendMessage('s', 'assistant', payload);
    };
    await settle(all());
    expect(kept).toEqual(payloads);
  });

  it.each([
    [404, SessionNotFound],
    [409, SessionConflict],
    [400, SessionApiRefused],
    [403, SessionApiRefused],
  ])('gives up at %i and says what was answered', async (status, type) => {
    answers([status, { reason: 'because' }]);
    const failure = await api.report('s', { phase: 'Running' }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(type);
    expect((failure as Error).message).toContain(`/sessions/s/status was answered ${status}: {"reason":"because"}`);
    expect(requests).toHaveLength(1);
  });

  it('takes 409 to the repetition of a message for the first one being in flight', async () => {
    answers('hang up', [409], [201]);
    await settle(api.appendMessage('s', 'assistant', 'hi'));
    expect(requests).toHaveLength(3);
  });

  it('lists all active sessions, page by page', async () => {
    const sessions = Array.from({ length: 1100 }, (_, at) => ({ id: `s${at}` }));
    respond = ({ url }) => {
      const [page, size] = [Number(url.searchParams.get('page')), Number(url.searchParams.get('size'))];
      return [200, { total: sessions.length, items: sessions.slice((page - 1) * size, page * size) }];
    };
    expect(await api.listActive()).toEqual(sessions);
    expect(requests).toHaveLength(3);
    expect(requests[0]?.url.searchParams.get('search')).toBe("phase in ('Pending','Creating','Running','Stopping')");
  });

  it('asks for the list again while it is behind', async () => {
    answers([200, { total: 0, items: [] }, { 'x-read-lag-events': '3' }], [200, { total: 1, items: [{ id: 's' }] }]);
    expect(await settle(api.listActive())).toEqual([{ id: 's' }]);
  });

  it('finds the starting prompt of the newest start', async () => {
    const history = Array.from({ length: 1001 }, (_, revision) => ({
      revision,
      type: 'SessionStatusReported',
      payload: {} as object,
    }));
    history[1] = { revision: 1, type: 'SessionStarted', payload: { starting_prompt: 'old' } };
    history[700] = { revision: 700, type: 'SessionStarted', payload: { starting_prompt: 'new' } };
    respond = ({ url }) => {
      const first = Number(url.searchParams.get('after') ?? -1) + 1;
      return [200, { kind: 'EventList', items: history.slice(first, first + Number(url.searchParams.get('limit'))) }];
    };
    expect(await api.startingPrompt('s')).toBe('new');
    expect(requests).toHaveLength(3);
  });

  it('says so when there was no start', async () => {
    answers([200, { items: [{ revision: 0, type: 'SessionCreated', payload: {} }] }]);
    await expect(api.startingPrompt('s')).rejects.toThrow('the history of session s has no SessionStarted');
  });

  it('ends its tries when it is told to', async () => {
    respond = () => [503];
    const report = api.report('s', { phase: 'Running' });
    await until(() => clock.pending.length === 1);
    stop.abort();
    await expect(report).rejects.toThrow('was given up: the runtime has stopped');
    expect(clock.pending).toEqual([]);
  });
});
