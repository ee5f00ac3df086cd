import { type Leases } from '../bus.js';
import { type Clock, systemClock } from '../clock.js';
import { runLedWork } from '../led-work.js';
import { type Log } from '../log.js';
import { pause } from '../pause.js';
import { assertLeaseName } from '../rules.js';

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
    assertLeaseName(name);
    while (await this.#takeLead(name, stop)) {
      try {
        await runLedWork(name, work, stop, this.#log);
      } finally {
        this.#passOn(name);
      }
      await pause(this.#clock, this.#pauseMs, stop);
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
}
