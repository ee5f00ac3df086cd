import { setTimeout as sleep } from 'node:timers/promises';
import type { Filter } from '@kurrent/kurrentdb-client';
import {
  EventStoreUnavailable,
  type Position,
  type RecordedEvent,
  type SubscribeOptions,
  type SubscriptionBatch,
} from '../event-store.js';
import type { Feed } from './feed.js';
import { categoryFilter, streamFilter } from './filters.js';
import { later } from './positions.js';

/** What a subscription needs of the store. */
export interface Followed {
  head(): Promise<Position | undefined>;
  /** Events of a stream from a revision on, `limit` at most. */
  readStream(stream: string, from: number, limit: number): Promise<RecordedEvent[]>;
  /** The revision of the first event of a stream after a position. */
  revisionAfter(stream: string, position: Position): Promise<number>;
  subscribe(after: Position | undefined, filter: Filter, size: number): Feed;
}

type Options = SubscribeOptions & { readonly batchSize: number };
type Batches = AsyncGenerator<SubscriptionBatch, void>;

const BATCH_SIZE = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;

/**
 * A subscription: when the engine goes away, breaks it off, or is not there yet, it goes on after the last batch as soon as it can, for as
 * long as the signal lets it.
 */
export async function* follow(followed: Followed, options: SubscribeOptions): Batches {
  const { signal, batchSize = BATCH_SIZE } = options;
  let { after } = options;
  let pause = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      for await (const batch of unbroken(followed, { ...options, after, batchSize })) {
        ({ position: after } = batch);
        pause = FIRST_PAUSE_MS;
        yield batch;
      }
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    }
  }
}

/** Ends with the signal, or throws when the engine breaks it off. */
function unbroken(followed: Followed, options: Options): Batches {
  return options.stream === undefined ? followLog(followed, options) : followStream(followed, options, options.stream);
}

async function* followLog(followed: Followed, { after, categories, signal, batchSize }: Options): Batches {
  const head = await followed.head();
  const feed = followed.subscribe(after, categoryFilter(categories), batchSize);
  yield* batchesOf(feed, { after, head, signal, batchSize });
}

/**
 * The engine can't subscribe to a stream that does not exist yet without asking for it again and again, nor say that there is nothing in
 * it. So what is there is read, and what comes is taken from the log.
 */
async function* followStream(followed: Followed, options: Options, stream: string): Batches {
  const { signal, batchSize } = options;
  let { after } = options;
  let revision = after === undefined ? 0 : await followed.revisionAfter(stream, after);
  for (let caughtUp = false; !caughtUp;) {
    const head = await followed.head();
    const events = await followed.readStream(stream, revision, batchSize);
    if (signal.aborted) return;
    caughtUp = events.length < batchSize;
    revision += events.length;
    after = later(events.at(-1)?.position ?? after, caughtUp ? head : undefined);
    yield { events, position: after, caughtUp };
  }
  const feed = followed.subscribe(after, streamFilter(stream), batchSize);
  for await (const batch of batchesOf(feed, { after, head: after, signal, batchSize, told: true })) {
    yield { ...batch, events: batch.events.filter(event => event.stream === stream) };
  }
}

interface Start {
  readonly after: Position | undefined;
  /** Where the log ended when the feed was asked for. */
  readonly head: Position | undefined;
  readonly signal: AbortSignal;
  readonly batchSize: number;
  /** Whether the reader knows already that it was caught up at the start. */
  readonly told?: boolean;
}

async function* batchesOf(feed: Feed, { after, head, signal, batchSize, told = false }: Start): Batches {
  let position = after;
  let isLive = false;
  let wasCaughtUp = told;
  try {
    for await (const arrived of feed.arrivals(batchSize, signal)) {
      const before = position;
      const events: RecordedEvent[] = [];
      for (const pushed of arrived) {
        if (pushed.what === 'event') {
          if (position !== undefined && pushed.event.position <= position) continue;
          events.push(pushed.event);
          position = pushed.event.position;
        } else if (pushed.what === 'checkpoint') position = later(position, pushed.position);
        else if (pushed.what === 'caughtUp') [isLive, position] = [true, later(position, later(head, pushed.position))];
        else isLive = false;
      }
      const caughtUp = isLive && feed.isDrained;
      if (position !== before || caughtUp !== wasCaughtUp) yield { events, position, caughtUp };
      wasCaughtUp = caughtUp;
    }
  } finally {
    feed.close();
  }
}
