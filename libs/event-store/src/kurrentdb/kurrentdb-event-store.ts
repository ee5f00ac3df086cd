import {
  type EventStore,
  EventStoreUnavailable,
  type EventToAppend,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamWrite,
  type SubscribeOptions,
  type SubscriptionBatch,
  WrongExpectedRevision,
  type WriteResult,
} from '../event-store.js';
import { type Rest, SharedRead, SharedReads } from '../shared-read.js';
import { checkWrites } from '../writes.js';
import { Engine } from './engine.js';
import { isTimeoutOfEngine, isWrongExpectedVersion } from './errors.js';
import { categoryFilter } from './filters.js';
import { follow, type Followed } from './follow.js';
import type { Appended } from './open-append.js';
import { positionOf } from './positions.js';

/**
 * A process that slept so long between two writes of one append does not go on: what its first write claimed may count no more (a claim is
 * void after 60 s, `docs/decisions/002`).
 */
const HELD_UP_MS = 20_000;

export interface KurrentDbEventStoreOptions {
  /**
   * Connection string of EventStoreDB 23.10 or later, or of KurrentDB: `kurrentdb://` or `esdb://` with one node or several, or
   * `kurrentdb+discover://` with a cluster's name; user, password, TLS and the rest as the client documents them.
   */
  readonly url: string;
  /** How long an append, or a page of a read, may take before it counts as failed, in milliseconds; default 10,000. */
  readonly deadlineMs?: number;
}

/** The stream was not at the revision that the writer expected. */
interface Conflict {
  readonly actual: number;
}

const ALL = categoryFilter(undefined);
/** Of reads of one stream that more than 250 a second ask for. */
const REST: Rest = { perCallerMs: 4, atMostMs: 15 };
/** Sizes of the pages in which the end of a stream is searched for a position, the last one again and again. */
const SEARCH_PAGES = [1, 32, 1000] as const;

/** The event store of a cluster: EventStoreDB or KurrentDB. It holds the project's log alone; streams of others would be events like any. */
export class KurrentDbEventStore implements EventStore {
  readonly #engine: Engine;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #head = new SharedRead(() => this.#readHead());
  /** Commands of one project ask for the same few streams, many at a time; a read costs the engine more than an append. */
  readonly #reads = new SharedReads<RecordedEvent[]>(REST);
  #closed: Promise<void> | undefined;

  private constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Does not wait for the engine: it may come later. @throws {Error} the connection string has a mistake */
  static async open({ url, deadlineMs = 10_000 }: KurrentDbEventStoreOptions): Promise<KurrentDbEventStore> {
    return new KurrentDbEventStore(new Engine({ url, deadlineMs }));
  }

  async append(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    checkWrites(writes);
    this.#mustBeOpen();
    const appending = this.#appendInOrder(writes);
    this.#underWay.add(appending);
    try {
      return await appending;
    } finally {
      this.#underWay.delete(appending);
    }
  }

  async readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]> {
    this.#mustBeOpen();
    const { from = 0, direction = 'forwards', limit } = options ?? {};
    if (direction === 'backwards' || limit !== undefined) return this.#readStream(stream, options);
    const events = await this.#reads.read(`${from}@${stream}`, () => this.#readStream(stream, options));
    return [...events];
  }

  async readAll({ after, direction = 'forwards', categories, limit }: ReadAllOptions): Promise<RecordedEvent[]> {
    this.#mustBeOpen();
    if (categories?.length === 0 || limit < 1) return [];
    // Forwards the engine begins with the event at the position, backwards with the one before it.
    const including = direction === 'forwards' && after !== undefined;
    const read = this.#engine.readAll(direction, after, categoryFilter(categories), including ? limit + 1 : limit);
    const events = await collect(read);
    return including ? events.filter(({ position }) => position > after).slice(0, limit) : events;
  }

  async head(): Promise<Position | undefined> {
    this.#mustBeOpen();
    return this.#head.read();
  }

  /** Reads as many events as it counts; none when the position is that of the newest. */
  async countAfter(position: Position | undefined): Promise<number> {
    const head = await this.head();
    if (head === undefined || (position !== undefined && position >= head)) return 0;
    let count = 0;
    for await (const page of this.#engine.readAll('forwards', position, ALL, Infinity)) {
      this.#mustBeOpen();
      for (const event of page) if (position === undefined || event.position > position) count += 1;
    }
    return count;
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const followed: Followed = {
      head: () => this.head(),
      readStream: (stream, from, limit) => this.readStream(stream, { from, limit }),
      revisionAfter: (stream, position) => this.#revisionAfter(stream, position),
      subscribe: (after, filter, size) => this.#engine.subscribe(after, filter, size),
    };
    return follow(followed, { ...options, signal });
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
    await this.#engine.close();
  }

  #mustBeOpen(): void {
    if (this.#closing.signal.aborted) throw new EventStoreUnavailable('the event store is closed');
  }

  /** One after the other: a write that is sent before the one before it is known to be stored could not be held back any more. */
  async #appendInOrder(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    const results: WriteResult[] = [];
    const started = performance.now();
    for (const [index, write] of writes.entries()) {
      const { stream, expected, events } = write;
      if (performance.now() - started > HELD_UP_MS)
        throw new EventStoreUnavailable('the process was held up between two writes of one append');
      const result = expected === 'any' ? await this.#appendAnywhere(write) : await this.#appendAt(stream, events, expected);
      if ('actual' in result) throw new WrongExpectedRevision(stream, expected, result.actual, index);
      results.push(result);
    }
    return results;
  }

  /**
   * The engine itself knows a write again by its ids, at the revision where it was. But while the same write is still under way, it leaves
   * the second one without an answer until it gives up; asked once more, it knows.
   */
  async #appendAt(stream: string, events: readonly EventToAppend[], expected: 'none' | number): Promise<WriteResult | Conflict> {
    try {
      return await this.#send(stream, events, expected);
    } catch (error) {
      if (!isTimeoutOfEngine(error)) throw error;
      return this.#send(stream, events, expected);
    }
  }

  /**
   * A write that goes anywhere the engine knows again only as long as it remembers, in memory. So the stream is read, and the write follows
   * what was read; again, when another came first.
   */
  async #appendAnywhere({ stream, events }: StreamWrite): Promise<WriteResult | Conflict> {
    const known = new Map<string, WriteResult>();
    for (let last = -1; ;) {
      for (const { id, revision, position } of await this.#readStream(stream, { from: last + 1 })) {
        known.set(id, { revision, position });
        last = revision;
      }
      const found = events.flatMap(({ id }) => known.get(id) ?? []);
      if (found.length > 0) return (found.length === events.length ? repeated(found) : undefined) ?? { actual: last };
      const result = await this.#appendAt(stream, events, last < 0 ? 'none' : last);
      if (!('actual' in result)) return result;
    }
  }

  async #send(stream: string, events: readonly EventToAppend[], expected: 'none' | number): Promise<WriteResult | Conflict> {
    try {
      return await this.#resultOf(stream, await this.#engine.append(stream, events, expected));
    } catch (error) {
      if (!isWrongExpectedVersion(error)) throw error;
      return { actual: error.actualState === 'no_stream' ? -1 : Number(error.actualState) };
    }
  }

  async #resultOf(stream: string, { revision, position }: Appended): Promise<WriteResult> {
    // Of what is not replicated yet it may also say the highest number there is.
    if (position && BigInt(position.commit) < 1n << 63n) return { revision, position: positionOf(position) };
    const [event] = await this.#readStream(stream, { from: revision, limit: 1 });
    if (!event) throw new EventStoreUnavailable(`event ${revision} of ${stream} was appended and can't be read yet`);
    return { revision, position: event.position };
  }

  async #revisionAfter(stream: string, position: Position): Promise<number> {
    let from: number | undefined;
    for (let page = 0; ; page += 1) {
      const limit = SEARCH_PAGES[page] ?? 1000;
      const events = await this.#readStream(stream, { direction: 'backwards', from, limit });
      const before = events.find(event => event.position <= position);
      if (before) return before.revision + 1;
      const first = events.at(-1);
      if (!first || first.revision === 0) return 0;
      from = first.revision - 1;
    }
  }

  async #readHead(): Promise<Position | undefined> {
    const [last] = await collect(this.#engine.readLast(ALL));
    return last?.position;
  }

  /** Also while the store is closing: an append that was accepted may have to look. */
  async #readStream(
    stream: string,
    { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
  ): Promise<RecordedEvent[]> {
    return limit < 1 ? [] : collect(this.#engine.readStream(stream, direction, from, limit));
  }
}

async function collect(pages: AsyncIterable<RecordedEvent[]>): Promise<RecordedEvent[]> {
  const events: RecordedEvent[] = [];
  for await (const page of pages) for (const event of page) events.push(event);
  return events;
}

/** The answer of the first time when the events follow one another in the stream. */
function repeated(found: readonly WriteResult[]): WriteResult | undefined {
  const start = found[0]?.revision ?? 0;
  return found.every(({ revision }, index) => revision === start + index) ? found.at(-1) : undefined;
}
