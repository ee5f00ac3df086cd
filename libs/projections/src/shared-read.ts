/**
 * A read that concurrent callers share. Each gets the answer of a read that began after its call: one that is under way already may miss
 * what was written in between, so a caller waits for the next one, together with all who come meanwhile.
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
    await this.#running;
    this.#next = undefined;
    const reading = this.load();
    this.#running = reading.catch(() => undefined);
    return reading;
  }
}
