/** How far long work has come: a line that is written over, on a terminal alone. */

interface Terminal {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const EVERY_MS = 100;
const CLEAR = '\r\u001b[K';

export class Progress {
  #last = 0;
  #shown = false;

  constructor(
    private readonly what: string,
    private readonly terminal: Terminal = process.stderr,
  ) {}

  /** @param count so much is done */
  at(count: number): void {
    if (this.terminal.isTTY !== true) return;
    const now = performance.now();
    if (this.#shown && now - this.#last < EVERY_MS) return;
    this.#last = now;
    this.#shown = true;
    this.terminal.write(`${CLEAR}${count.toLocaleString('en-US')} ${this.what}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown) this.terminal.write(CLEAR);
    this.#shown = false;
  }
}
