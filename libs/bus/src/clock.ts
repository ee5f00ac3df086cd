/** Time as an argument: what waits asks it, so that a test need not. */
export interface Clock {
  /** Milliseconds, since 1970 unless the clock says otherwise. */
  now(): number;
  /** Calls `fire` once, `ms` milliseconds from now; the returned function takes that back. */
  setTimer(ms: number, fire: () => void): () => void;
}

/** The machine's clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(ms, fire) {
    const timer = setTimeout(fire, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Milliseconds since the process began: no one sets this clock, so it measures how long something lasts. */
export const monotonicClock: Clock = { ...systemClock, now: () => performance.now() };
