import type { EventStore, Position, RecordedEvent } from '#event-store';

/** Reads a log from its first event on, so many events at a time as are asked for. */
export class LogReader {
  #after: Position | undefined;
  #isAtEnd = false;

  /** @param isDue false for the first event that is not read any more */
  constructor(
    private readonly name: 'source' | 'target',
    private readonly store: EventStore,
    private readonly isDue: (position: Position) => boolean = () => true,
  ) {}

  /** The next events: fewer than asked for at the end, and none after it. @throws {Error} the log can't be read */
  async take(count: number): Promise<RecordedEvent[]> {
    const taken: RecordedEvent[] = [];
    while (taken.length < count && !this.#isAtEnd) {
      const page = await this.#read(() => this.store.readAll({ after: this.#after, limit: count - taken.length }));
      const due = page.filter(({ position }) => this.isDue(position));
      this.#isAtEnd = page.length === 0 || due.length < page.length;
      this.#after = due.at(-1)?.position ?? this.#after;
      taken.push(...due);
    }
    return taken;
  }

  /** Position of the newest event. @throws {Error} the log can't be read */
  head(): Promise<Position | undefined> {
    return this.#read(() => this.store.head());
  }

  async #read<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new Error(`the ${this.name} can't be read: ${(error as Error).message}`, { cause: error });
    }
  }
}
