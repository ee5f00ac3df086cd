/**
 * The slow truth about ticks: every minute of a window, formatted by Intl, looked at by a naive matcher. It shares nothing with the
 * library, whose results it judges.
 */

interface Local {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly weekday: number;
}

interface WalkedMinute {
  readonly instant: number;
  readonly local: Local;
  /** The clock has shown this local time before. */
  readonly repeated: boolean;
  /** Local times that the clock jumped over just before. */
  readonly missing: readonly Local[];
}

const MONTHS = ['', 'JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

/** Every minute of a zone's clock in [from, to], epoch seconds on a minute. */
export class ZoneWindow {
  readonly minutes: readonly WalkedMinute[];

  constructor(
    readonly zone: string,
    readonly from: number,
    readonly to: number,
  ) {
    const minutes: WalkedMinute[] = [];
    const seen = new Set<number>();
    let expected: number | undefined;
    const clock = clockOf(zone);
    for (let instant = from; instant <= to; instant += 60) {
      const label = clock(instant);
      const missing: Local[] = [];
      for (let skipped = expected ?? label; skipped < label; skipped += 1) missing.push(localOf(skipped));
      minutes.push({ instant, local: localOf(label), repeated: seen.has(label), missing });
      seen.add(label);
      expected = label + 1;
    }
    this.minutes = minutes;
  }

  /** All ticks in the window, by the rules of spec/3-scheduling.md. */
  ticks(expression: string): number[] {
    const fields = expression.split(' ');
    const matches = matcher(fields);
    const everyPass = fields[1]!.startsWith('*');
    return this.minutes
      .filter(({ local, repeated, missing }) =>
        everyPass ? matches(local) : (!repeated && matches(local)) || missing.some(skipped => matches(skipped)),
      )
      .map(({ instant }) => instant);
  }
}

/** A zone's clock as a number of minutes, the local time read as UTC. */
function clockOf(zone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  return instant => {
    const [month, day, year, hour, minute] = format
      .format(instant * 1000)
      .split(/\D+/)
      .map(Number);
    return Date.UTC(year!, month! - 1, day, hour, minute) / 60_000;
  };
}

function localOf(label: number): Local {
  const date = new Date(label * 60_000);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay(),
  };
}

function matcher([minute = '', hour = '', dayOfMonth = '', month = '', weekday = '']: string[]): (local: Local) => boolean {
  const minutes = Array.from({ length: 60 }, (_, value) => includes(minute, value, 0, 59));
  const hours = Array.from({ length: 24 }, (_, value) => includes(hour, value, 0, 23));
  const bothRestricted = !dayOfMonth.startsWith('*') && !weekday.startsWith('*');
  const onDay = (local: Local): boolean => {
    const lastDay = new Date(Date.UTC(local.year, local.month, 0)).getUTCDate();
    const byDay = dayOfMonth.split(',').some(item => (item === 'L' ? local.day === lastDay : includes(item, local.day, 1, 31)));
    const byWeekday = weekday.split(',').some(item => onWeekday(item, local, lastDay));
    return includes(month, local.month, 1, 12, MONTHS) && (bothRestricted ? byDay || byWeekday : byDay && byWeekday);
  };
  const days = new Map<number, boolean>();
  return local => {
    if (!minutes[local.minute] || !hours[local.hour]) return false;
    const date = (local.year * 100 + local.month) * 100 + local.day;
    const known = days.get(date) ?? onDay(local);
    days.set(date, known);
    return known;
  };
}

function onWeekday(item: string, { day, weekday }: Local, lastDay: number): boolean {
  if (item.endsWith('L')) return onWeekdayNamed(item.slice(0, -1), weekday) && day + 7 > lastDay;
  const [name = '', nth] = item.split('#');
  return onWeekdayNamed(name, weekday) && (nth === undefined || Math.ceil(day / 7) === Number(nth));
}

/** Sunday is both 0 and 7. */
function onWeekdayNamed(text: string, weekday: number): boolean {
  const named = text.replace('-SUN', '-7');
  return includes(named, weekday, 0, 7, WEEKDAYS) || (weekday === 0 && includes(named, 7, 0, 7, WEEKDAYS));
}

function includes(list: string, value: number, min: number, max: number, names: readonly string[] = []): boolean {
  const read = (text: string): number => (names.includes(text.toUpperCase()) ? names.indexOf(text.toUpperCase()) : Number(text));
  return list.split(',').some(item => {
    const [range = '', step] = item.split('/');
    const [low, high] = range === '*' ? [min, max] : range.split('-').map(read);
    const last = high ?? (step === undefined ? low! : max);
    return value >= low! && value <= last && (value - low!) % Number(step ?? 1) === 0;
  });
}
