/** The client, in the words of the port: bytes as they are stored, calls that end, and errors that callers know. */
import {
  BACKWARDS,
  END,
  FORWARDS,
  KurrentDBClient,
  START,
  type AppendResult,
  type EventData,
  type Filter,
} from '@kurrent/kurrentdb-client';
import type { Position, RecordedEvent } from '../event-store.js';
import { asPortError, isFailedDiscovery, isMissingStream } from './errors.js';
import { Feed, feedOptions } from './feed.js';
import { logPositionOf } from './positions.js';
import { asRecorded, type RawEvent } from './records.js';
import { within } from './within.js';

type Direction = 'forwards' | 'backwards';
type StreamState = 'any' | 'no_stream' | bigint;

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
  readonly #reader: KurrentDBClient;
  /** Apart, so that acknowledgements do not queue behind what subscriptions are sent. */
  #writer: KurrentDBClient;

  /** Does not connect yet. @throws {Error} the connection string has a mistake */
  constructor({ url, deadlineMs }: EngineOptions) {
    // The same thing by its newer name, for which the client does not print a warning.
    this.#url = url.replace(/^esdb/, 'kurrentdb');
    this.#deadlineMs = deadlineMs;
    this.#reader = KurrentDBClient.connectionString(this.#url);
    this.#writer = KurrentDBClient.connectionString(this.#url);
  }

  /**
   * @throws {WrongExpectedVersionError} the client's own: the caller knows which write it was
   * @throws {EventStoreUnavailable} after the deadline at the latest; the events may have been stored nevertheless
   */
  async append(stream: string, events: EventData[], streamState: StreamState): Promise<AppendResult> {
    const writer = this.#writer;
    const options = { streamState, requiresLeader: true, deadline: this.#deadlineMs };
    try {
      return await within(this.#deadlineMs, `an append to ${stream}`, writer.appendToStream(stream, events, options));
    } catch (error) {
      if (isFailedDiscovery(error) && writer === this.#writer) this.#writer = KurrentDBClient.connectionString(this.#url);
      throw asPortError(error);
    }
  }

  /** Events of a stream, page by page; none when there is no such stream. */
  readStream(
    stream: string,
    direction: Direction,
    from: number | undefined,
    limit: number,
  ): AsyncGenerator<RecordedEvent[], void> {
    const pages = this.#reader.rustClient.readStream(stream, {
      direction: DIRECTIONS[direction],
      fromRevision: from === undefined ? ENDS[direction] : BigInt(from),
      maxCount: countOf(limit),
      ...FROM_LEADER,
    });
    return recorded(pages, answer => within(this.#deadlineMs, `a read of ${stream}`, answer));
  }

  /** The last event of the log that passes the filter. */
  readLast(filter: Filter): AsyncGenerator<RecordedEvent[]> {
    return recorded(this.#log('backwards', undefined, filter, 1), answer =>
      within(this.#deadlineMs, 'a read of the last event', answer),
    );
  }

  /**
   * Events of the log from a position on, itself included when reading forwards, page by page. Without a deadline: the engine is silent
   * while it searches for events that pass the filter, however long that takes. A connection that is dead is found by its keepalive.
   */
  readAll(direction: Direction, from: Position | undefined, filter: Filter, limit: number): AsyncGenerator<RecordedEvent[]> {
    return recorded(this.#log(direction, from, filter, limit), answer => answer);
  }

  /** What comes after a position, and what is appended from then on; `size` messages at most wait here to be read. */
  subscribe(after: Position | undefined, filter: Filter, size: number): Feed {
    const fromPosition = after === undefined ? START : logPositionOf(after);
    return new Feed(this.#reader.subscribeToAll({ fromPosition, filter, requiresLeader: true }, feedOptions(size)));
  }

  /** Ends all that is under way. */
  async close(): Promise<void> {
    await Promise.all([this.#reader.dispose(), this.#writer.dispose()]);
  }

  #log(direction: Direction, from: Position | undefined, filter: Filter, limit: number) {
    return this.#reader.rustClient.readAll({
      direction: DIRECTIONS[direction],
      fromPosition: from === undefined ? ENDS[direction] : logPositionOf(from),
      maxCount: countOf(limit),
      filter,
      ...FROM_LEADER,
    });
  }
}

const countOf = (limit: number): bigint => BigInt(Math.min(limit, Number.MAX_SAFE_INTEGER));

/** The pages of a read; each is awaited as `bounded` says. */
async function* recorded(
  pages: AsyncIterable<{ event?: RawEvent }[]>,
  bounded: <T>(answer: Promise<T>) => Promise<T>,
): AsyncGenerator<RecordedEvent[], void> {
  const reading = pages[Symbol.asyncIterator]();
  for (;;) {
    const page = await bounded(reading.next()).catch(endOrError);
    if (page.done) return;
    yield page.value.flatMap(({ event }) => (event ? [asRecorded(event)] : []));
  }
}

function endOrError(error: unknown): { done: true } {
  if (isMissingStream(error)) return { done: true };
  throw asPortError(error);
}
