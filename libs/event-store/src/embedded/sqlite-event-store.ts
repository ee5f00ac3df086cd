import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import {
  type EventStore,
  EventStoreUnavailable,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamWrite,
  type SubscribeOptions,
  type SubscriptionBatch,
  type WriteResult,
} from '../event-store.js';
import { checkWrites } from '../writes.js';
import { Commits, watchCommits } from './commits.js';
import { follow, positionOf } from './follow.js';
import { commitChannel, FORMAT, TABLES } from './format.js';
import { KnownEnds } from './known-ends.js';
import { LogReader, rowOf } from './log-reader.js';
import { startWriter, WriterThread } from './writer-thread.js';

/** Events read at a time before other work gets its turn: about 3 ms. */
const PAGE = 1000;
/** How often a read-only store looks for commits of another process, in milliseconds. */
const POLL_MS = 250;

export interface SqliteEventStoreOptions {
  /** Database file; its folder exists. Made when it isn't there, unless read-only. */
  readonly path: string;
  /** Only reads: any number of such stores may be open, in any process, beside the one that writes. */
  readonly readonly?: boolean;
}

/**
 * The embedded event store: one SQLite file (WAL, `synchronous=FULL`). One writer over all processes, in a thread of its own with group
 * commit; reads on the calling thread, where a point read costs less than a message to another one.
 */
export class SqliteEventStore implements EventStore {
  readonly #closing = new AbortController();
  readonly #path: string;
  readonly #reader: LogReader;
  readonly #commits: Commits;
  readonly #writer: WriterThread | undefined;
  readonly #stopWatching: (() => void) | undefined;
  /** Kept by the store that writes; a read-only one has to look. */
  readonly #known: KnownEnds | undefined;
  #closed: Promise<void> | undefined;

  private constructor(path: string, reader: LogReader, commits: Commits, writer: WriterThread | undefined) {
    this.#path = path;
    this.#reader = reader;
    this.#commits = commits;
    this.#writer = writer;
    this.#known = writer && new KnownEnds();
    this.#stopWatching = writer ? undefined : watchCommits(commits, commitChannel(path), POLL_MS);
  }

  /** @throws {EventStoreUnavailable} another process writes to the file, or it can't be opened, or its format is newer */
  static async open({ path: given, readonly = false }: SqliteEventStoreOptions): Promise<SqliteEventStore> {
    const path = await realPath(given);
    const commits = new Commits();
    const options = { path, format: FORMAT, tables: TABLES, channel: commitChannel(path) };
    const writer = readonly ? undefined : await WriterThread.start(startWriter(options), () => commits.announce());
    try {
      return new SqliteEventStore(path, new LogReader(path), commits, writer);
    } catch (error) {
      await writer?.close();
      throw new EventStoreUnavailable(`${path} can't be read: ${(error as Error).message}`, { cause: error });
    }
  }

  async append(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    checkWrites(writes);
    if (!this.#writer)
      throw new EventStoreUnavailable(`${this.#path} is open read-only: append through the process that writes to it`);
    try {
      const results = await this.#writer.append(writes);
      this.#known?.appended(writes, results);
      return results;
    } catch (error) {
      this.#known?.failed(writes);
      throw error;
    }
  }

  async readStream(
    stream: string,
    { from, direction = 'forwards', limit = Infinity }: ReadStreamOptions = {},
  ): Promise<RecordedEvent[]> {
    const step = direction === 'forwards' ? 1 : -1;
    const end = this.#known?.of(stream);
    if (end !== undefined && direction === 'forwards' && (from ?? 0) > end) return this.#read(() => []);
    const events = await this.#pages(limit, (last, size) =>
      this.#reader.stream(stream, direction, last ? last.revision + step : from, size),
    );
    if (direction === 'forwards' && limit === Infinity && (events.length > 0 || !from)) {
      this.#known?.endIs(stream, events.at(-1)?.revision ?? -1);
    }
    return events;
  }

  async readAll({ after, direction = 'forwards', categories, limit }: ReadAllOptions): Promise<RecordedEvent[]> {
    const start = after === undefined ? undefined : rowOf(after);
    return this.#pages(limit, (last, size) => this.#reader.log(direction, last ? rowOf(last.position) : start, categories, size));
  }

  async head(): Promise<Position | undefined> {
    return this.#read(() => {
      const head = this.#known?.head ?? positionOf(this.#reader.head());
      this.#known?.headIs(head);
      return head;
    });
  }

  async countAfter(position: Position | undefined): Promise<number> {
    const row = rowOf(position);
    return this.#read(() => Math.max(0, this.#reader.head() - row));
  }

  async *subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    const signal = AbortSignal.any([options.signal, this.#closing.signal]);
    const batches = follow({ reader: this.#reader, commits: this.#commits }, { ...options, signal });
    try {
      yield* batches;
    } catch (error) {
      throw unavailable(error);
    }
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#stopWatching?.();
    await this.#writer?.close();
    this.#reader.close();
  }

  async #pages(
    limit: number,
    read: (last: RecordedEvent | undefined, size: number) => RecordedEvent[],
  ): Promise<RecordedEvent[]> {
    const events = this.#read(() => read(undefined, Math.min(PAGE, limit)));
    let full = events.length === PAGE;
    while (full && events.length < limit) {
      await setImmediate();
      const size = Math.min(PAGE, limit - events.length);
      const page = this.#read(() => read(events.at(-1), size));
      for (const event of page) events.push(event);
      full = page.length === PAGE;
    }
    return events;
  }

  #read<T>(query: () => T): T {
    if (this.#closing.signal.aborted) throw new EventStoreUnavailable('the event store is closed');
    try {
      return query();
    } catch (error) {
      throw unavailable(error);
    }
  }
}

/** The same file has one path, and so one lock and one channel, however it is named. The file itself need not be there yet. */
async function realPath(path: string): Promise<string> {
  if (existsSync(path)) return realpath(path);
  return join(await realpath(dirname(path)), basename(path));
}

/** An error of the engine in the words of the port; any other stays what it is. */
function unavailable(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ERR_SQLITE_ERROR' ? new EventStoreUnavailable(message, { cause: error }) : error;
}
