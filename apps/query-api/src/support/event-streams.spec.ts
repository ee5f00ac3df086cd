import { describe, expect, it } from '@jest/globals';
import { EventEmitter } from 'node:events';
import type { FastifyReply } from 'fastify';
import { ManualClock, until } from '#bus/testing';
import { EventStreams, prefersEventStream, type StreamedEvent } from './event-streams.js';

/** The client's side of an answer, as slow as a test wants. */
class SlowClient extends EventEmitter {
  written = '';
  ended = false;
  writableNeedDrain = false;

  write(text: string): boolean {
    this.written += text;
    this.writableNeedDrain = true;
    return false;
  }

  takeAll(): void {
    this.writableNeedDrain = false;
    this.emit('drain');
  }

  end = (): boolean => (this.ended = true);
  writeHead = (): this => this;
  flushHeaders = (): void => undefined;
}

const replyTo = (raw: SlowClient) => ({ raw, hijack: () => undefined, getHeaders: () => ({}) }) as unknown as FastifyReply;

describe('an event stream', () => {
  it('asks for no more than a slow client takes in, and spares it the heartbeats', async () => {
    const client = new SlowClient();
    const clock = new ManualClock();
    let asked = 0;
    async function* batches(): AsyncGenerator<readonly StreamedEvent[]> {
      for (const id of [1, 2]) {
        asked = id;
        yield [{ id, data: {} }];
      }
    }
    const sent = new EventStreams(clock).send(replyTo(client), async () => batches());
    await until(() => client.written === 'id: 1\ndata: {}\n\n');
    clock.advance(60_000);
    expect([asked, client.written]).toEqual([1, 'id: 1\ndata: {}\n\n']);
    client.takeAll();
    await until(() => asked === 2);
    client.takeAll();
    await sent;
    expect([client.ended, clock.pending]).toEqual([true, []]);
  });

  it('aborts what it follows when the client leaves in the middle of a write', async () => {
    const client = new SlowClient();
    let given: AbortSignal | undefined;
    async function* endless(): AsyncGenerator<readonly StreamedEvent[]> {
      for (let id = 1; ; id++) yield [{ id, data: 'x' }];
    }
    const sent = new EventStreams(new ManualClock()).send(replyTo(client), async signal => {
      given = signal;
      return endless();
    });
    await until(() => client.written !== '');
    client.emit('close');
    await sent;
    expect([given?.aborted, client.ended]).toEqual([true, true]);
  });
});

describe('prefersEventStream', () => {
  it.each([
    ['text/event-stream', true],
    ['TEXT/EVENT-STREAM; charset=utf-8', true],
    ['text/event-stream, application/json', true],
    ['text/event-stream, */*;q=0.1', true],
    ['application/json;q=0.5, text/event-stream', true],
    ['application/json, text/event-stream', false],
    ['text/event-stream;q=0', false],
    ['text/html', false],
    ['*/*', false],
    [undefined, false],
  ])('%s: %s', (accept, preferred) => {
    expect(prefersEventStream(accept)).toBe(preferred);
  });
});
