/**
 * A read that concurrent callers share. One that has begun may miss what was written since, so whoever comes later waits for the next,
 * together with all who come meanwhile.
 */
export class SharedRead<T> {
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<T> | undefined;

  constructor(private readonly load: () => Promise<T>) {}

  /** The answer, or the error, of a read that has not begun yet. */
  read(): Promise<T> {
    return (this.#next ??= this.#afterRunning());
  }

  async #afterRunning(): Promise<T> {
    await this.#running;
    this.#next = undefined;
    const reading = this.load();
    this.#running = reading.catch(() => undefined);
    return reading;
  }
}
