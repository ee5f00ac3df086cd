import { until } from '#bus/testing';
import type { SchedulerClock } from '../src/scheduler.js';

interface Sleeper {
  /** In elapsed time, which no one sets. */
  readonly wakesAt: number;
  wake(): void;
}

/** A wall clock that goes on, and is set, only when told. Sleepers wake by the time that really passes, as timers do. */
export class SetClock implements SchedulerClock {
  private elapsed = 0;
  private sleepers: readonly Sleeper[] = [];
  /** How often someone has gone to sleep. */
  sleeps = 0;

  /** @param wall milliseconds since 1970 */
  constructor(private wall: number) {}

  now(): number {
    return this.wall;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.sleeps += 1;
    if (signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const wake = (): void => {
        this.sleepers = this.sleepers.filter(other => other !== sleeper);
        resolve();
      };
      const sleeper = { wakesAt: this.elapsed + ms, wake };
      this.sleepers = [...this.sleepers, sleeper];
      signal.addEventListener('abort', wake, { once: true });
    });
  }

  /** Lets time pass. Whoever wakes does its work, at that very time, before it goes on. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    for (;;) {
      await until(() => this.sleepers.length > 0);
      const wakesAt = Math.min(...this.sleepers.map(sleeper => sleeper.wakesAt));
      if (wakesAt > end) break;
      this.pass(wakesAt - this.elapsed);
      for (const sleeper of this.sleepers) if (sleeper.wakesAt <= this.elapsed) sleeper.wake();
    }
    this.pass(end - this.elapsed);
  }

  /** Sets the wall clock forwards or backwards; no time passes. */
  set(byMs: number): void {
    this.wall += byMs;
  }

  private pass(ms: number): void {
    this.elapsed += ms;
    this.wall += ms;
  }
}
