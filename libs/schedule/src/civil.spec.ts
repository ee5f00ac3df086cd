import { describe, expect, it } from '@jest/globals';
import { firstDayOf, monthOf, monthOfYear, weekdayOf } from './civil.js';

describe('the civil calendar', () => {
  it('is that of Date from 1600 to 2800', () => {
    for (let year = 1600; year < 2800; year += 1) {
      for (let month = 0; month < 12; month += 1) {
        const date = new Date(Date.UTC(year, month, 1));
        const first = date.getTime() / 86_400_000;
        const here = year * 12 + month;
        expect({
          first: firstDayOf(here),
          month: monthOf(first),
          before: monthOf(first - 1),
          ofYear: monthOfYear(here),
          weekday: weekdayOf(first),
        }).toEqual({ first, month: here, before: here - 1, ofYear: month, weekday: date.getUTCDay() });
      }
    }
  });
});
