import { describe as suite, expect, it } from '@jest/globals';
import { describe } from './describe.js';

suite('the words for an expression', () => {
  it.each([
    ['0 9 * * MON-FRI', 'Europe/Paris', 'At 09:00, Monday through Friday (Europe/Paris)'],
    ['*/5 * * * *', undefined, 'Every 5 minutes'],
    ['@midnight', undefined, 'At 00:00'],
    ['0 0 * * fril', undefined, 'At 00:00, on the last Friday of the month'],
    ['30 18 L * *', 'UTC', 'At 18:30, on the last day of the month (UTC)'],
  ])('puts %s in words', (expression, zone, words) => {
    expect(describe(expression, zone)).toBe(words);
  });

  it('refuses what parseSchedule refuses', () => {
    expect(() => describe('0 0 31 2 *')).toThrow('day of month "31" never comes in month "2"');
  });
});
