import { type Leases } from '../bus.js';
import { type Clock, systemClock } from '../clock.js';
import { type Log } from '../log.js';

export interface InProcessLeasesOptions {
  readonly log: Log;
  readonly clock?: Clock;
  /** Milliseconds from the end of a work to its next try for the lead, so that a failing work does not spin. */
  readonly pauseMs?: number;
}

/** The leases of a start in one process: the lead is there at once and is never lost; the calls of one name take turns. */
export class InProcessLeases implements Leases {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #pauseMs: number;
  /** For each name that is led, those who wait for the lead. */
  readonly #candidates = new Map<string, Set<() => void>>();

  constructor({ log, clock = systemClock, pauseMs = 1000 }: InProcessLeasesOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#pauseMs = pauseMs;
  }

  async lead(name: string, work: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    while (await this.#takeLead(name, stop)) {
      try {
        stop.throwIfAborted();
        await work(stop);
      } catch (error) {
        if (!isAbort(error, stop))
          this.#log.error(`the work of ${name} failed: ${error instanceof Error ? error.stack : String(error)}`);
      } finally {
        this.#passOn(name);
      }
      await this.#pause(stop);
    }
  }

  /** False when the lease was stopped first. */
  async #takeLead(name: string, stop: AbortSignal): Promise<boolean> {
    if (stop.aborted) return false;
    const waiting = this.#candidates.get(name);
    if (!waiting) {
      this.#candidates.set(name, new Set());
      return true;
    }
    return new Promise(resolve => {
      const leave = (): void => {
        waiting.delete(lead);
        resolve(false);
      };
      const lead = (): void => {
        stop.removeEventListener('abort', leave);
        resolve(true);
      };
      waiting.add(lead);
      stop.addEventListener('abort', leave, { once: true });
    });
  }

  #passOn(name: string): void {
    const waiting = this.#candidates.get(name);
    const [next] = waiting ?? [];
    if (!waiting || !next) {
      this.#candidates.delete(name);
      return;
    }
    waiting.delete(next);
    next();
  }

  #pause(stop: AbortSignal): Promise<void> {
    if (stop.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const end = (): void => {
        cancel();
        stop.removeEventListener('abort', end);
        resolve();
      };
      const cancel = this.#clock.setTimer(this.#pauseMs, end);
      stop.addEventListener('abort', end, { once: true });
    });
  }
}

/** A work that ends because it was told to is no failure. */
const isAbort = (error: unknown, stop: AbortSignal): boolean =>
  stop.aborted && (error === stop.reason || (error instanceof Error && error.name === 'AbortError'));
