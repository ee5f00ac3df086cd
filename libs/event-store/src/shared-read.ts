import { setImmediate as endOfTurn } from 'node:timers/promises';

/** How far apart reads begin that many ask for, milliseconds. Who asks alone does not wait. */
export interface Rest {
  /** For each caller that shared the last read. */
  readonly perCallerMs: number;
  readonly atMostMs: number;
}

/**
 * A read that callers share: all who call in one turn of the event loop, or while another read is under way or rested from. Each gets the
 * answer of a read that began after its call: one that is under way already may miss what was written in between.
 */
export class SharedRead<T> {
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;
  #callers = 0;
  /** By the clock of `performance.now`. */
  #restUntil = 0;

  constructor(
    private readonly load: () => Promise<T>,
    private readonly rest: Rest = { perCallerMs: 0, atMostMs: 0 },
  ) {}

  /** The answer, or the error, of a read that has not begun yet. */
  read(): Promise<T> {
    this.#callers += 1;
    return (this.#next ??= this.#start());
  }

  async #start(): Promise<T> {
    await Promise.all([this.#running, this.#rested()]);
    this.#next = undefined;
    this.#restUntil = performance.now() + Math.min(this.rest.atMostMs, this.#callers * this.rest.perCallerMs);
    this.#callers = 0;
    const reading = this.load();
    this.#running = reading.catch(() => undefined);
    return reading;
  }

  #rested(): Promise<void> {
    const restMs = this.#restUntil - performance.now();
    return restMs > 0 ? new Promise(resolve => setTimeout(resolve, restMs)) : endOfTurn();
  }
}

/** Shared reads of many things, each by its key. */
export class SharedReads<T> {
  readonly #reads = new Map<string, { readonly read: SharedRead<T>; callers: number }>();

  constructor(private readonly rest?: Rest) {}

  /** The answer of a read of this key that begins after the call. @param load how to read it: that of the first who asks is taken */
  async read(key: string, load: () => Promise<T>): Promise<T> {
    const shared = this.#reads.get(key) ?? { read: new SharedRead(load, this.rest), callers: 0 };
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
