import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { ZoneWindow } from '../testing/oracle.js';
import { Random, randomExpression } from '../testing/random.js';
import { countTicks, isTick, nextTick, previousTick, ticksBetween } from './ticks.js';
import { parseSchedule } from './parse-schedule.js';
import { timeZoneNames } from './zone-names.js';

interface Transition {
  readonly zone: string;
  readonly at: string;
}

const LISTED = JSON.parse(
  readFileSync(new URL('../../../../shared/data/dst-transitions.json', import.meta.url), 'utf8'),
) as Transition[];

/** Transitions worth a look that the list, which covers 2025 to 2027, does not have; and zones that have none. */
const FURTHER: readonly Transition[] = [
  { zone: 'Pacific/Apia', at: '2011-12-30T10:00:00Z' }, // a whole day is skipped
  { zone: 'Pacific/Apia', at: '2012-03-31T14:00:00Z' },
  { zone: 'Pacific/Apia', at: '2020-09-26T14:00:00Z' },
  { zone: 'Pacific/Apia', at: '2021-04-03T14:00:00Z' },
  { zone: 'Pacific/Kwajalein', at: '1993-08-21T12:00:00Z' }, // likewise
  { zone: 'Asia/Kathmandu', at: '1985-12-31T18:30:00Z' }, // a quarter of an hour
  { zone: 'Asia/Pyongyang', at: '2018-05-04T15:00:00Z' }, // half an hour
  { zone: 'America/Caracas', at: '2016-05-01T07:00:00Z' },
  { zone: 'America/Sao_Paulo', at: '2018-11-04T03:00:00Z' }, // gap at midnight
  { zone: 'America/Sao_Paulo', at: '2019-02-17T02:00:00Z' }, // overlap at midnight
  { zone: 'America/St_Johns', at: '2011-03-13T03:31:00Z' }, // gap at 00:01
  { zone: 'America/St_Johns', at: '2010-11-07T02:31:00Z' },
  { zone: 'Antarctica/Casey', at: '2018-03-10T17:00:00Z' }, // three hours
  { zone: 'Africa/Juba', at: '2021-01-31T21:00:00Z' },
  { zone: 'US/Eastern', at: '2026-03-08T07:00:00Z' },
  { zone: 'UTC', at: '2026-03-08T00:00:00Z' },
  { zone: 'Asia/Kolkata', at: '2026-03-08T00:00:00Z' },
];

const TRICKY = `
  0 9 * * *
  30 2 * * *
  0 3 * * *
  30 1 * * *
  0 0 * * *
  15 0 * * *
  59 23 * * *
  0,30 1-3 * * *
  */7 0-4 * * *
  0 * * * *
  */5 * * * *
  30 */2 * * *
  15 */3 * * 7
  * 2 * * *
  */15 0-23 * * *
  45 *,2 * * *
  30 1 L * *
  0 2 * * SUNL
  30 2 * * 0#2
  0 0 1,15,30 * MON
  10 */2 */2 * SAT,SUN
  5 1 29-31 3,10 *
`
  .trim()
  .split(/\n\s*/);
const RANDOM_PER_WINDOW = 5;
const HOUR = 3600;

describe('ticks', () => {
  it('are those of a walk over every minute around every transition', () => {
    const random = Random.fromEnvironment();
    const differences: string[] = [];
    const zones = new Set<string>();
    let cases = 0;
    for (const { zone, at } of [...LISTED, ...FURTHER]) {
      const transition = Date.parse(at) / 1000;
      const window = new ZoneWindow(zone, transition - 8 * HOUR, transition + 16 * HOUR);
      zones.add(zone);
      const near = window.minutes[8 * 60]!.local;
      const generated = Array.from({ length: RANDOM_PER_WINDOW }, () => randomExpression(random, near));
      for (const expression of [...TRICKY, ...generated]) {
        const parsed = parseSchedule(expression);
        const expected = window.ticks(expression);
        if (!parsed.ok) {
          if (expected.length > 0) differences.push(`${expression} refused: ${parsed.reason}`);
          continue;
        }
        const { schedule } = parsed;
        const report = (what: string, ours: unknown, theirs: unknown): void => {
          if (String(ours) !== String(theirs))
            differences.push(`${what} of ${expression} in ${zone} at ${at}: ${String(ours)}, expected ${String(theirs)}`);
        };
        report('ticks', ticksBetween(schedule, zone, window.from - 1, window.to, Infinity), expected);
        for (const reach of [8, 2]) {
          cases += 1;
          const after = transition + random.between(-reach * HOUR, reach * HOUR);
          const next = nextTick(schedule, zone, after) ?? Infinity;
          report(
            `next after ${after}`,
            next > window.to ? undefined : next,
            expected.find(tick => tick > after),
          );
          const previous = previousTick(schedule, zone, after) ?? -Infinity;
          report(
            `previous at ${after}`,
            previous < window.from ? undefined : previous,
            expected.findLast(tick => tick <= after),
          );
          report(
            `count after ${after}`,
            countTicks(schedule, zone, after, window.to),
            expected.filter(tick => tick > after).length,
          );
        }
      }
    }
    process.stdout.write(
      `oracle: ${cases} (expression, zone, after) cases, ${zones.size} zones, ${LISTED.length + FURTHER.length} transitions, ` +
        `seed ${random.seed}: ${differences.length} differences\n`,
    );
    expect(differences.slice(0, 10)).toEqual([]);
    expect(cases).toBeGreaterThanOrEqual(10_000);
    expect(zones.size).toBeGreaterThanOrEqual(60);
  }, 60_000);

  it('every second between an instant and its next tick has the same next tick', () => {
    const random = Random.fromEnvironment();
    const zones = Array.from({ length: 60 }, () => random.pick(timeZoneNames())).concat('Australia/Lord_Howe', 'Pacific/Apia');
    const near = { month: 3, day: 28, weekday: 0, hour: 2 };
    const schedules = Array.from({ length: 500 }, () => parseSchedule(randomExpression(random, near))).flatMap(parsed =>
      parsed.ok ? [parsed.schedule] : [],
    );
    const differences: string[] = [];
    let pairs = 0;
    for (; pairs < 100_000; pairs += 1) {
      const [schedule, zone] = [random.pick(schedules), random.pick(zones)];
      const instant = random.between(Date.UTC(1990) / 1000, Date.UTC(2040) / 1000);
      const next = nextTick(schedule, zone, instant)!;
      const between = random.between(instant, next - 1);
      const holds =
        nextTick(schedule, zone, between) === next &&
        (between === instant || !isTick(schedule, zone, between)) &&
        isTick(schedule, zone, next) &&
        previousTick(schedule, zone, next) === next &&
        previousTick(schedule, zone, next - 1)! <= instant &&
        countTicks(schedule, zone, instant, next) === 1;
      if (!holds) differences.push(`${schedule.expression} in ${zone}: ${instant}, ${between}, ${next}`);
    }
    process.stdout.write(
      `same next: ${pairs} (schedule, zone, instant) pairs, seed ${random.seed}: ${differences.length} differences\n`,
    );
    expect(differences.slice(0, 10)).toEqual([]);
  }, 60_000);

  it('are counted over years as if they were listed', () => {
    const random = Random.fromEnvironment();
    const near = { month: 10, day: 25, weekday: 0, hour: 1 };
    for (let i = 0; i < 50; i += 1) {
      const parsed = parseSchedule(randomExpression(random, near));
      if (!parsed.ok) continue;
      const zone = random.pick(['Europe/Berlin', 'Australia/Lord_Howe', 'Africa/Casablanca', 'Antarctica/Troll', 'UTC']);
      const after = random.between(Date.UTC(2020) / 1000, Date.UTC(2030) / 1000);
      const through = after + random.between(0, 400 * 86_400);
      const context = { expression: parsed.schedule.expression, zone, after, through };
      const listed = ticksBetween(parsed.schedule, zone, after, through, Infinity);
      const counted = countTicks(parsed.schedule, zone, after, through);
      expect({ ...context, counted }).toEqual({ ...context, counted: listed.length });
    }
  });
});
