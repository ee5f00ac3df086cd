/** Time as an argument: what waits asks it, so that a test need not. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `fire` once, `ms` milliseconds from now; the returned function takes that back. */
  setTimer(ms: number, fire: () => void): () => void;
}

/** The longest that `setTimeout` can wait (24.8 days); a session's timeout may be a year. */
const LONGEST_MS = 2 ** 31 - 1;

/** The machine's clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(ms, fire) {
    let timer: NodeJS.Timeout;
    const wait = (left: number): void => {
      timer = setTimeout(() => (left > LONGEST_MS ? wait(left - LONGEST_MS) : fire()), Math.min(left, LONGEST_MS)).unref();
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms` milliseconds, or as soon as the signal is aborted. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise(resolve => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.setTimer(ms, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** An instant as the API writes it: RFC 3339, UTC, `Z`, 3 fractional digits. */
export const timestamp = (clock: Clock): string => new Date(clock.now()).toISOString();
