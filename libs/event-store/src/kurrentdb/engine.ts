/** The client, in the words of the port: bytes as they are stored, calls that end, and errors that callers know. */
import { BACKWARDS, END, FORWARDS, KurrentDBClient, START, type Filter } from '@kurrent/kurrentdb-client';
import { EventStoreUnavailable, type EventToAppend, type Position, type RecordedEvent } from '../event-store.js';
import { asPortError, isFailedDiscovery, isMissingStream } from './errors.js';
import { Feed, feedOptions } from './feed.js';
import { OpenAppend, type Appended } from './open-append.js';
import { logPositionOf } from './positions.js';
import { readStream } from './stream-read.js';
import { asRecorded, type RawEvent } from './records.js';
import { within } from './within.js';

type Direction = 'forwards' | 'backwards';
type Pages = AsyncGenerator<RecordedEvent[], void>;
/** The part of the client that reads: it gives bytes as they are stored, where the client's own reads make objects of them. */
type Bridge = KurrentDBClient['rustClient'];
type RawPage = { event?: RawEvent }[];
type Bounded = <T>(answer: Promise<T>) => Promise<T>;

const DIRECTIONS = { forwards: FORWARDS, backwards: BACKWARDS } as const;
const ENDS = { forwards: START, backwards: END } as const;
/** A cluster's followers may not know yet what was acknowledged; and reads that miss it would break the promise of the read barrier. */
const FROM_LEADER = { requiresLeader: true, resolvesLink: false } as const;

export interface EngineOptions {
  readonly url: string;
  readonly deadlineMs: number;
}

export class Engine {
  readonly #url: string;
  readonly #deadlineMs: number;
  /** For appends and subscriptions. */
  #caller: KurrentDBClient;
  /** For reads, which the client makes over a connection of its own. */
  #reader: KurrentDBClient;
  #append: OpenAppend | undefined;
  #beginning: Promise<OpenAppend> | undefined;

  /** Does not connect yet. @throws {Error} the connection string has a mistake */
  constructor({ url, deadlineMs }: EngineOptions) {
    // The same thing by its newer name, for which the client does not print a warning.
    this.#url = url.replace(/^esdb/, 'kurrentdb');
    this.#deadlineMs = deadlineMs;
    this.#caller = this.#newClient();
    this.#reader = this.#newClient();
  }

  /**
   * @throws {WrongExpectedVersionError} the client's own: the caller knows which write it was
   * @throws {EventStoreUnavailable} after the deadline at the latest; the events may have been stored nevertheless
   */
  async append(stream: string, events: readonly EventToAppend[], expected: 'none' | number): Promise<Appended> {
    const append = this.#append && !this.#append.isBroken ? this.#append : await this.#beginAppend();
    return append.send(stream, events, expected);
  }

  /** Who asks meanwhile waits for the same. */
  #beginAppend(): Promise<OpenAppend> {
    return (this.#beginning ??= this.#newAppend().finally(() => (this.#beginning = undefined)));
  }

  async #newAppend(): Promise<OpenAppend> {
    const caller = this.#caller;
    try {
      return (this.#append = await within(
        this.#deadlineMs,
        'a connection to append',
        OpenAppend.begin(caller, this.#deadlineMs),
      ));
    } catch (error) {
      if (isFailedDiscovery(error) && caller === this.#caller) this.#caller = this.#newClient();
      throw asPortError(error);
    }
  }

  /** Events of a stream, page by page; none when there is no such stream. */
  readStream(stream: string, direction: Direction, from: number | undefined, limit: number): Pages {
    return this.#pagesOfStream(readStream(this.#caller, stream, direction, from, limit), `a read of ${stream}`);
  }

  async *#pagesOfStream(pages: Pages, what: string): Pages {
    const caller = this.#caller;
    try {
      for (;;) {
        const page = await within(this.#deadlineMs, what, pages.next());
        if (page.done) return;
        yield page.value;
      }
    } catch (error) {
      if (isMissingStream(error)) return;
      if (isFailedDiscovery(error) && caller === this.#caller) this.#caller = this.#newClient();
      throw asPortError(error);
    }
  }

  /** The last event of the log that passes the filter. */
  readLast(filter: Filter): Pages {
    return this.#pages(
      client => client.readAll(optionsOf('backwards', undefined, filter, 1)),
      answer => within(this.#deadlineMs, 'a read of the last event', answer),
    );
  }

  /**
   * Events of the log from a position on, itself included when reading forwards, page by page. Without a deadline: the engine is silent
   * while it searches for events that pass the filter, however long that takes. A connection that is dead is found by its keepalive.
   */
  readAll(direction: Direction, from: Position | undefined, filter: Filter, limit: number): Pages {
    const options = optionsOf(direction, from, filter, limit);
    return this.#pages(
      client => client.readAll(options),
      answer => answer,
    );
  }

  /** What comes after a position, and what is appended from then on; `size` messages at most wait here to be read. */
  subscribe(after: Position | undefined, filter: Filter, size: number): Feed {
    const fromPosition = after === undefined ? START : logPositionOf(after);
    return new Feed(this.#caller.subscribeToAll({ fromPosition, filter, requiresLeader: true }, feedOptions(size)));
  }

  /** Ends all that is under way. */
  async close(): Promise<void> {
    await this.#caller.dispose();
  }

  #newClient(): KurrentDBClient {
    return KurrentDBClient.connectionString(this.#url);
  }

  /** The pages of a read; each is awaited as `bounded` says. */
  async *#pages(start: (client: Bridge) => AsyncIterable<RawPage>, bounded: Bounded): Pages {
    const reader = this.#reader;
    const reading = start(reader.rustClient)[Symbol.asyncIterator]();
    for (;;) {
      const page = await bounded(reading.next()).catch((error: unknown) => this.#endOf(reader, error));
      if (page.done) return;
      yield page.value.flatMap(({ event }) => (event ? [asRecorded(event)] : []));
    }
  }

  #endOf(reader: KurrentDBClient, error: unknown): { done: true } {
    if (isMissingStream(error)) return { done: true };
    const failure = asPortError(error);
    // A reader that could not connect at first does not try again, ever. One that is silent may only be slow.
    const isBroken = failure instanceof EventStoreUnavailable && failure !== error;
    if (isBroken && reader === this.#reader) this.#reader = this.#newClient();
    throw failure;
  }
}

function optionsOf(direction: Direction, from: Position | undefined, filter: Filter, limit: number) {
  return {
    direction: DIRECTIONS[direction],
    fromPosition: from === undefined ? ENDS[direction] : logPositionOf(from),
    maxCount: countOf(limit),
    filter,
    ...FROM_LEADER,
  };
}

const countOf = (limit: number): bigint => BigInt(Math.min(limit, Number.MAX_SAFE_INTEGER));
