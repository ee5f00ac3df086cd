import { describe, expect, it } from '@jest/globals';
import { parseSchedule } from './parse-schedule.js';

function reasonOf(expression: string): string {
  const parsed = parseSchedule(expression);
  if (parsed.ok) throw new Error(`"${expression}" was accepted`);
  return parsed.reason;
}

describe('parseSchedule', () => {
  it.each([
    ['* * * * *'],
    ['  0   9 * *\tMON-FRI '],
    ['*/15 0-6,22,23 1-7 */3 *'],
    ['5/10 * * * *'],
    ['0 0 L * *'],
    ['0 0 * * 5L'],
    ['0 0 * * FRI#2'],
    ['0 9 * JAN-dec,Mar sun'],
    ['0 0 29 2 *'],
    ['0 0 31 2 MON'],
    ['0,0,30 1-3,2 * * 0,7'],
    ['*/60 */24 */31 */12 */7'],
  ])('accepts %s', expression => {
    expect(parseSchedule(expression)).toMatchObject({ ok: true });
  });

  it.each([
    ['@hourly', '0 * * * *'],
    ['@daily', '0 0 * * *'],
    ['@midnight', '0 0 * * *'],
    ['@weekly', '0 0 * * 0'],
    ['@monthly', '0 0 1 * *'],
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '0 0 1 1 *'],
    ['@Daily', '0 0 * * *'],
  ])('reads %s as %s', (name, expression) => {
    expect(parseSchedule(name)).toMatchObject({ ok: true, schedule: { expression } });
    expect(parseSchedule(name)).toEqual(parseSchedule(expression));
  });

  it.each([
    ['', 'the expression is empty; five fields are needed'],
    [' \n ', 'the expression is empty; five fields are needed'],
    ['* * * *', '"* * * *" has 4 fields; five fields are needed'],
    ['0 * * * * *', '"0 * * * * *" has 6 fields; five fields are needed'],
    ['daily', '"daily" has 1 field; five fields are needed'],
    ['@reboot', '"@reboot" is not known; the names are @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually'],
    ['@minutely', '"@minutely" is not known'],
    ['@weekdays', '"@weekdays" is not known'],
    [`${'0,'.repeat(600)}0 * * * *`, 'the expression has 1209 characters; at most 1024 are read'],
  ])('refuses %j as a whole', (expression, reason) => {
    expect(reasonOf(expression)).toContain(reason);
  });

  it.each([
    ['60 * * * *', 'minute "60": ', 'expected range 0-59; write *, 0 to 59,'],
    ['-1 * * * *', 'minute "-1": "-1" is not understood'],
    ['1.5 * * * *', 'minute "1.5": "1.5" is not understood'],
    ['5-1 * * * *', 'minute "5-1": ', 'min(5) > max(1)'],
    ['*/0 * * * *', 'minute "*/0": ', 'cannot repeat at every 0 time'],
    ['*/61 * * * *', 'minute "*/61": the step 61 is longer than the field'],
    ['1,,2 * * * *', 'minute "1,,2": "" is not understood'],
    ['1/2/3 * * * *', 'minute "1/2/3": "1/2/3" is not understood'],
    ['H * * * *', 'minute "H": "H" is not understood'],
    ['** * * * *', 'minute "**": "**" is not understood'],
    ['JAN * * * *', 'minute "JAN": "JAN" is not understood'],
    ['0 24 * * *', 'hour "24": ', 'expected range 0-23; write *, 0 to 23,'],
    ['0 9-25 * * *', 'hour "9-25": ', 'expected range 0-23'],
    ['0 0 0 * *', 'day of month "0": ', 'expected range 1-31; write *, 1 to 31, L for the last day,'],
    ['0 0 32 * *', 'day of month "32": ', 'expected range 1-31'],
    ['0 0 ? * *', 'day of month "?": "?" is not understood'],
    ['0 0 15W * *', 'day of month "15W": "15W" is not understood'],
    ['0 0 L-3 * *', 'day of month "L-3": "L-3" is not understood'],
    ['0 0 * 13 *', 'month "13": ', 'expected range 1-12; write *, 1 to 12, JAN to DEC,'],
    ['0 0 * JANUARY *', 'month "JANUARY": "JANUARY" is not understood'],
    ['0 0 * * 8', 'day of week "8": ', 'expected range 0-7; write *, 0 to 7 (0 and 7 are Sunday), SUN to SAT,'],
    ['0 0 * * L', 'day of week "L": "L" is not understood'],
    ['0 0 * * 8L', 'day of week "8L": ', 'expected range 0-7'],
    ['0 0 * * MON#6', 'day of week "MON#6": "MON#6" is not understood'],
    ['0 0 * * 8#1', 'day of week "8#1": ', 'expected range 0-7'],
    ['0 0 * * MON#0', 'day of week "MON#0": "MON#0" is not understood'],
    ['0 0 * * MON-FRI#2', 'day of week "MON-FRI#2": "MON-FRI#2" is not understood'],
    [
      '0 0 31 2 *',
      'day of month "31" never comes in month "2", so the expression would never fire; write a day that the month has',
    ],
    ['0 0 30,31 FEB *', 'day of month "30,31" never comes in month "FEB"'],
    ['0 0 31 4,6,9,11 *', 'day of month "31" never comes in month "4,6,9,11"'],
    ['0 0 */30 * MON#3', 'day of month "*/30" never comes in month "*" on day of week "MON#3"'],
  ])('refuses %j and names the field', (expression, ...parts) => {
    const reason = reasonOf(expression);
    expect(parts.filter(part => !reason.includes(part))).toEqual([]);
  });

  it('gives the same frozen value for the same text', () => {
    const parsed = parseSchedule('1 2 3 4 5');
    expect(parseSchedule('1 2 3 4 5')).toBe(parsed);
    expect(parsed.ok && Object.isFrozen(parsed.schedule) && Object.isFrozen(parsed.schedule.weekdayDays)).toBe(true);
  });

  it('forgets the oldest texts rather than keep every one', () => {
    const first = parseSchedule('7 7 7 7 *');
    for (let i = 0; i < 5000; i += 1) parseSchedule(`not ${i}`);
    expect(parseSchedule('7 7 7 7 *')).not.toBe(first);
    expect(parseSchedule('7 7 7 7 *')).toEqual(first);
  });
});
