import { describe, expect, it } from '@jest/globals';
import { localTime } from './local-time.js';

describe('localTime', () => {
  it.each([
    ['2026-11-24T14:00:00Z', 'America/New_York', '2026-11-24T09:00:00-05:00'],
    ['2026-07-24T13:00:00Z', 'America/New_York', '2026-07-24T09:00:00-04:00'],
    ['2026-11-24T14:00:00Z', 'UTC', '2026-11-24T14:00:00+00:00'],
    ['2026-11-24T14:00:00Z', 'Asia/Kathmandu', '2026-11-24T19:45:00+05:45'],
    ['2026-11-24T02:00:00Z', 'America/St_Johns', '2026-11-23T22:30:00-03:30'],
    ['2026-11-24T14:00:00Z', 'Pacific/Chatham', '2026-11-25T03:45:00+13:45'],
    ['1971-11-24T14:00:00Z', 'Africa/Monrovia', '1971-11-24T13:16:00-00:44'],
  ])('of %s in %s is %s', (instant, zone, local) => {
    expect(localTime(Date.parse(instant) / 1000, zone)).toBe(local);
    expect(Date.parse(local)).toBe(Date.parse(instant));
  });

  it('has no way to write the year 10000', () => {
    expect(() => localTime(253_402_300_800, 'UTC')).toThrow('outside of the years 0 to 9999');
  });
});
