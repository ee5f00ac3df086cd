/** The clock of a zone, minute by minute, as Intl tells it, and cron expressions against it: slow, and plainly right. */

/** Seconds. */
export const MINUTE = 60;

interface Minute {
  /** The local time, read as UTC, in minutes since 1970. */
  readonly label: number;
  readonly repeated: boolean;
  /** Labels that the clock jumped over just before. */
  readonly missing: readonly number[];
}

/** By second since 1970: the minutes of a window. */
export type Clock = ReadonlyMap<number, Minute>;

export function walk(zone: string, from: number, to: number): Clock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const clock = new Map<number, Minute>();
  const seen = new Set<number>();
  let expected: number | undefined;
  for (let second = from; second <= to; second += MINUTE) {
    const [month, day, year, hour, minute] = format
      .format(second * 1000)
      .split(/\D+/)
      .map(Number);
    const label = Date.UTC(year!, month! - 1, day, hour, minute) / 60_000;
    const missing: number[] = [];
    for (let skipped = expected ?? label; skipped < label; skipped += 1) missing.push(skipped);
    clock.set(second, { label, repeated: seen.has(label), missing });
    seen.add(label);
    expected = label + 1;
  }
  return clock;
}

/** Numbers, lists, ranges and steps: as much as the expressions of the pasts need. */
function includes(list: string, value: number, low: number, high: number): boolean {
  return list.split(',').some(item => {
    const [range, step = '1'] = item.split('/');
    const [first, last] = range === '*' ? [low, high] : range!.split('-').map(Number);
    return value >= first! && value <= (last ?? first!) && (value - first!) % Number(step) === 0;
  });
}

export function names(expression: string, label: number): boolean {
  const [minute, hour, , , weekday] = expression.split(' ');
  const date = new Date(label * 60_000);
  return (
    includes(minute!, date.getUTCMinutes(), 0, 59) &&
    includes(hour!, date.getUTCHours(), 0, 23) &&
    includes(weekday!, date.getUTCDay(), 0, 6)
  );
}

export const isRestricted = (expression: string): boolean => !expression.split(' ')[1]!.startsWith('*');

/** RFC 3339 without offset. */
export const local = (label: number): string => new Date(label * 60_000).toISOString().slice(0, 19);
