/** The wall clock, as an argument. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** An instant as the API and the events write it: RFC 3339, UTC, 3 fractional digits. */
export const instant = (ms: number): string => new Date(ms).toISOString();
