import { setImmediate as endOfTurn } from 'node:timers/promises';
import type { Clock } from '#bus';

/** A clock that stands still until it is told to go on. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #timers = new Set<{ at: number; fire: () => void }>();

  now(): number {
    return this.#now;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const timer = { at: this.#now + ms, fire };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Number of timers that have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Goes on by `ms`, timer by timer; what a timer sets off is done before the next one fires. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#now = next.at;
      this.#timers.delete(next);
      next.fire();
      await settled();
    }
    this.#now = until;
  }
}

/** Once everything has happened that was only waiting for promises, or for the ends of the next turns of the event loop. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await endOfTurn();
}
