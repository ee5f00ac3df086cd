import { describe, expect, it } from '@jest/globals';
import { clockShiftAt } from './clock-shift.js';
import { parseSchedule } from './parse-schedule.js';

const seconds = (at: string): number => Date.parse(at) / 1000;
const NEW_YORK = 'America/New_York';

/** The shift, with its instants as text. */
function shiftAt(expression: string, zone: string, at: string) {
  const parsed = parseSchedule(expression);
  if (!parsed.ok) throw new Error(parsed.reason);
  const shift = clockShiftAt(parsed.schedule, zone, seconds(at));
  return (
    shift &&
    Object.fromEntries(
      Object.entries(shift).map(([name, value]) => [
        name,
        typeof value === 'number' ? new Date(value * 1000).toISOString() : value,
      ]),
    )
  );
}

describe('a time that the clock jumps over', () => {
  const skipped = { kind: 'gap', local: '2026-03-08T02:30:00', tick: '2026-03-08T07:00:00.000Z' };

  it.each([
    ['the first instant after the gap, which stands for it', '2026-03-08T03:00:00-04:00'],
    ['that time, written with the offset of before', '2026-03-08T02:30:00-05:00'],
    ['that time, written with the offset of after', '2026-03-08T02:30:00-04:00'],
  ])('concerns %s', (_, at) => {
    expect(shiftAt('30 2 * * *', NEW_YORK, at)).toEqual(skipped);
  });

  it('concerns no other instant, and no other day', () => {
    expect(shiftAt('30 2 * * *', NEW_YORK, '2026-03-08T02:31:00-05:00')).toBeUndefined();
    expect(shiftAt('30 2 * * *', NEW_YORK, '2026-03-09T02:30:00-04:00')).toBeUndefined();
    expect(shiftAt('30 4 * * *', NEW_YORK, '2026-03-08T03:00:00-04:00')).toBeUndefined();
  });

  it('is never made up for where the hour field starts with *', () => {
    expect(shiftAt('15 */2 * * *', NEW_YORK, '2026-03-08T02:15:00-05:00')).toEqual({ kind: 'gap', local: '2026-03-08T02:15:00' });
    expect(shiftAt('15 */2 * * *', NEW_YORK, '2026-03-08T03:00:00-04:00')).toBeUndefined();
  });

  it('may be half an hour long', () => {
    expect(shiftAt('15 2 * * *', 'Australia/Lord_Howe', '2026-10-04T02:15:00+10:30')).toEqual({
      kind: 'gap',
      local: '2026-10-04T02:15:00',
      tick: '2026-10-03T15:30:00.000Z',
    });
  });

  it('may be a whole day long', () => {
    expect(shiftAt('0 9 30 12 *', 'Pacific/Apia', '2011-12-30T09:00:00-10:00')).toEqual({
      kind: 'gap',
      local: '2011-12-30T09:00:00',
      tick: '2011-12-30T10:00:00.000Z',
    });
  });
});

describe('a time that the clock shows twice', () => {
  const twice = {
    kind: 'overlap',
    local: '2026-11-01T01:30:00',
    tick: '2026-11-01T05:30:00.000Z',
    again: '2026-11-01T06:30:00.000Z',
  };

  it.each([
    ['first', '2026-11-01T01:30:00-04:00'],
    ['second', '2026-11-01T01:30:00-05:00'],
  ])('concerns it the %s time', (_, at) => {
    expect(shiftAt('30 1 * * *', NEW_YORK, at)).toEqual(twice);
  });

  it('concerns no other time, and none where the hour field starts with *', () => {
    expect(shiftAt('30 1 * * *', NEW_YORK, '2026-11-01T01:31:00-05:00')).toBeUndefined();
    expect(shiftAt('30 0 * * *', NEW_YORK, '2026-11-01T00:30:00-04:00')).toBeUndefined();
    expect(shiftAt('30 * * * *', NEW_YORK, '2026-11-01T01:30:00-05:00')).toBeUndefined();
  });
});

it('has nothing to say of a zone that never changes its clock', () => {
  expect(shiftAt('30 2 * * *', 'UTC', '2026-03-08T02:30:00Z')).toBeUndefined();
});
