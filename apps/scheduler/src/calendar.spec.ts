import { beforeEach, describe, expect, it } from '@jest/globals';
import { at } from '../testing/log-of.js';
import { Calendar } from './calendar.js';
import { rhythmOf, type Rhythm } from './timing.js';

const rhythm = (expression: string, zone = 'UTC'): Rhythm => rhythmOf(expression, zone);

const HOURLY = rhythm('0 * * * *');
const EVERY_MINUTE = rhythm('* * * * *');

describe('a calendar', () => {
  let calendar: Calendar<string>;
  beforeEach(() => {
    calendar = new Calendar();
  });

  it('has nothing due at first', () => {
    expect(calendar).toMatchObject({ size: 0 });
    expect(calendar.next()).toBe(Number.POSITIVE_INFINITY);
    expect(calendar.take(at('12:00'))).toEqual([]);
  });

  it('is due when its first schedule is', () => {
    calendar.place('a', HOURLY, at('09:30'));
    calendar.place('b', EVERY_MINUTE, at('09:30'));
    expect(calendar.next()).toBe(at('09:31'));
  });

  it('is not due on the second on which a schedule is placed', () => {
    calendar.place('a', HOURLY, at('09:00'));
    expect(calendar.next()).toBe(at('10:00'));
  });

  it('notices a schedule that is due sooner than what it has', () => {
    calendar.place('a', HOURLY, at('09:30'));
    expect(calendar.next()).toBe(at('10:00'));
    calendar.place('b', EVERY_MINUTE, at('09:30'));
    expect(calendar.next()).toBe(at('09:31'));
  });

  it('gives out all schedules of what is due, and moves on', () => {
    calendar.place('a', HOURLY, at('09:30'));
    calendar.place('b', rhythm('0 * * * *'), at('09:31'));
    calendar.place('c', rhythm('0 12 * * *'), at('09:30'));
    expect(calendar.take(at('09:59:59'))).toEqual([]);
    expect(calendar.take(at('10:00'))).toEqual(['a', 'b']);
    expect(calendar.take(at('10:00'))).toEqual([]);
    expect(calendar.next()).toBe(at('11:00'));
    expect(calendar.take(at('12:00'))).toEqual(['a', 'b', 'c']);
  });

  it('gives out a schedule once when several of its ticks have passed', () => {
    calendar.place('a', EVERY_MINUTE, at('09:00'));
    expect(calendar.take(at('09:30:20'))).toEqual(['a']);
    expect(calendar.next()).toBe(at('09:31'));
  });

  it('keeps the same expression in two zones apart', () => {
    calendar.place('utc', rhythm('0 12 * * *'), at('09:00'));
    calendar.place('berlin', rhythm('0 12 * * *', 'Europe/Berlin'), at('09:00'));
    expect(calendar.take(at('11:00'))).toEqual(['berlin']);
    expect(calendar.take(at('12:00'))).toEqual(['utc']);
  });

  it('moves a schedule whose timing changed', () => {
    calendar.place('a', HOURLY, at('09:30'));
    calendar.place('a', EVERY_MINUTE, at('09:30'));
    expect(calendar.size).toBe(1);
    expect(calendar.take(at('09:31'))).toEqual(['a']);
    expect(calendar.take(at('10:00'))).toEqual(['a']);
  });

  it('takes out a schedule without timing, and leaves those of its pair', () => {
    calendar.place('a', HOURLY, at('09:30'));
    calendar.place('b', HOURLY, at('09:30'));
    calendar.place('a', undefined, at('09:40'));
    expect(calendar.size).toBe(1);
    expect(calendar.take(at('10:00'))).toEqual(['b']);
    calendar.place('b', undefined, at('10:30'));
    expect(calendar.take(at('11:00'))).toEqual([]);
    expect(calendar.next()).toBe(Number.POSITIVE_INFINITY);
  });

  it('forgets a schedule that never fires again', () => {
    calendar.place('leap', rhythm('0 0 29 2 *'), at('09:00'));
    expect(new Date(calendar.next() * 1000).toISOString()).toBe('2028-02-29T00:00:00.000Z');
  });

  it('has a schedule placed after the clock was set back due by that clock', () => {
    calendar.place('a', EVERY_MINUTE, at('10:00'));
    calendar.place('b', EVERY_MINUTE, at('09:00'));
    expect(calendar.next()).toBe(at('09:01'));
    expect(calendar.take(at('09:01'))).toContain('b');
  });

  it('has what came before due again when the clock is set back', () => {
    calendar.place('a', HOURLY, at('09:30'));
    expect(calendar.take(at('10:00'))).toEqual(['a']);
    calendar.setBack(at('09:30'));
    expect(calendar.next()).toBe(at('10:00'));
    expect(calendar.take(at('10:00'))).toEqual(['a']);
  });
});
