import { countBelow, highest, lowest, NONE } from './bits.js';
import { firstDayOf, monthOf } from './civil.js';
import { daysIn, minutesBefore, type Schedule } from './schedule.js';

/**
 * Matching against the local clock alone, as if no zone ever shifted. Local seconds are the seconds from 1970-01-01T00:00:00 to a local
 * time, both read as UTC. Days and months as in civil.ts; a time is a minute of the day.
 */

const MINUTES_PER_DAY = 1440;

/** The first match in [from, end), both local seconds, or undefined. */
export function firstMatch(schedule: Schedule, from: number, end: number): number | undefined {
  const minute = Math.ceil(from / 60);
  const today = Math.floor(minute / MINUTES_PER_DAY);
  const time = timeFrom(schedule, minute - today * MINUTES_PER_DAY);
  const day = dayFrom(schedule, time === NONE ? today + 1 : today, end);
  if (day === undefined) return undefined;
  const match = (day * MINUTES_PER_DAY + (day === today ? time : firstTime(schedule))) * 60;
  return match < end ? match : undefined;
}

/** The last match in [start, through], both local seconds, or undefined. */
export function lastMatch(schedule: Schedule, start: number, through: number): number | undefined {
  const minute = Math.floor(through / 60);
  const today = Math.floor(minute / MINUTES_PER_DAY);
  const time = timeThrough(schedule, minute - today * MINUTES_PER_DAY);
  const day = dayThrough(schedule, time === NONE ? today - 1 : today, start);
  if (day === undefined) return undefined;
  const match = (day * MINUTES_PER_DAY + (day === today ? time : timeThrough(schedule, MINUTES_PER_DAY - 1))) * 60;
  return match >= start ? match : undefined;
}

/** How many matches there are in [from, end), both local seconds. */
export function countMatches(schedule: Schedule, from: number, end: number): number {
  return from < end ? matchesBefore(schedule, from, end) : 0;
}

function matchesBefore(schedule: Schedule, from: number, end: number): number {
  const [firstDay, skipped] = dayAndTime(from);
  const [lastDay, reached] = dayAndTime(end);
  return (
    countDays(schedule, firstDay, lastDay) * schedule.timesPerDay -
    countDays(schedule, firstDay, firstDay + 1) * timesBefore(schedule, skipped) +
    countDays(schedule, lastDay, lastDay + 1) * timesBefore(schedule, reached)
  );
}

/** The first whole minute at or after a local second, as its day and its minute of the day. */
function dayAndTime(local: number): [day: number, time: number] {
  const minute = Math.ceil(local / 60);
  const day = Math.floor(minute / MINUTES_PER_DAY);
  return [day, minute - day * MINUTES_PER_DAY];
}

/** The first matching day that is not before `day`, as long as its month begins before local second `end`. */
function dayFrom(schedule: Schedule, day: number, end: number): number | undefined {
  let month = monthOf(day);
  let first = firstDayOf(month);
  let found = lowest(daysIn(schedule, month, first), day - first);
  while (found === NONE) {
    month += 1;
    first = firstDayOf(month);
    if (first * 86_400 >= end) return undefined;
    found = lowest(daysIn(schedule, month, first));
  }
  return first + found;
}

/** The last matching day that is not after `day`, as long as its month ends after local second `start`. */
function dayThrough(schedule: Schedule, day: number, start: number): number | undefined {
  let month = monthOf(day);
  let first = firstDayOf(month);
  let found = highest(daysIn(schedule, month, first), day - first);
  while (found === NONE) {
    if (first * 86_400 <= start) return undefined;
    month -= 1;
    first = firstDayOf(month);
    found = highest(daysIn(schedule, month, first));
  }
  return first + found;
}

/** How many days in [from, end) match. */
function countDays(schedule: Schedule, from: number, end: number): number {
  let count = 0;
  for (let month = monthOf(from), first = firstDayOf(month); first < end;) {
    const next = firstDayOf(month + 1);
    const days = daysIn(schedule, month, first);
    count += countBelow(days, Math.min(end, next) - first) - countBelow(days, Math.max(from - first, 0));
    month += 1;
    first = next;
  }
  return count;
}

function firstTime(schedule: Schedule): number {
  return lowest(schedule.hours) * 60 + schedule.firstMinute;
}

/** The first time of a matching day that is not before `time`, or NONE. */
function timeFrom(schedule: Schedule, time: number): number {
  const hour = (time / 60) | 0;
  if (((schedule.hours >>> hour) & 1) === 1) {
    const minute = minuteFrom(schedule, time - hour * 60);
    if (minute !== NONE) return hour * 60 + minute;
  }
  const later = lowest(schedule.hours, hour + 1);
  return later === NONE ? NONE : later * 60 + schedule.firstMinute;
}

function minuteFrom(schedule: Schedule, minute: number): number {
  if (minute < 30) {
    const low = lowest(schedule.minutesLow, minute);
    if (low !== NONE) return low;
  }
  const high = lowest(schedule.minutesHigh, Math.max(minute - 30, 0));
  return high === NONE ? NONE : 30 + high;
}

/** The last time of a matching day that is not after `time`, or NONE. */
function timeThrough(schedule: Schedule, time: number): number {
  const hour = (time / 60) | 0;
  if (((schedule.hours >>> hour) & 1) === 1) {
    const minute = minuteThrough(schedule, time - hour * 60);
    if (minute !== NONE) return hour * 60 + minute;
  }
  const earlier = hour === 0 ? NONE : highest(schedule.hours, hour - 1);
  return earlier === NONE ? NONE : earlier * 60 + schedule.lastMinute;
}

function minuteThrough(schedule: Schedule, minute: number): number {
  if (minute >= 30) {
    const high = highest(schedule.minutesHigh, minute - 30);
    if (high !== NONE) return 30 + high;
  }
  return highest(schedule.minutesLow, Math.min(minute, 29));
}

/** How many times of a matching day come before `time`. */
function timesBefore(schedule: Schedule, time: number): number {
  const hour = (time / 60) | 0;
  const wholeHours = countBelow(schedule.hours, hour) * minutesBefore(schedule, 60);
  return wholeHours + ((schedule.hours >>> hour) & 1) * minutesBefore(schedule, time - hour * 60);
}
