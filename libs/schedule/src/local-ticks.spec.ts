import { describe, expect, it } from '@jest/globals';
import { localTicks } from './local-ticks.js';
import { parseSchedule } from './parse-schedule.js';

function ticks(expression: string, zone: string, after: string, through: string, limit = 1000) {
  const parsed = parseSchedule(expression);
  if (!parsed.ok) throw new Error(parsed.reason);
  return localTicks(parsed.schedule, zone, Date.parse(after) / 1000, Date.parse(through) / 1000, limit);
}

describe('localTicks', () => {
  it('have the instant and the time of the zone, on both sides of a change of its offset', () => {
    expect(ticks('30 2 * * *', 'America/New_York', '2026-03-07T00:00:00Z', '2026-03-09T12:00:00Z')).toEqual([
      { scheduled_for: '2026-03-07T07:30:00.000Z', local: '2026-03-07T02:30:00-05:00' },
      { scheduled_for: '2026-03-08T07:00:00.000Z', local: '2026-03-08T03:00:00-04:00' },
      { scheduled_for: '2026-03-09T06:30:00.000Z', local: '2026-03-09T02:30:00-04:00' },
    ]);
  });

  it('leave out the first instant, include the last, and end at the limit', () => {
    const hourly = (limit?: number) =>
      ticks('@hourly', 'UTC', '2026-01-01T00:00:00Z', '2026-01-01T03:00:00Z', limit).map(({ local }) => local.slice(11, 13));
    expect(hourly()).toEqual(['01', '02', '03']);
    expect(hourly(2)).toEqual(['01', '02']);
  });

  it.each([
    ['Asia/Tokyo', '9999-12-29T23:00:00Z', '9999-12-31T23:59:59Z'],
    ['America/New_York', '-000001-01-01T00:00:00Z', '0000-01-02T02:00:00Z'],
  ])('stay within the years that can be written in %s', (zone, after, through) => {
    const all = ticks('@hourly', zone, after, through);
    expect(all.length).toBeGreaterThan(0);
    for (const { scheduled_for, local } of all) {
      expect(scheduled_for).toMatch(/^(0000|9999)-/);
      expect(Date.parse(local)).toBe(Date.parse(scheduled_for));
    }
  });
});
