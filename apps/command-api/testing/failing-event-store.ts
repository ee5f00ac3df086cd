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

/** An event store that fails, once, at an append that a test names. */
export class FailingEventStore implements EventStore {
  private failing: ((types: readonly string[]) => boolean) | undefined;
  private lastType: string | undefined;
  private appendsToGo = 0;
  private contested: string | undefined;
  private held: { readonly when: (types: readonly string[]) => boolean; readonly until: Promise<void> } | undefined;

  constructor(private readonly store: EventStore) {}

  /** The next append that holds an event of this type fails, and appends nothing. */
  failAtNext(type: string): void {
    this.failing = types => types.includes(type);
  }

  /** The next append that holds an event of this type loses the stream behind it to another writer, on an engine without transactions. */
  loseAfter(type: string): void {
    this.contested = type;
  }

  /** The next append (or the nth) that holds an event of this type ends behind it, as a process does that is killed between two streams. */
  dieAfter(type: string, nth = 1): void {
    this.lastType = type;
    this.appendsToGo = nth;
  }

  /** The next append that holds an event of this type waits. @returns lets it go on */
  holdNext(type: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.held = { when: types => types.includes(type), until: promise };
    return resolve;
  }

  async append(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    const types = writes.flatMap(({ events }) => events.map(({ type }) => type));
    if (this.failing?.(types)) {
      this.failing = undefined;
      throw new EventStoreUnavailable('the disk is gone');
    }
    const last = writes.findIndex(({ events }) => events.some(({ type }) => type === this.lastType));
    if (last >= 0 && --this.appendsToGo === 0) {
      this.lastType = undefined;
      await this.store.append(writes.slice(0, last + 1));
      throw new EventStoreUnavailable('the process is gone');
    }
    const kept = writes.findIndex(({ events }) => events.some(({ type }) => type === this.contested)) + 1;
    const lost = kept > 0 ? writes[kept] : undefined;
    if (lost) {
      this.contested = undefined;
      await this.store.append(writes.slice(0, kept));
      throw new WrongExpectedRevision(lost.stream, lost.expected, 0, kept);
    }
    if (this.held?.when(types)) {
      const { until } = this.held;
      this.held = undefined;
      await until;
    }
    return this.store.append(writes);
  }

  readStream(stream: string, options?: ReadStreamOptions): Promise<RecordedEvent[]> {
    return this.store.readStream(stream, options);
  }

  readAll(options: ReadAllOptions): Promise<RecordedEvent[]> {
    return this.store.readAll(options);
  }

  head(): Promise<Position | undefined> {
    return this.store.head();
  }

  countAfter(position: Position | undefined): Promise<number> {
    return this.store.countAfter(position);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    return this.store.subscribe(options);
  }

  close(): Promise<void> {
    return this.store.close();
  }
}
