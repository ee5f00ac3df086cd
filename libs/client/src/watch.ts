/** Streams that go on where they were after a connection was lost: every event once, in order. */
import { delayOf, pause, type Backoff } from './backoff.js';
import { ApiError, ConnectionError, NotFoundError, TooManyRequestsError, UnavailableError } from './errors.js';
import { EventStreamParser, type ServerSentEvent } from './event-stream.js';
import type { CallOptions } from './options.js';

export interface WatchOptions extends CallOptions {
  /** Told when the connection is lost, and with what; it is made anew by itself. */
  readonly onLost?: ((error: Error) => void) | undefined;
}

export interface WatchRequest extends WatchOptions {
  /** Opens the stream behind the event with this id. */
  readonly open: (lastEventId: string | undefined, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  readonly backoff?: Backoff;
  /** A server sends something, if only a comment, at least so often; else the connection is dead. */
  readonly idleMs?: number;
}

const BACKOFF: Backoff = { baseMs: 250, capMs: 10_000 };
/** The server pings every 30 s. */
const IDLE_MS = 75_000;

/**
 * Events as they come, over as many connections as it takes. Ends when what is watched was deleted.
 * @throws what the first connection fails with, and what will not get better: a token that is not valid any more, for example
 */
export async function* watch({
  open,
  signal,
  onLost,
  backoff = BACKOFF,
  idleMs = IDLE_MS,
}: WatchRequest): AsyncGenerator<ServerSentEvent> {
  let last: string | undefined;
  let wasOpen = false;
  let least = 0;
  for (let failures = 0; ; failures++) {
    const over = new AbortController();
    const either = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
    try {
      const stream = await open(last, either);
      wasOpen = true;
      for await (const found of parsed(stream, idleMs)) {
        failures = 0;
        if ('retryMs' in found) {
          least = found.retryMs;
          continue;
        }
        if (found.id !== '') last = found.id;
        yield found;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!wasOpen) throw error;
      if (error instanceof NotFoundError) return;
      if (error instanceof ApiError && !(error instanceof UnavailableError || error instanceof TooManyRequestsError)) throw error;
      onLost?.(error instanceof Error ? error : new Error(String(error)));
    } finally {
      over.abort();
    }
    await pause(Math.max(least, delayOf(backoff, failures)), signal);
  }
}

async function* parsed(stream: ReadableStream<Uint8Array>, idleMs: number) {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  const parser = new EventStreamParser();
  try {
    for (;;) {
      const { done, value } = await within(reader.read(), idleMs);
      if (done) return;
      yield* parser.push(decoder.decode(value, { stream: true }));
    }
  } finally {
    // Of a stream that is broken already.
    await reader.cancel().catch(() => undefined);
  }
}

async function within<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ConnectionError(`the stream was silent for ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
