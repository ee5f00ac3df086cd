import { localTime } from './local-time.js';
import type { Schedule } from './schedule.js';
import { ticksBetween } from './ticks.js';

/** A tick as people read it. */
export interface LocalTick {
  /** RFC 3339, UTC, 3 fractional digits. */
  readonly scheduled_for: string;
  /** The same instant in the offset of the zone: see {@link localTime}. */
  readonly local: string;
}

/** From 0000-01-02 to 9999-12-30: a year has four digits in every zone, as RFC 3339 writes it. No offset is as long as a day. */
const FIRST_WRITABLE = -62_167_132_800;
const LAST_WRITABLE = 253_402_214_399;

/**
 * The ticks in (after, through], oldest first, at most `limit` of them; none before the year 0 or after 9999. Instants are in epoch seconds.
 *
 * @throws {RangeError} the zone is not an IANA name.
 */
export function localTicks(schedule: Schedule, zone: string, after: number, through: number, limit: number): LocalTick[] {
  const ticks = ticksBetween(schedule, zone, Math.max(after, FIRST_WRITABLE - 1), Math.min(through, LAST_WRITABLE), limit);
  return ticks.map(tick => ({ scheduled_for: new Date(tick * 1000).toISOString(), local: localTime(tick, zone) }));
}
