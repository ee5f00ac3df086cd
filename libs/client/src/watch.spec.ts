import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { frames, hangUp, json, problem, ScriptedServer } from '../testing/server.js';
import { collect } from '../testing/collect.js';
import { EventStreamParser } from './event-stream.js';
import { ConnectionError, createClient, NotFoundError, UnauthenticatedError, type SessionMessage } from './index.js';
import { watch } from './watch.js';

let server: ScriptedServer;
beforeAll(async () => {
  server = await ScriptedServer.start();
});
afterAll(() => server.stop());

const FAST = { baseMs: 1, capMs: 4 };
const open = () => createClient({ url: server.url, retry: { ...FAST, retries: 1 } });
const message = (seq: number) => ({ seq, payload: `m${seq}` });
const frame = (seq: number) => `id: ${seq}\ndata: ${JSON.stringify(message(seq))}\n\n`;
const seqs = async (messages: AsyncIterable<SessionMessage>) => (await collect(messages)).map(({ seq }) => seq);
const gone = problem(404, 7, 'there is no such session');

describe('the text of an event stream', () => {
  const read = (...pieces: string[]) => {
    const parser = new EventStreamParser();
    return pieces.flatMap(piece => [...parser.push(piece)]);
  };

  it('is events, whatever pieces it comes in', () => {
    const text = '\uFEFFid: 1\ndata: a\ndata:b\n\n: ping\n\nevent: end\r\ndata:  c\r\n\r\nretry: 9\ndata\rid: 2\r\rdata: cut off';
    const expected = [
      { id: '1', event: 'message', data: 'a\nb' },
      { id: '1', event: 'end', data: ' c' },
      { retryMs: 9 },
      { id: '2', event: 'message', data: '' },
    ];
    expect(read(text)).toEqual(expected);
    expect(read(...text.split(''))).toEqual(expected);
    for (let cut = 0; cut < text.length; cut++) expect(read(text.slice(0, cut), text.slice(cut))).toEqual(expected);
  });

  it('has no event without data, no id with a NUL, no retry that is no number', () => {
    expect(read('id: 1\n\nid: a\0b\nretry: soon\nunknown: x\ndata: y\n\n')).toEqual([{ id: '1', event: 'message', data: 'y' }]);
  });
});

describe('watching messages', () => {
  it('goes on behind the last message when the connection ends or breaks, until the session is deleted', async () => {
    server.replies(
      frames(frame(3) + frame(4)),
      frames(frame(5), 'breaks'),
      hangUp,
      problem(503, 503, 'away'),
      frames(frame(6)),
      gone,
    );
    const lost: Error[] = [];
    expect(await seqs(open().sessions.watch('s', { afterSeq: 2, onLost: error => lost.push(error) }))).toEqual([3, 4, 5, 6]);
    expect(server.asked.map(({ headers }) => headers['last-event-id'])).toEqual(['2', '4', '5', '5', '5', '6']);
    expect(server.asked.every(({ headers }) => headers.accept === 'text/event-stream')).toBe(true);
    expect(lost.length).toBeGreaterThan(0);
  });

  it('fails when the first connection does, and when it is not allowed any more', async () => {
    server.replies(gone);
    await expect(seqs(open().sessions.watch('s'))).rejects.toBeInstanceOf(NotFoundError);
    server.replies(hangUp);
    await expect(seqs(open().sessions.watch('s'))).rejects.toBeInstanceOf(ConnectionError);
    server.replies(frames(frame(1)), problem(401, 15, 'expired'));
    await expect(seqs(open().sessions.watch('s'))).rejects.toBeInstanceOf(UnauthenticatedError);
  });

  it('ends with the signal, and lets the server go when it is not read any more', async () => {
    const controller = new AbortController();
    server.replies(frames(frame(1), 'stays'));
    const reading = async () => {
      for await (const { seq } of open().sessions.watch('s', { signal: controller.signal }))
        if (seq === 1) controller.abort(new Error('enough'));
    };
    await expect(reading()).rejects.toThrow('enough');

    const { promise: left, resolve } = Promise.withResolvers<void>();
    server.replies((asked, response) => {
      response.on('close', resolve);
      frames(frame(1), 'stays')(asked, response);
    });
    for await (const _ of open().sessions.watch('s')) break;
    await left;
  });

  it('takes a connection that is silent for dead', async () => {
    const streams = ['id: 1\ndata: a\n\n', 'id: 2\ndata: b\n\n'];
    const opened: (string | undefined)[] = [];
    const open = (last: string | undefined) => {
      opened.push(last);
      const text = streams.shift();
      if (text === undefined) return Promise.reject(new NotFoundError({ status: 404, envelope: {} }));
      return Promise.resolve(new ReadableStream({ start: controller => controller.enqueue(new TextEncoder().encode(text)) }));
    };
    const events = await collect(watch({ open, backoff: FAST, idleMs: 10 }));
    expect(events.map(({ data }) => data)).toEqual(['a', 'b']);
    expect(opened).toEqual([undefined, '1', '2']);
  });
});

describe('following a session', () => {
  /** A session whose phase is the next one at each look. */
  const session = (phases: string[], stream: string, all: number[]) => {
    const looks = [...phases];
    server.replies((asked, response) => {
      const { pathname, searchParams } = new URL(asked.url, server.url);
      if (asked.headers.accept === 'text/event-stream') return frames(stream, 'stays')(asked, response);
      if (pathname.endsWith('/messages')) {
        const after = Number(searchParams.get('after_seq'));
        return json(200, all.filter(seq => seq > after).map(message))(asked, response);
      }
      return json(200, { id: 's', phase: looks.length > 1 ? looks.shift() : looks[0] })(asked, response);
    });
  };
  const follow = async (afterSeq = 0) => {
    const told: (string | number)[] = [];
    for await (const update of open().sessions.follow('s', { everyMs: 5, afterSeq })) {
      told.push(update.type === 'message' ? update.message.seq : update.phase);
    }
    return told;
  };

  it('tells phases and messages, and ends with the last message and the last phase', async () => {
    session(['Pending', 'Pending', 'Running', 'Running', 'Running', 'Completed'], frame(1) + frame(2), [1, 2, 3]);
    const told = await follow();
    expect(told.filter(one => typeof one === 'string')).toEqual(['Pending', 'Running', 'Completed']);
    expect(told.filter(one => typeof one === 'number')).toEqual([1, 2, 3]);
    expect(told.slice(-2)).toEqual([3, 'Completed']);
  });

  it('comes to its end although garbage is collected meanwhile: Node would lose the way from a signal to what it ends', async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    session(['Running', 'Running', 'Completed'], frame(1), [1]);
    const told: (string | number)[] = [];
    for await (const update of open().sessions.follow('s', { everyMs: 5 })) {
      collectGarbage();
      told.push(update.type === 'message' ? update.message.seq : update.phase);
      await new Promise(setImmediate);
      collectGarbage();
    }
    expect(new Set(told)).toEqual(new Set(['Running', 1, 'Completed']));
  });

  it('of one that has ended tells what there is', async () => {
    session(['Failed'], '', [1, 2]);
    expect(await follow(1)).toEqual([2, 'Failed']);
  });

  it('fails when the session is not there', async () => {
    server.replies(gone);
    await expect(follow()).rejects.toBeInstanceOf(NotFoundError);
  });
});
