import { countMatches, firstMatch, lastMatch } from './local-match.js';
import type { Schedule } from './schedule.js';
import { zoneTable, type Segment } from './zone-table.js';

/**
 * Ticks: the instants at which a schedule is due in a zone, in whole epoch seconds.
 *
 * Where a zone's clock is put forward or back, an hour field that starts with `*` means real instants: each one whose local time matches
 * is a tick. A restricted hour field means times of the local day, each due once: a time that is skipped is due at the first instant after
 * the gap, and one that occurs twice is due the first time.
 */

/** The longest wait for a date that comes at all: 40 years, for a 29 February on a given weekday around a year 2100. */
const HORIZON = 50 * 366 * 86_400;
/** 9999-12-31T23:59:59Z, the last second that RFC 3339 can write. */
const LAST_INSTANT = 253_402_300_799;
/** 0001-01-01T00:00:00Z. */
const FIRST_INSTANT = -62_135_596_800;

/**
 * The first tick strictly after an instant, or undefined when there is none in the next 50 years or before the year 10000.
 *
 * @throws {RangeError} the zone is not an IANA name.
 */
export function nextTick(schedule: Schedule, zone: string, afterEpochSeconds: number): number | undefined {
  const table = zoneTable(zone);
  let from = Math.floor(afterEpochSeconds) + 1;
  const horizon = Math.min(from + HORIZON, LAST_INSTANT);
  while (from <= horizon) {
    const segment = table.segmentAt(from);
    const tick = firstTickIn(schedule, segment, from);
    if (tick !== undefined) return tick <= horizon ? tick : undefined;
    from = segment.end;
  }
  return undefined;
}

/**
 * The newest tick at or before an instant, or undefined when there is none in the 50 years before.
 *
 * @throws {RangeError} the zone is not an IANA name.
 */
export function previousTick(schedule: Schedule, zone: string, epochSeconds: number): number | undefined {
  const table = zoneTable(zone);
  let through = Math.floor(epochSeconds);
  const horizon = Math.max(through - HORIZON, FIRST_INSTANT);
  while (through >= horizon) {
    const segment = table.segmentAt(through);
    const tick = lastTickIn(schedule, segment, through);
    if (tick !== undefined) return tick >= horizon ? tick : undefined;
    through = segment.start - 1;
  }
  return undefined;
}

/**
 * Whether an instant is a tick.
 *
 * @throws {RangeError} the zone is not an IANA name.
 */
export function isTick(schedule: Schedule, zone: string, epochSeconds: number): boolean {
  return lastTickIn(schedule, zoneTable(zone).segmentAt(epochSeconds), epochSeconds) === epochSeconds;
}

/** The ticks in (after, through], oldest first, at most `limit` of them. */
export function ticksBetween(
  schedule: Schedule,
  zone: string,
  afterExclusive: number,
  throughInclusive: number,
  limit: number,
): number[] {
  const ticks: number[] = [];
  let tick = nextTick(schedule, zone, afterExclusive);
  while (tick !== undefined && tick <= throughInclusive && ticks.length < limit) {
    ticks.push(tick);
    tick = nextTick(schedule, zone, tick);
  }
  return ticks;
}

/** How many ticks there are in (after, through]. Counts by months, so that years of a minutely schedule cost microseconds. */
export function countTicks(schedule: Schedule, zone: string, afterExclusive: number, throughInclusive: number): number {
  const table = zoneTable(zone);
  const end = Math.floor(throughInclusive) + 1;
  let count = 0;
  for (let from = Math.floor(afterExclusive) + 1; from < end;) {
    const segment = table.segmentAt(from);
    const until = Math.min(segment.end, end);
    if (from <= segment.start && firesForGap(schedule, segment)) {
      count += 1;
      from += 1; // the gap's tick stands for a match at that very second, too
    }
    count += countMatches(schedule, firstLocal(schedule, segment, from), until + segment.offset);
    from = until;
  }
  return count;
}

function firstTickIn(schedule: Schedule, segment: Segment, from: number): number | undefined {
  if (from === segment.start && firesForGap(schedule, segment)) return from;
  const local = firstMatch(schedule, firstLocal(schedule, segment, from), segment.end + segment.offset);
  return local === undefined ? undefined : local - segment.offset;
}

function lastTickIn(schedule: Schedule, segment: Segment, through: number): number | undefined {
  const local = lastMatch(schedule, firstLocal(schedule, segment, segment.start), through + segment.offset);
  if (local !== undefined) return local - segment.offset;
  return firesForGap(schedule, segment) ? segment.start : undefined;
}

/** The first local second from which matches count; a restricted hour leaves out the local times that occur a second time. */
function firstLocal(schedule: Schedule, segment: Segment, from: number): number {
  const local = from + segment.offset;
  return schedule.everyPass ? local : Math.max(local, segment.firstNewLocal);
}

/** Whether a local time that was skipped just before the segment makes its first second a tick. */
function firesForGap(schedule: Schedule, segment: Segment): boolean {
  if (segment.gap === 0 || schedule.everyPass) return false;
  const resumed = segment.start + segment.offset;
  return firstMatch(schedule, resumed - segment.gap, resumed) !== undefined;
}
