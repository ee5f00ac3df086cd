/**
 * An event store in memory, for tests that need thousands of logs: one array, nothing durable, nothing that waits. The contract suite of the
 * port holds it to what the engines promise (test/model-store.spec.ts).
 */
import {
  EventStoreUnavailable,
  WrongExpectedRevision,
  type EventStore,
  type Position,
  type ReadAllOptions,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamWrite,
  type SubscribeOptions,
  type SubscriptionBatch,
  type WriteResult,
} from '#event-store';
import { checkWrites } from '../../../libs/event-store/src/writes.js';

const positionOf = (index: number): Position => String(index).padStart(12, '0');
const categoryOf = (stream: string): string => stream.slice(0, stream.indexOf('-'));

/** What a stream, categories, or neither of them select. */
function matcher({ stream, categories }: Pick<SubscribeOptions, 'stream' | 'categories'>): (event: RecordedEvent) => boolean {
  if (stream !== undefined) return event => event.stream === stream;
  if (categories === undefined) return () => true;
  return event => categories.includes(categoryOf(event.stream));
}

export class MemoryEventStore implements EventStore {
  /** In the order of the log. */
  readonly log: RecordedEvent[] = [];
  private readonly streams = new Map<string, RecordedEvent[]>();
  private readonly followers = new Set<() => void>();
  private isClosed = false;

  async append(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    this.demandOpen();
    checkWrites(writes);
    return writes.map((write, index) => this.appendOne(write, index));
  }

  async readStream(
    stream: string,
    { direction = 'forwards', from, limit = Infinity }: ReadStreamOptions = {},
  ): Promise<RecordedEvent[]> {
    this.demandOpen();
    const events = this.streams.get(stream) ?? [];
    const chosen = direction === 'forwards' ? events.slice(from ?? 0) : events.slice(0, (from ?? events.length) + 1).toReversed();
    return chosen.slice(0, limit);
  }

  async readAll({ after, direction = 'forwards', categories, limit }: ReadAllOptions): Promise<RecordedEvent[]> {
    this.demandOpen();
    const ordered = direction === 'forwards' ? this.log : this.log.toReversed();
    const isBeyond = ({ position }: RecordedEvent): boolean =>
      after === undefined || (direction === 'forwards' ? position > after : position < after);
    return ordered.filter(isBeyond).filter(matcher({ categories })).slice(0, limit);
  }

  async head(): Promise<Position | undefined> {
    this.demandOpen();
    return this.log.at(-1)?.position;
  }

  async countAfter(position: Position | undefined): Promise<number> {
    this.demandOpen();
    return this.log.filter(event => position === undefined || event.position > position).length;
  }

  async *subscribe(options: SubscribeOptions): AsyncGenerator<SubscriptionBatch> {
    const { after, signal, batchSize = 500 } = options;
    const matches = matcher(options);
    let index = after === undefined ? 0 : this.log.findIndex(({ position }) => position > after);
    if (index < 0) index = this.log.length;
    for (let isFirst = true; !signal.aborted && !this.isClosed; isFirst = false) {
      if (index === this.log.length && !isFirst) {
        await this.news(signal);
        continue;
      }
      const events: RecordedEvent[] = [];
      for (; index < this.log.length && events.length < batchSize; index++) {
        const event = this.log[index];
        if (event && matches(event)) events.push(event);
      }
      yield { events, position: index > 0 ? positionOf(index - 1) : after, caughtUp: index === this.log.length };
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.notify();
  }

  private appendOne({ stream, expected, events }: StreamWrite, writeIndex: number): WriteResult {
    const there = this.streams.get(stream) ?? [];
    const actual = there.length - 1;
    const known = there.findIndex(({ id }) => id === events[0]?.id);
    if (known >= 0) {
      const isSame = events.every(({ id }, offset) => there[known + offset]?.id === id);
      const isExpected = expected === 'any' || known === (expected === 'none' ? 0 : expected + 1);
      const last = there[known + events.length - 1];
      if (!isSame || !isExpected || !last) throw new WrongExpectedRevision(stream, expected, actual, writeIndex);
      return { revision: last.revision, position: last.position };
    }
    if (expected !== 'any' && actual !== (expected === 'none' ? -1 : expected)) {
      throw new WrongExpectedRevision(stream, expected, actual, writeIndex);
    }
    for (const event of events) {
      const recorded = { ...event, stream, revision: there.length, position: positionOf(this.log.length) };
      there.push(recorded);
      this.log.push(recorded);
    }
    this.streams.set(stream, there);
    this.notify();
    return { revision: there.length - 1, position: positionOf(this.log.length - 1) };
  }

  private news(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const wake = (): void => {
        this.followers.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.followers.add(wake);
      signal.addEventListener('abort', wake);
    });
  }

  private notify(): void {
    for (const wake of this.followers) wake();
  }

  private demandOpen(): void {
    if (this.isClosed) throw new EventStoreUnavailable('the event store is closed');
  }
}
