import { bitsOf, countBelow, lowest } from './bits.js';
import { firstDayOf, monthOfYear, weekdayOf } from './civil.js';
import type { CronFields } from './fields.js';

/** A parsed expression, compiled to bit sets. Frozen; equal texts share one value. */
export interface Schedule {
  /** The five fields it was made from, in capitals; an `@` name is spelled out. */
  readonly expression: string;
  /** Bit n: minute n, 0 to 29. */
  readonly minutesLow: number;
  /** Bit n: minute 30 + n. */
  readonly minutesHigh: number;
  readonly firstMinute: number;
  readonly lastMinute: number;
  /** Bit n: hour n. */
  readonly hours: number;
  /** How often it fires on a day that matches and has 24 hours. */
  readonly timesPerDay: number;
  /** Bit n: month n, 0 for January. */
  readonly months: number;
  /** Bit n: day n + 1 of the month. */
  readonly daysOfMonth: number;
  readonly lastDayOfMonth: boolean;
  /** For a month that begins on weekday w (0 is Sunday): its days that match the day-of-week field, bit n for day n + 1. */
  readonly weekdayDays: readonly number[];
  /** The same for `5L`, of which only those in the last seven days of the month count. */
  readonly lastWeekdayDays: readonly number[];
  /** Day of month and day of week are both restricted: either matches. Otherwise both have to. Source: Vixie cron, crontab(5). */
  readonly eitherDay: boolean;
  /** The hour field starts with `*`: every real instant whose local time matches is a tick, in a gap and an overlap too. */
  readonly everyPass: boolean;
}

const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const;

/** Compiles parsed fields; `texts` are the five fields as written, because a leading `*` has a meaning of its own. */
export function compile(texts: readonly [string, string, string, string, string], fields: CronFields): Schedule {
  const minutes = [...fields.minutes].sort((a, b) => a - b);
  const minutesLow = bitsOf(minutes.filter(minute => minute < 30));
  const minutesHigh = bitsOf(minutes.filter(minute => minute >= 30).map(minute => minute - 30));
  const isStar = (text: string): boolean => text.startsWith('*');
  return Object.freeze({
    expression: texts.join(' ').toUpperCase(),
    minutesLow,
    minutesHigh,
    firstMinute: Math.min(...minutes),
    lastMinute: Math.max(...minutes),
    hours: bitsOf(fields.hours),
    timesPerDay: fields.hours.size * minutes.length,
    months: bitsOf([...fields.months].map(month => month - 1)),
    daysOfMonth: bitsOf([...fields.daysOfMonth].map(day => day - 1)),
    lastDayOfMonth: fields.lastDayOfMonth,
    weekdayDays: Object.freeze(WEEKDAYS.map(first => weekdayDays(fields, first))),
    lastWeekdayDays: Object.freeze(WEEKDAYS.map(first => daysOn(fields.lastWeekdays, first))),
    eitherDay: !isStar(texts[2]) && !isStar(texts[4]),
    everyPass: isStar(texts[1]),
  });
}

function weekdayDays({ weekdays, nthWeekdays }: CronFields, first: number): number {
  return nthWeekdays.reduce(
    (days, [weekday, nth]) => days | (daysOn(new Set([weekday]), first) & (0b1111111 << (7 * (nth - 1)))),
    daysOn(weekdays, first),
  );
}

/** The days on these weekdays in a month of 31 days that begins on weekday `first`. */
function daysOn(weekdays: ReadonlySet<number>, first: number): number {
  return bitsOf(Array.from({ length: 31 }, (_, day) => day).filter(day => weekdays.has((first + day) % 7)));
}

/** The matching days of a month, bit n for day n + 1. `month` and its first day as in civil.ts. */
export function daysIn(schedule: Schedule, month: number, firstDay: number): number {
  if (((schedule.months >>> monthOfYear(month)) & 1) === 0) return 0;
  return matchingDays(schedule, weekdayOf(firstDay), firstDayOf(month + 1) - firstDay);
}

/** The matching days of a month that begins on weekday `first` and has `length` days, whichever month it is. */
function matchingDays(schedule: Schedule, first: number, length: number): number {
  const byWeekday = (schedule.weekdayDays[first] ?? 0) | ((schedule.lastWeekdayDays[first] ?? 0) & (0b1111111 << (length - 7)));
  const byDay = schedule.lastDayOfMonth ? schedule.daysOfMonth | (1 << (length - 1)) : schedule.daysOfMonth;
  const days = schedule.eitherDay ? byDay | byWeekday : byDay & byWeekday;
  return days & (0x7fffffff >>> (31 - length));
}

const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Whether there is a date on which it fires. Every month begins on every weekday sooner or later, 29-day Februaries too. */
export function everFires(schedule: Schedule): boolean {
  return LONGEST_MONTHS.some(
    (length, month) =>
      lowest(schedule.months, month) === month &&
      WEEKDAYS.some(
        first => matchingDays(schedule, first, length) !== 0 || (month === 1 && matchingDays(schedule, first, 28) !== 0),
      ),
  );
}

/** How many of its minutes come before minute `end` of an hour. */
export function minutesBefore(schedule: Schedule, end: number): number {
  return countBelow(schedule.minutesLow, Math.min(end, 30)) + countBelow(schedule.minutesHigh, Math.max(end - 30, 0));
}
