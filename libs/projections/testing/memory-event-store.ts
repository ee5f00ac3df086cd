import type {
  EventStore,
  Position,
  ReadAllOptions,
  ReadStreamOptions,
  RecordedEvent,
  StreamWrite,
  SubscribeOptions,
  SubscriptionBatch,
  WriteResult,
} from '#event-store';

/** A log in memory, for tests: no expected revisions, no idempotency, no durability. */
export class MemoryEventStore implements EventStore {
  readonly log: RecordedEvent[] = [];
  readonly #lengths = new Map<string, number>();
  #wake = Promise.withResolvers<void>();

  async append(writes: readonly StreamWrite[]): Promise<WriteResult[]> {
    return writes.map(({ stream, events }) => {
      for (const event of events) this.#record(stream, event);
      const { revision, position } = this.log.at(-1)!;
      return { revision, position };
    });
  }

  async readStream(stream: string, { from = 0 }: ReadStreamOptions = {}): Promise<RecordedEvent[]> {
    return this.log.filter(event => event.stream === stream && event.revision >= from);
  }

  async readAll({ after, limit }: ReadAllOptions): Promise<RecordedEvent[]> {
    const start = after === undefined ? 0 : Number(after);
    return this.log.slice(start, start + limit);
  }

  async head(): Promise<Position | undefined> {
    return this.log.at(-1)?.position;
  }

  async countAfter(position: Position | undefined): Promise<number> {
    return this.log.length - Number(position ?? 0);
  }

  async *subscribe({ after, signal, batchSize = 500 }: SubscribeOptions): AsyncIterable<SubscriptionBatch> {
    let position = after;
    signal.addEventListener('abort', () => this.#wakeAll());
    while (!signal.aborted) {
      const woken = this.#wake.promise;
      const events = await this.readAll({ after: position, limit: batchSize });
      position = events.at(-1)?.position ?? position;
      yield { events, position, caughtUp: events.length < batchSize };
      if (events.length < batchSize) await woken;
    }
  }

  async close(): Promise<void> {}

  #record(stream: string, event: StreamWrite['events'][number]): void {
    const revision = this.#lengths.get(stream) ?? 0;
    this.#lengths.set(stream, revision + 1);
    this.log.push({ ...event, stream, revision, position: String(this.log.length + 1).padStart(20, '0') });
    this.#wakeAll();
  }

  #wakeAll(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}
