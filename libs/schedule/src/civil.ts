/**
 * The proleptic Gregorian calendar as integer arithmetic: days since 1970-01-01 and months since January of year 0.
 * Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms" (its years begin in March, so that a leap day comes last).
 */

const DAYS_PER_ERA = 146_097; // 400 years
const MARCH_0000 = 719_468; // days from 0000-03-01 to 1970-01-01

/** The month that holds a day: 12 × year + (0 for January … 11 for December). */
export function monthOf(day: number): number {
  const shifted = day + MARCH_0000;
  const era = Math.floor(shifted / DAYS_PER_ERA);
  const dayOfEra = (shifted - era * DAYS_PER_ERA) | 0;
  const yearOfEra = ((dayOfEra - ((dayOfEra / 1460) | 0) + ((dayOfEra / 36_524) | 0) - ((dayOfEra / 146_096) | 0)) / 365) | 0;
  const dayOfYear = dayOfEra - (365 * yearOfEra + (yearOfEra >> 2) - ((yearOfEra / 100) | 0));
  return (era * 400 + yearOfEra) * 12 + (((5 * dayOfYear + 2) / 153) | 0) + 2;
}

/** The first day of a month. */
export function firstDayOf(month: number): number {
  const sinceMarch = month - 2;
  const year = Math.floor(sinceMarch / 12);
  const monthOfYear = sinceMarch - year * 12;
  const leapDays = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
  return year * 365 + leapDays + (((153 * monthOfYear + 2) / 5) | 0) - MARCH_0000;
}

/** The month of the year: 0 for January … 11 for December. */
export function monthOfYear(month: number): number {
  return month - Math.floor(month / 12) * 12;
}

/** The day of the week: 0 for Sunday … 6 for Saturday. */
export function weekdayOf(day: number): number {
  const thursday = day + 4;
  return thursday - Math.floor(thursday / 7) * 7;
}
