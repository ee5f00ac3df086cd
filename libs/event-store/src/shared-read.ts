import { setImmediate as endOfTurn } from 'node:timers/promises';

/**
 * A read that callers share: all who call in one turn of the event loop, or while another read is under way. Each gets the answer of a read
 * that began after its call: one that is under way already may miss what was written in between.
 */
export class SharedRead<T> {
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;

  constructor(private readonly load: () => Promise<T>) {}

  /** The answer, or the error, of a read that has not begun yet. */
  read(): Promise<T> {
    return (this.#next ??= this.#start());
  }

  async #start(): Promise<T> {
    await Promise.all([this.#running, endOfTurn()]);
    this.#next = undefined;
    const reading = this.load();
    this.#running = reading.catch(() => undefined);
    return reading;
  }
}

/** Shared reads of many things, each by its key. */
export class SharedReads<T> {
  readonly #reads = new Map<string, { readonly read: SharedRead<T>; callers: number }>();

  /** The answer of a read of this key that begins after the call. @param load how to read it: that of the first who asks is taken */
  async read(key: string, load: () => Promise<T>): Promise<T> {
    const shared = this.#reads.get(key) ?? { read: new SharedRead(load), callers: 0 };
    this.#reads.set(key, shared);
    shared.callers += 1;
    try {
      return await shared.read.read();
    } finally {
      shared.callers -= 1;
      if (shared.callers === 0) this.#reads.delete(key);
    }
  }

  /** Keys that are being read. */
  get size(): number {
    return this.#reads.size;
  }
}
