import { Inject, Injectable } from '@nestjs/common';
import { streams, type SessionMessage } from '#contracts';
import type { EventStore, Position } from '#event-store';
import { EVENT_STORE } from '../support/tokens.js';
import { messageIn } from './messages.js';

/** The conversation of a session as it goes on. */
@Injectable()
export class LiveMessages {
  constructor(@Inject(EVENT_STORE) private readonly events: EventStore) {}

  /**
   * The messages after `afterSeq`, in order, each once; then the new ones as they come. Ends when the session is deleted, after its last
   * message, or when the signal aborts.
   */
  async *follow(sessionId: string, afterSeq: number, signal: AbortSignal): AsyncGenerator<readonly SessionMessage[]> {
    const over = new AbortController();
    const either = AbortSignal.any([signal, over.signal]);
    const watching = this.#untilDeleted(sessionId, either).finally(() => over.abort());
    // What it fails with is thrown below, once the messages have ended too.
    watching.catch(() => undefined);
    const stream = streams.messages(sessionId);
    let last = afterSeq;
    const fresh = (batch: readonly SessionMessage[]): readonly SessionMessage[] => {
      const after = last;
      last = Math.max(last, batch.at(-1)?.seq ?? 0);
      return batch.filter(({ seq }) => seq > after);
    };
    try {
      for await (const { events } of this.events.subscribe({
        stream,
        after: await this.#positionOf(stream, afterSeq),
        signal: either,
      })) {
        yield fresh(events.map(messageIn));
      }
      if (!signal.aborted) yield (await this.events.readStream(stream, { from: last })).map(messageIn);
    } finally {
      over.abort();
      await watching;
    }
  }

  /** Where to go on after a message; undefined, the start, when there is no such message (yet). */
  async #positionOf(stream: string, seq: number): Promise<Position | undefined> {
    if (seq === 0) return undefined;
    const [event] = await this.events.readStream(stream, { from: seq - 1, limit: 1 });
    return event?.position;
  }

  async #untilDeleted(sessionId: string, signal: AbortSignal): Promise<void> {
    for await (const { events } of this.events.subscribe({ stream: streams.session(sessionId), signal })) {
      if (events.some(({ type }) => type === 'SessionDeleted')) return;
    }
  }
}
