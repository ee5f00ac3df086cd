import { describe, expect, it } from '@jest/globals';
import { localTime } from './local-time.js';
import { parseSchedule } from './parse-schedule.js';
import type { Schedule } from './schedule.js';
import { countTicks, isTick, nextTick, previousTick, ticksBetween } from './ticks.js';

function scheduleOf(expression: string): Schedule {
  const parsed = parseSchedule(expression);
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.schedule;
}

const seconds = (time: string): number => Date.parse(time) / 1000;

type TickRow = {
  what: string;
  expression: string;
  zone: string;
  after: string;
  ticks: string[];
};

/** The first `count` ticks after a time, as local times. */
function ticksAfter(time: string, expression: string, zone: string, count: number): string[] {
  return ticksBetween(scheduleOf(expression), zone, seconds(time), Infinity, count).map(tick => localTime(tick, zone));
}

describe('a restricted hour whose local time does not exist', () => {
  it.each<TickRow>`
    what                                                   | expression          | zone                     | after                          | ticks
    ${'fires at the first instant after the gap'}          | ${'30 2 * * *'}     | ${'America/New_York'}    | ${'2026-03-07T12:00:00-05:00'} | ${['2026-03-08T03:00:00-04:00', '2026-03-09T02:30:00-04:00']}
    ${'fires once for several times in one gap'}           | ${'*/10 2 * * *'}   | ${'America/New_York'}    | ${'2026-03-08T01:59:00-05:00'} | ${['2026-03-08T03:00:00-04:00', '2026-03-09T02:00:00-04:00']}
    ${'fires once if the instant after is itself a match'} | ${'0,30 2,3 * * *'} | ${'America/New_York'}    | ${'2026-03-08T01:59:00-05:00'} | ${['2026-03-08T03:00:00-04:00', '2026-03-08T03:30:00-04:00', '2026-03-09T02:00:00-04:00']}
    ${'fires after a gap of half an hour'}                 | ${'15 2 * * *'}     | ${'Australia/Lord_Howe'} | ${'2026-10-03T12:00:00+10:30'} | ${['2026-10-04T02:30:00+11:00', '2026-10-05T02:15:00+11:00']}
    ${'fires after a gap of two hours'}                    | ${'30 1,2 * * *'}   | ${'Antarctica/Troll'}    | ${'2026-03-29T00:00:00+00:00'} | ${['2026-03-29T03:00:00+02:00', '2026-03-30T01:30:00+02:00']}
    ${'fires after a gap at 02:45'}                        | ${'50 2 * * *'}     | ${'Pacific/Chatham'}     | ${'2026-09-26T12:00:00+12:45'} | ${['2026-09-27T03:45:00+13:45', '2026-09-28T02:50:00+13:45']}
    ${'fires after a gap at midnight'}                     | ${'0 0 * * *'}      | ${'America/Sao_Paulo'}   | ${'2018-11-03T12:00:00-03:00'} | ${['2018-11-04T01:00:00-02:00', '2018-11-05T00:00:00-02:00']}
    ${'takes the day of a missing midnight as its own'}    | ${'0 0 * * SUN'}    | ${'America/Sao_Paulo'}   | ${'2018-11-03T12:00:00-03:00'} | ${['2018-11-04T01:00:00-02:00', '2018-11-11T00:00:00-02:00']}
    ${'fires at the end of a whole missing day'}           | ${'0 9 * * *'}      | ${'Pacific/Apia'}        | ${'2011-12-29T08:00:00-10:00'} | ${['2011-12-29T09:00:00-10:00', '2011-12-31T00:00:00+14:00', '2011-12-31T09:00:00+14:00']}
    ${'fires for a date that is left out'}                 | ${'0 9 30 12 *'}    | ${'Pacific/Apia'}        | ${'2011-12-29T08:00:00-10:00'} | ${['2011-12-31T00:00:00+14:00', '2012-12-30T09:00:00+14:00']}
    ${'does not fire for another day'}                     | ${'30 2 * * MON'}   | ${'America/New_York'}    | ${'2026-03-07T12:00:00-05:00'} | ${['2026-03-09T02:30:00-04:00']}
    ${'does not fire for a time beside the gap'}           | ${'30 3 * * *'}     | ${'America/New_York'}    | ${'2026-03-07T12:00:00-05:00'} | ${['2026-03-08T03:30:00-04:00']}
    ${'is restricted even if it lists all hours'}          | ${'30 0-23 * * *'}  | ${'America/New_York'}    | ${'2026-03-08T01:00:00-05:00'} | ${['2026-03-08T01:30:00-05:00', '2026-03-08T03:00:00-04:00', '2026-03-08T03:30:00-04:00']}
  `('$what: $expression in $zone', ({ expression, zone, after, ticks }) => {
    expect(ticksAfter(after, expression, zone, ticks.length)).toEqual(ticks);
  });
});

describe('a restricted hour whose local time occurs twice', () => {
  it.each<TickRow>`
    what                                       | expression         | zone                     | after                          | ticks
    ${'fires the first time only'}             | ${'30 1 * * *'}    | ${'America/New_York'}    | ${'2026-10-31T12:00:00-04:00'} | ${['2026-11-01T01:30:00-04:00', '2026-11-02T01:30:00-05:00']}
    ${'does not fire later in the first pass'} | ${'30 1 * * *'}    | ${'America/New_York'}    | ${'2026-11-01T01:30:00-04:00'} | ${['2026-11-02T01:30:00-05:00']}
    ${'fires the first time of many minutes'}  | ${'0,30 1 * * *'}  | ${'Europe/Berlin'}       | ${'2026-10-25T00:00:00+02:00'} | ${['2026-10-25T01:00:00+02:00', '2026-10-25T01:30:00+02:00', '2026-10-26T01:00:00+01:00']}
    ${'fires once in half an hour back'}       | ${'45 1 * * *'}    | ${'Australia/Lord_Howe'} | ${'2026-04-04T12:00:00+11:00'} | ${['2026-04-05T01:45:00+11:00', '2026-04-06T01:45:00+10:30']}
    ${'fires after the second pass as usual'}  | ${'0 2 * * *'}     | ${'America/New_York'}    | ${'2026-11-01T01:30:00-04:00'} | ${['2026-11-01T02:00:00-05:00']}
    ${'fires once when midnight is repeated'}  | ${'30 23 * * SAT'} | ${'America/Sao_Paulo'}   | ${'2019-02-16T12:00:00-02:00'} | ${['2019-02-16T23:30:00-02:00', '2019-02-23T23:30:00-03:00']}
  `('$what: $expression in $zone', ({ expression, zone, after, ticks }) => {
    expect(ticksAfter(after, expression, zone, ticks.length)).toEqual(ticks);
  });
});

describe('an hour field that starts with *', () => {
  it.each<TickRow>`
    what                                              | expression          | zone                     | after                          | ticks
    ${'is even in elapsed time through a gap'}        | ${'0 * * * *'}      | ${'America/New_York'}    | ${'2026-03-08T00:30:00-05:00'} | ${['2026-03-08T01:00:00-05:00', '2026-03-08T03:00:00-04:00', '2026-03-08T04:00:00-04:00']}
    ${'is even in elapsed time through an overlap'}   | ${'0 * * * *'}      | ${'America/New_York'}    | ${'2026-11-01T00:30:00-04:00'} | ${['2026-11-01T01:00:00-04:00', '2026-11-01T01:00:00-05:00', '2026-11-01T02:00:00-05:00']}
    ${'gets nothing added for a gap'}                 | ${'30 */2 * * *'}   | ${'America/New_York'}    | ${'2026-03-08T00:30:00-05:00'} | ${['2026-03-08T04:30:00-04:00']}
    ${'counts both passes of an overlap with a step'} | ${'15 */1 * * *'}   | ${'Europe/Berlin'}       | ${'2026-10-25T02:00:00+02:00'} | ${['2026-10-25T02:15:00+02:00', '2026-10-25T02:15:00+01:00', '2026-10-25T03:15:00+01:00']}
    ${'is as the local clock in half an hour back'}   | ${'45 * * * *'}     | ${'Australia/Lord_Howe'} | ${'2026-04-05T01:00:00+11:00'} | ${['2026-04-05T01:45:00+11:00', '2026-04-05T01:45:00+10:30', '2026-04-05T02:45:00+10:30']}
    ${'leaves out a missing day'}                     | ${'0 */12 30 12 *'} | ${'Pacific/Apia'}        | ${'2011-12-29T08:00:00-10:00'} | ${['2012-12-30T00:00:00+14:00']}
    ${'may be a list'}                                | ${'30 *,2 * * *'}   | ${'America/New_York'}    | ${'2026-03-08T01:30:00-05:00'} | ${['2026-03-08T03:30:00-04:00']}
  `('$what: $expression in $zone', ({ expression, zone, after, ticks }) => {
    expect(ticksAfter(after, expression, zone, ticks.length)).toEqual(ticks);
  });
});

describe('days', () => {
  it.each<TickRow>`
    what                                                       | expression             | ticks
    ${'either matches when both day fields are restricted'}    | ${'0 0 13 * FRI'}      | ${['2026-01-02', '2026-01-09', '2026-01-13', '2026-01-16']}
    ${'both have to match when one of them starts with *'}     | ${'0 0 */2 * MON'}     | ${['2026-01-05', '2026-01-19', '2026-02-09', '2026-02-23']}
    ${'L is the last day of the month'}                        | ${'0 0 L * *'}         | ${['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']}
    ${'L stands beside other days'}                            | ${'0 0 15,L 2 *'}      | ${['2026-02-15', '2026-02-28', '2027-02-15', '2027-02-28', '2028-02-15', '2028-02-29']}
    ${'5L is the last Friday of the month'}                    | ${'0 0 * * 5L'}        | ${['2026-01-30', '2026-02-27', '2026-03-27']}
    ${'FRIL is the last Friday too'}                           | ${'0 0 * 5 fril'}      | ${['2026-05-29', '2027-05-28']}
    ${'7L is the last Sunday'}                                 | ${'0 0 * 3,10 7L'}     | ${['2026-03-29', '2026-10-25']}
    ${'1#2 is the second Monday'}                              | ${'0 0 * * 1#2'}       | ${['2026-01-12', '2026-02-09', '2026-03-09']}
    ${'several of a month can be listed'}                      | ${'0 0 * * TUE#1,4#3'} | ${['2026-01-06', '2026-01-15', '2026-02-03']}
    ${'a fifth Monday does not come every month'}              | ${'0 0 * * MON#5'}     | ${['2026-03-30', '2026-06-29', '2026-08-31']}
    ${'a day some months do not have waits for those that do'} | ${'0 0 31 * *'}        | ${['2026-01-31', '2026-03-31', '2026-05-31']}
    ${'29 February waits for a leap year'}                     | ${'0 0 29 2 *'}        | ${['2028-02-29', '2032-02-29']}
    ${'a fifth Tuesday of February waits for decades'}         | ${'0 0 * 2 TUE#5'}     | ${['2028-02-29', '2056-02-29', '2084-02-29', '2124-02-29']}
    ${'7 is Sunday'}                                           | ${'0 0 * * 7'}         | ${['2026-01-04', '2026-01-11']}
    ${'a range of names may end on Sunday'}                    | ${'0 0 * * SAT-SUN'}   | ${['2026-01-03', '2026-01-04', '2026-01-10']}
    ${'overlapping items of a list are one'}                   | ${'0 0 1,1,1-2 JAN *'} | ${['2026-01-01', '2026-01-02', '2027-01-01']}
    ${'@yearly'}                                               | ${'@yearly'}           | ${['2026-01-01', '2027-01-01']}
    ${'@monthly'}                                              | ${'@monthly'}          | ${['2026-01-01', '2026-02-01']}
    ${'@weekly is Sunday'}                                     | ${'@weekly'}           | ${['2026-01-04', '2026-01-11']}
  `('$what: $expression', ({ expression, ticks }) => {
    const after = '2025-12-31T12:00:00Z';
    expect(ticksAfter(after, expression, 'UTC', ticks.length).map(tick => tick.slice(0, 10))).toEqual(ticks);
  });

  it('29 February waits eight years around 2100', () => {
    expect(ticksAfter('2096-03-01T00:00:00Z', '0 0 29 2 *', 'UTC', 1)).toEqual(['2104-02-29T00:00:00+00:00']);
  });
});

describe('nextTick and its companions', () => {
  const daily = scheduleOf('0 9 * * *');
  const nine = seconds('2026-11-24T09:00:00-05:00');
  const day = 86_400;
  const zone = 'America/New_York';

  it('nextTick is strictly after', () => {
    expect(nextTick(daily, zone, nine - 1)).toBe(nine);
    expect(nextTick(daily, zone, nine - 0.5)).toBe(nine);
    expect(nextTick(daily, zone, nine)).toBe(nine + day);
  });

  it('previousTick is at or before', () => {
    expect(previousTick(daily, zone, nine)).toBe(nine);
    expect(previousTick(daily, zone, nine - 1)).toBe(nine - day);
    expect(previousTick(daily, zone, nine + day - 1)).toBe(nine);
  });

  it('isTick is true for ticks alone', () => {
    expect([nine - 60, nine, nine + 1, nine + 30.5].map(instant => isTick(daily, zone, instant))).toEqual([
      false,
      true,
      false,
      false,
    ]);
    const gapEnd = seconds('2026-03-08T03:00:00-04:00');
    expect(isTick(scheduleOf('30 2 * * *'), zone, gapEnd)).toBe(true);
    expect(isTick(scheduleOf('30 * * * *'), zone, gapEnd)).toBe(false);
  });

  it('ticksBetween leaves out its start, takes in its end and stops at the limit', () => {
    expect(ticksBetween(daily, zone, nine, nine + 2 * day, 10)).toEqual([nine + day, nine + 2 * day]);
    expect(ticksBetween(daily, zone, nine, nine + 2 * day, 1)).toEqual([nine + day]);
    expect(ticksBetween(daily, zone, nine, nine, 10)).toEqual([]);
  });

  it('countTicks leaves out its start and takes in its end', () => {
    expect(countTicks(daily, zone, nine, nine + 365 * day)).toBe(365);
    expect(countTicks(daily, zone, nine - 1, nine)).toBe(1);
    expect(countTicks(daily, zone, nine, nine + day - 1)).toBe(0);
    expect(countTicks(daily, zone, nine, nine - day)).toBe(0);
  });

  it('countTicks counts what the clock shows on days of 23 and 25 hours', () => {
    const minutely = scheduleOf('* * * * *');
    const hourly = scheduleOf('0 0-23 * * *');
    const count = (schedule: Schedule, from: string, to: string): number =>
      countTicks(schedule, zone, seconds(from) - 1, seconds(to) - 1);
    expect(count(minutely, '2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00')).toBe(23 * 60);
    expect(count(minutely, '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00')).toBe(25 * 60);
    expect(count(hourly, '2026-03-08T00:00:00-05:00', '2026-03-09T00:00:00-04:00')).toBe(23);
    expect(count(hourly, '2026-11-01T00:00:00-04:00', '2026-11-02T00:00:00-05:00')).toBe(24);
  });

  it('there is no tick in the year 10000', () => {
    expect(nextTick(daily, 'UTC', seconds('9999-12-31T09:00:00Z'))).toBeUndefined();
    expect(previousTick(daily, 'UTC', seconds('0001-01-01T08:00:00Z'))).toBeUndefined();
  });

  it('an alias of a zone has its ticks', () => {
    expect(nextTick(daily, 'US/Eastern', nine - 1)).toBe(nine);
  });

  it('a name that is no zone is an error', () => {
    expect(() => nextTick(daily, '+02:00', nine)).toThrow(
      '"+02:00" is not an IANA time zone; write a name such as Europe/Paris or UTC',
    );
  });
});
