import { firstMatch } from './local-match.js';
import type { Schedule } from './schedule.js';
import { isTick } from './ticks.js';
import { zoneTable, type Segment, type ZoneTable } from './zone-table.js';

/** What a zone's change of clock does to a local time that an expression names. Instants are epoch seconds, `local` is RFC 3339 without offset. */
export type ClockShift =
  /** The clock jumps over that time. It is due at `tick`, the first instant after the gap; never, where the hour field starts with `*`. */
  | { readonly kind: 'gap'; readonly local: string; readonly tick?: number }
  /** The clock shows that time twice. It is due the first time, at `tick`, and not `again`. */
  | { readonly kind: 'overlap'; readonly local: string; readonly tick: number; readonly again: number };

/** The clock is put forward or back: offsets are seconds east of UTC. */
interface Change {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

/**
 * How a change of the clock concerns an instant, or undefined when none does. An instant is concerned by a gap when it is the first one
 * after it, or when the skipped time, written with the offset of before or of after the change, means it; and by an overlap when its local
 * time is one that occurs twice.
 *
 * @throws {RangeError} the zone is not an IANA name.
 */
export function clockShiftAt(schedule: Schedule, zone: string, epochSeconds: number): ClockShift | undefined {
  const table = zoneTable(zone);
  const segment = table.segmentAt(epochSeconds);
  for (const change of [changeBefore(table, segment), changeAfter(table, segment)]) {
    const shift = change && (change.after > change.before ? gap : overlap)(schedule, zone, change, epochSeconds);
    if (shift) return shift;
  }
  return undefined;
}

function gap(schedule: Schedule, _zone: string, { at, before, after }: Change, instant: number): ClockShift | undefined {
  const [from, end] = [at + before, at + after];
  const skipped =
    instant === at && !schedule.everyPass
      ? firstMatch(schedule, from, end)
      : [instant + before, instant + after].find(local => local >= from && local < end && matches(schedule, local));
  if (skipped === undefined) return undefined;
  return { kind: 'gap', local: written(skipped), ...(schedule.everyPass ? {} : { tick: at }) };
}

function overlap(schedule: Schedule, zone: string, { at, before, after }: Change, instant: number): ClockShift | undefined {
  const length = before - after;
  if (schedule.everyPass || instant < at - length || instant >= at + length) return undefined;
  const tick = instant < at ? instant : instant - length;
  if (!isTick(schedule, zone, tick) || !matches(schedule, tick + before)) return undefined;
  return { kind: 'overlap', local: written(tick + before), tick, again: tick + length };
}

const matches = (schedule: Schedule, local: number): boolean => firstMatch(schedule, local, local + 1) !== undefined;

const written = (local: number): string => new Date(local * 1000).toISOString().slice(0, 19);

/** A table's segments also end where its blocks do, with no change of the clock: then the neighbour after that one is looked at, too. */
const NEIGHBOURS = [1, 2];

function changeBefore(table: ZoneTable, { start, offset }: Segment): Change | undefined {
  let at = start;
  for (const _ of NEIGHBOURS) {
    const earlier = table.segmentAt(at - 1);
    if (earlier.offset !== offset) return { at, before: earlier.offset, after: offset };
    at = earlier.start;
  }
  return undefined;
}

function changeAfter(table: ZoneTable, { end, offset }: Segment): Change | undefined {
  let at = end;
  for (const _ of NEIGHBOURS) {
    const later = table.segmentAt(at);
    if (later.offset !== offset) return { at, before: offset, after: later.offset };
    at = later.end;
  }
  return undefined;
}
