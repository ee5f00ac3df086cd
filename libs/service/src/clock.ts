/** The wall clock, as an argument. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

/** An instant as the API and the events write it: RFC 3339, UTC, 3 fractional digits. */
export function instant(ms: number): string {
  if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
  return last.text;
}

/** One request asks for the same instant many times over. */
let last = { ms: Number.NaN, text: '' };
