import { type Clock } from '../src/clock.js';

interface Timer {
  readonly at: number;
  readonly fire: () => void;
}

/** A clock that stands until a test moves it. */
export class ManualClock implements Clock {
  readonly #timers = new Set<Timer>();

  constructor(private time = Date.parse('2026-03-01T09:00:00Z')) {}

  now(): number {
    return this.time;
  }

  setTimer(ms: number, fire: () => void): () => void {
    const timer = { at: this.time + ms, fire };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Milliseconds to each timer that is set, soonest first. */
  get pending(): readonly number[] {
    return [...this.#timers].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Moves on by `ms` milliseconds and fires what falls due on the way, each at its time. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let timer = this.#next(end); timer; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.time = timer.at;
      timer.fire();
    }
    this.time = end;
  }

  #next(end: number): Timer | undefined {
    return [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}
