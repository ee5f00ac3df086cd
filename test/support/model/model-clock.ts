import type { SchedulerClock } from '../../../apps/scheduler/src/scheduler.js';

interface Sleeper {
  /** In elapsed time, which no one sets. */
  readonly wakesAt: number;
  wake(): void;
}

/** A wall clock that moves only when told. Sleepers wake by the time that really passes, as timers do. All times are milliseconds. */
export class ModelClock implements SchedulerClock {
  /** What a monotonic clock would tell. */
  elapsed = 0;
  private readonly sleepers = new Set<Sleeper>();

  /** @param wall milliseconds since 1970 */
  constructor(private wall: number) {}

  now(): number {
    return this.wall;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const wake = (): void => {
        this.sleepers.delete(sleeper);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper = { wakesAt: this.elapsed + ms, wake };
      this.sleepers.add(sleeper);
      signal.addEventListener('abort', wake);
    });
  }

  /** Lets time pass; who was to wake meanwhile wakes at its end. */
  pass(ms: number): void {
    this.elapsed += ms;
    this.wall += ms;
    for (const sleeper of this.sleepers) if (sleeper.wakesAt <= this.elapsed) sleeper.wake();
  }

  /** Sets the wall clock forwards or backwards; no time passes. */
  set(byMs: number): void {
    this.wall += byMs;
  }
}
