/** Lets at most `limit` tasks run at a time; the others wait in order. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free === 0) await new Promise<void>(resolve => void this.#waiting.push(resolve));
    else this.#free--;
    try {
      return await task();
    } finally {
      // A slot that is handed on was never free: nobody can push in.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }
}
