import { describe, expect, it } from '@jest/globals';
import { Problem } from '#service';
import { backfillTicks } from './backfill-ticks.js';

const NOW = Date.parse('2026-03-01T09:00:00Z');
const hourly = { schedule: '@hourly', timezone: 'UTC' };

describe('the ticks of a backfill', () => {
  it('are those from the first instant to the last, both included', () => {
    const span = { from: '2026-02-28T22:00:00Z', to: '2026-03-01T02:00:00+01:00' };
    expect(backfillTicks({ ...hourly, timezone: 'Europe/Berlin' }, span, NOW)).toEqual([
      { scheduled_for: '2026-02-28T22:00:00.000Z', local: '2026-02-28T23:00:00+01:00' },
      { scheduled_for: '2026-02-28T23:00:00.000Z', local: '2026-03-01T00:00:00+01:00' },
      { scheduled_for: '2026-03-01T00:00:00.000Z', local: '2026-03-01T01:00:00+01:00' },
      { scheduled_for: '2026-03-01T01:00:00.000Z', local: '2026-03-01T02:00:00+01:00' },
    ]);
  });

  it('are none where none falls, and not one that a fraction of a second leaves out', () => {
    expect(backfillTicks(hourly, { from: '2026-03-01T08:00:00.001Z', to: '2026-03-01T08:59:59.999Z' }, NOW)).toEqual([]);
    expect(backfillTicks(hourly, { from: '2026-03-01T09:00:00Z', to: '2026-03-01T09:00:00Z' }, NOW)).toHaveLength(1);
  });

  it('are a thousand at most', () => {
    const minutely = { schedule: '* * * * *', timezone: 'UTC' };
    const from = '2026-02-27T00:00:00Z';
    expect(backfillTicks(minutely, { from, to: '2026-02-27T16:39:59Z' }, NOW)).toHaveLength(1000);
    expect(refusal(minutely, { from, to: '2026-02-27T16:40:00Z' })).toEqual([
      { path: 'to', message: expect.stringMatching(/there are 1001 ticks .* at most 1000$/) },
    ]);
    expect(refusal(minutely, { from: '0000-01-01T00:00:00Z', to: from })).toEqual([{ path: 'to', message: expect.any(String) }]);
  });

  it.each([
    ['to', { from: '2026-02-27T00:00:00Z', to: '2026-03-01T09:00:00.001Z' }],
    ['from', { from: '2026-02-27T00:00:01Z', to: '2026-02-27T00:00:00Z' }],
  ])('are refused by the name of %s in %j', (path, span) => {
    expect(refusal(hourly, span)).toEqual([{ path, message: expect.stringContaining(`${path} must not be after`) }]);
  });
});

function refusal(...[schedule, span]: [Parameters<typeof backfillTicks>[0], Parameters<typeof backfillTicks>[1]]) {
  try {
    return backfillTicks(schedule, span, NOW);
  } catch (error) {
    return error instanceof Problem ? error.errors : error;
  }
}
