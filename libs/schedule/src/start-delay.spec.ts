import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseSchedule } from './parse-schedule.js';
import { startDelay, startOfTick } from './start-delay.js';

const ID = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const TICK = Date.UTC(2026, 1, 1, 9) / 1000;
const HOUR = 3600;
/** Computed apart, in another language: floor(first 48 bits of SHA-256(id/tick) / 2^48 * 601). */
const PINNED = [5, 344, 596];

describe('the start of a tick', () => {
  it('is the tick itself without jitter', () => {
    expect(startDelay(ID, TICK, 0, TICK + HOUR)).toBe(0);
  });

  it('is the same whenever it is asked for, and stays so: other services compute it too', () => {
    expect(startDelay(ID, TICK, 600, TICK + HOUR)).toBe(startDelay(ID, TICK, 600, TICK + HOUR));
    expect([0, 1, 2].map(hour => startDelay(ID, TICK + hour * HOUR, 600, TICK + (hour + 1) * HOUR))).toEqual(PINNED);
  });

  it('is within the jitter, and before the next tick', () => {
    const ids = fc.string({ minLength: 27, maxLength: 27 });
    fc.assert(
      fc.property(
        ids,
        fc.nat(2 ** 31),
        fc.integer({ min: 0, max: 3600 }),
        fc.integer({ min: 1, max: 5000 }),
        (id, tick, jitter, gap) => {
          const delay = startDelay(id, tick, jitter, tick + gap);
          expect(Number.isInteger(delay) && delay >= 0 && delay <= jitter && delay < gap).toBe(true);
        },
      ),
    );
  });

  it('is spread evenly: over 10,000 schedules each of 100 seconds has about its share, the first and the last too', () => {
    const counts = Array.from({ length: 100 }, () => 0);
    for (let n = 0; n < 10_000; n++) counts[startDelay(`${ID}${n}`, TICK, 99, TICK + HOUR)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(50);
    expect(Math.max(...counts)).toBeLessThan(150);
  });

  it('is spread before the next tick when that is sooner than the jitter', () => {
    const delays = Array.from({ length: 2000 }, (_, n) => startDelay(`${ID}${n}`, TICK, 3600, TICK + 60));
    expect(Math.max(...delays)).toBe(59);
    expect(new Set(delays).size).toBe(60);
  });

  it('follows from the schedule', () => {
    const parsed = parseSchedule('*/5 * * * *');
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(startOfTick(ID, parsed.schedule, 'UTC', TICK, 3600)).toBe(TICK + startDelay(ID, TICK, 3600, TICK + 300));
    expect(startOfTick(ID, parsed.schedule, 'UTC', TICK, 0)).toBe(TICK);
  });
});
