/**
 * The event store port. An adapter per engine implements it, and one contract suite (`testing/`) holds all of them to it.
 *
 * Streams are named `category-id`; the category has no hyphen. Revisions count from 0 within a stream without gaps.
 */

/**
 * Where an event stands in the whole log. Opaque, but comparable: `a < b` as strings exactly when a was committed before b.
 * (SQLite: the row number padded to 20 digits. KurrentDB: commit and prepare position, each padded.)
 */
export type Position = string;

/** What a writer believes about a stream: it has no event yet, anything goes, or its last event has this revision. */
export type ExpectedRevision = 'none' | 'any' | number;

/** An event as its writer hands it over. `data` and `metadata` are JSON texts: what is hashed is what is stored. */
export interface EventToAppend {
  /** A UUID. Appending the same id again at the same expected revision is the same append. */
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** An event as the store holds it. */
export interface RecordedEvent extends EventToAppend {
  readonly stream: string;
  readonly revision: number;
  readonly position: Position;
}

/** Events for one stream: appended all or none. */
export interface StreamWrite {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly EventToAppend[];
}

/** The last event that a write appended. */
export interface WriteResult {
  readonly revision: number;
  readonly position: Position;
}

export interface ReadStreamOptions {
  /** First revision to read; default: the first event, or the last one when reading backwards. */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  /** Number of events at most; default all. */
  readonly limit?: number;
}

export interface ReadAllOptions {
  /** Exclusive. Absent: from the first event (the last one when reading backwards). */
  readonly after?: Position;
  readonly direction?: 'forwards' | 'backwards';
  /** Only events of streams of these categories; of none when empty. */
  readonly categories?: readonly string[];
  /** Number of events at most. */
  readonly limit: number;
}

export interface SubscribeOptions {
  /** Exclusive. Absent: from the first event. */
  readonly after?: Position;
  /** One stream, or all streams of these categories, or (neither given) everything. */
  readonly stream?: string;
  readonly categories?: readonly string[];
  /** Ends the subscription: the iteration returns. */
  readonly signal: AbortSignal;
  /** Events in a batch at most; default 500. */
  readonly batchSize?: number;
}

/** What a subscription yields: events in log order, none left out, none twice. */
export interface SubscriptionBatch {
  /** May be empty when only `position` or `caughtUp` has moved. */
  readonly events: readonly RecordedEvent[];
  /** Everything up to here that matches has been yielded: where to subscribe again after. Absent on an empty log. */
  readonly position?: Position;
  /** Nothing newer was in the store when this batch was read. */
  readonly caughtUp: boolean;
}

/** The stream is not at the revision that the writer expected. Nothing of this write was appended. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';

  constructor(
    readonly stream: string,
    readonly expected: ExpectedRevision,
    /** Revision of the stream's last event, -1 when it has none. */
    readonly actual: number,
    /** Index of the write that failed; those before it were appended. */
    readonly writeIndex: number,
  ) {
    super(`stream ${stream} is at revision ${actual}, expected ${expected}`);
  }
}

/** The engine can't be reached, is full, or is shutting down. Nothing is known to be appended: the same append may be tried again. */
export class EventStoreUnavailable extends Error {
  override readonly name = 'EventStoreUnavailable';
}

/** The event store. Every method may reject with {@link EventStoreUnavailable}. */
export interface EventStore {
  /**
   * Appends the writes in order, each all or none, and resolves when all of them are durable. Stops at the first that fails:
   * those before it stay, those after it are not tried. A caller may rely on the order and on nothing more; an adapter whose
   * engine can make the whole batch atomic against a crash does so (SQLite: one transaction).
   * Idempotent by event id: a write whose events are already in the stream, with the same ids and following the expected
   * revision (anywhere, one after the other, when it expects anything), answers as it did the first time. When only some of them
   * are there, it is a wrong expected revision. (Whether an id that is earlier in the stream is taken again at its current end is the engine's
   * to say: no caller may rely on it.) Streams are apart: the same id in another is another event.
   * @throws {WrongExpectedRevision}
   * @throws {Error} programming errors, and then nothing is appended: what `checkWrites` refuses
   */
  append(writes: readonly StreamWrite[]): Promise<WriteResult[]>;

  /** Events of one stream; empty when there is no such stream. */
  readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]>;

  /** Events of the whole log. */
  readAll(options: ReadAllOptions): Promise<RecordedEvent[]>;

  /** Position of the newest event; undefined on an empty log. */
  head(): Promise<Position | undefined>;

  /** Number of events after a position. */
  countAfter(position: Position | undefined): Promise<number>;

  /** Catches up from a position, then follows live. The consumer's pace is the subscription's: nothing is buffered beyond a batch. */
  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch>;

  /** Finishes what was accepted, then lets go of the engine. */
  close(): Promise<void>;
}
