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
