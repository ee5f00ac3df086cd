import { describe, expect, it } from '@jest/globals';
import { RateLimiter } from './rate-limiter.js';

function limiter(perSecond: number, burst: number) {
  let now = 0;
  const made = new RateLimiter({ perSecond, burst }, () => now);
  const take = (caller = 'ann') => made.take(caller);
  return { take, pass: (ms: number) => void (now += ms) };
}

describe('a rate limit', () => {
  it('lets a burst through, and then as many as the rate says', () => {
    const { take, pass } = limiter(10, 3);
    expect([take(), take(), take(), take() === 'yes']).toEqual(['yes', 'yes', 'yes', false]);
    pass(99);
    expect(take()).not.toBe('yes');
    pass(2);
    expect(take()).toBe('yes');
    expect(take()).not.toBe('yes');
    pass(60_000);
    expect([take(), take(), take(), take() === 'yes']).toEqual(['yes', 'yes', 'yes', false]);
  });

  it('is each caller’s own', () => {
    const { take } = limiter(1, 1);
    expect([take('ann'), take('bob'), take('ann') === 'yes']).toEqual(['yes', 'yes', false]);
  });

  it('tells of a refusal once a second', () => {
    const { take, pass } = limiter(1, 1);
    expect([take(), take(), take(), take()]).toEqual(['yes', 'told', 'no', 'no']);
    pass(500);
    expect(take()).toBe('no');
    pass(700);
    expect([take(), take()]).toEqual(['yes', 'told']);
  });

  it('of 0 is none', () => {
    const { take } = limiter(0, 0);
    expect(Array.from({ length: 1000 }, () => take()).every(verdict => verdict === 'yes')).toBe(true);
  });

  it('remembers a bounded number of callers: who came longest ago starts anew', () => {
    const { take } = limiter(1, 1);
    take('first');
    for (let n = 0; n < 10_000; n++) take(`caller-${n}`);
    expect(take('caller-9999')).not.toBe('yes');
    expect(take('first')).toBe('yes');
  });
});
