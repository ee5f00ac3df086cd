import type { Position, StreamWrite, WriteResult } from '../event-store.js';

/** Streams remembered; about 10 MB. */
const CAPACITY = 100_000;

/**
 * What the one writing process knows without asking the file: where streams and the log end. Only what was acknowledged is known, and no
 * other process appends, so an answer from here is as fresh as a read. After an append that failed, nothing is known of its streams.
 */
export class KnownEnds {
  readonly #ends = new Map<string, number>();
  #head: Position | undefined;

  /** Revision of a stream's last event, -1 when it has none; undefined when that is not known. */
  of(stream: string): number | undefined {
    return this.#ends.get(stream);
  }

  get head(): Position | undefined {
    return this.#head;
  }

  headIs(position: Position | undefined): void {
    if (position !== undefined && (this.#head === undefined || position > this.#head)) this.#head = position;
  }

  endIs(stream: string, revision: number): void {
    this.#ends.set(stream, Math.max(revision, this.#ends.get(stream) ?? -1));
    if (this.#ends.size <= CAPACITY) return;
    const oldest = this.#ends.keys().next();
    if (!oldest.done) this.#ends.delete(oldest.value);
  }

  appended(writes: readonly StreamWrite[], results: readonly WriteResult[]): void {
    for (const [index, { revision, position }] of results.entries()) {
      const stream = writes[index]?.stream;
      if (stream !== undefined) this.endIs(stream, revision);
      this.headIs(position);
    }
  }

  /** Some of the writes may have been appended, and no one knows which. */
  failed(writes: readonly StreamWrite[]): void {
    for (const { stream } of writes) this.#ends.delete(stream);
    this.#head = undefined;
  }
}
