import { describe, expect, it } from '@jest/globals';
import { startDelay } from '#schedule';
import { fold, ledgerOf, minutes, owed, triggers } from '../testing/ledger.js';
import { at, created, missed, SCHEDULE, started, suspended, updated } from '../testing/log-of.js';
import type { TickLedger } from './tick-ledger.js';

const HOURLY = { schedule: '0 * * * *', jitter: 3600 };
const startOf = (tick: number, jitter = 3600, gap = 3600): number => tick + startDelay(SCHEDULE, tick, jitter, tick + gap);
const due = (ledger: TickLedger): number[] => ledger.owing.filter(({ trigger }) => trigger).map(({ tick }) => tick);

describe('a tick with jitter', () => {
  const ten = startOf(at('10:00'));

  it('starts well after its time, in these tests', () => {
    expect(ten - at('10:00')).toBeGreaterThan(60);
    expect(ten).toBeLessThan(at('11:00'));
  });

  it('is owed from its start on, and not before; the ledger says when that is', () => {
    const ledger = ledgerOf(created(at('09:00'), HOURLY));
    expect(ledger.collect(at('09:59:59'))).toBe(Number.POSITIVE_INFINITY);
    expect(ledger.collect(at('10:00'))).toBe(ten);
    expect(ledger.collect(ten - 1)).toBe(ten);
    expect(owed(ledger)).toEqual([]);
    ledger.collect(ten);
    expect(ledger.owing).toMatchObject([{ tick: at('10:00'), start: ten, trigger: 'schedule' }]);
  });

  it('is late 30 seconds after its start, not after its time', () => {
    const inTime = ledgerOf(created(at('09:00'), HOURLY));
    inTime.collect(ten + 30);
    expect(triggers(inTime)).toEqual(['schedule']);
    const late = ledgerOf(created(at('09:00'), HOURLY));
    late.collect(ten + 31);
    expect(triggers(late)).toEqual(['catch_up']);
  });

  it('was not missed by a start of the scheduler between its time and its start', () => {
    const ledger = ledgerOf(created(at('09:00'), HOURLY));
    const since = ten - 1;
    expect(ledger.collect(since, { since })).toBe(ten);
    ledger.collect(ten, { since });
    expect(triggers(ledger)).toEqual(['schedule']);
  });

  it('was missed by one after its start, and then is due at once', () => {
    const ledger = ledgerOf(created(at('09:00'), HOURLY));
    ledger.collect(ten + 5, { since: ten + 5 });
    expect(triggers(ledger)).toEqual(['catch_up']);
  });

  it('never waits for the next tick: each minute of a minutely schedule starts within it', () => {
    const ledger = ledgerOf(created(at('09:00'), { schedule: '* * * * *', jitter: 3600 }));
    for (const minute of minutes(at('09:01'), at('09:20'))) {
      ledger.collect(minute + 59);
      expect(owed(ledger).at(-1)).toBe(minute);
    }
  });

  it('that was decided before it started here (by another leader) is not owed', () => {
    const ledger = ledgerOf(created(at('09:00'), HOURLY));
    ledger.collect(at('10:00'));
    fold(ledger, started(at('10:00')));
    expect(ledger.collect(ten)).toBe(Number.POSITIVE_INFINITY);
    expect(owed(ledger)).toEqual([]);
  });

  it('keeps its start when the schedule is changed or suspended before it', () => {
    for (const change of [updated(at('10:00:10'), { jitter: 0, schedule: '30 * * * *' }), suspended(at('10:00:10'))]) {
      const ledger = ledgerOf(created(at('09:00'), HOURLY), change);
      expect(due(ledger)).toEqual([]);
      expect(ledger.collect(at('10:00:20'))).toBe(ten);
      expect(due(ledger)).toEqual([]);
      ledger.collect(ten);
      expect(due(ledger)[0]).toBe(at('10:00'));
    }
  });

  it('that waits does not make the newest missed one an old one', () => {
    const every3Hours = { schedule: '0 */3 * * *', jitter: 3600, catch_up_policy: 'latest' as const };
    const now = startOf(at('09:00'), 3600, 3 * 3600) - 1;
    const ledger = ledgerOf(created(at('01:00'), every3Hours));
    ledger.collect(now, { since: now });
    expect(owed(ledger)).toEqual([at('03:00'), at('06:00')]);
  });

  it('missed in a long outage is in its range', () => {
    const ledger = ledgerOf(created(at('00:00'), { ...HOURLY, catch_up_policy: 'none' }));
    const now = startOf(at('09:00')) + 1;
    ledger.collect(now, { since: now });
    expect(owed(ledger)).toEqual([[at('01:00'), at('07:00')], at('08:00'), at('09:00')]);
    fold(ledger, missed(at('01:00'), at('07:00'), 7));
    expect(owed(ledger)).toEqual([at('08:00'), at('09:00')]);
  });
});
