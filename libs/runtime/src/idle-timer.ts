import type { Clock } from './clock.js';

/** Tells when nothing came for a while. Time during which we are busy with what came does not count. */
export class IdleTimer {
  #ms: number | undefined;
  #onIdle: () => void = () => {};
  #busy = 0;
  #cancel: () => void = () => {};

  constructor(private readonly clock: Clock) {}

  /** From now on, calls `onIdle` once when nothing came for `ms` milliseconds; replaces what was expected before. */
  expect(ms: number, onIdle: () => void): void {
    this.#ms = ms;
    this.#onIdle = onIdle;
    this.touch();
  }

  /** Something came. */
  touch(): void {
    this.#cancel();
    if (this.#ms !== undefined && this.#busy === 0) this.#cancel = this.clock.setTimer(this.#ms, this.#onIdle);
  }

  /** Does what came asks for. */
  async during<T>(task: () => Promise<T>): Promise<T> {
    this.#busy++;
    this.touch();
    try {
      return await task();
    } finally {
      this.#busy--;
      this.touch();
    }
  }

  stop(): void {
    this.#ms = undefined;
    this.#cancel();
  }
}
