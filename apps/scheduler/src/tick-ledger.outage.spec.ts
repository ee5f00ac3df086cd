import { describe, expect, it } from '@jest/globals';
import { RANGE_AGE_S } from '#contracts';
import { fold, ledgerOf, minutes, owed, owedAt, triggers } from '../testing/ledger.js';
import { at, created, missed, skipped, started } from '../testing/log-of.js';

const EVERY_MINUTE = { schedule: '* * * * *' };
const HOURLY = { schedule: '0 * * * *' };

describe('a long outage', () => {
  const since = (policy: 'none' | 'latest' | 'all', window = 3600) =>
    ledgerOf(created(at('00:00'), { ...EVERY_MINUTE, catch_up_policy: policy, catch_up_window: window }));

  it.each(['none', 'latest'] as const)('is one range and the ticks that may still be on their way, with %s', policy => {
    const ledger = since(policy);
    const [range, ...ticks] = owedAt(ledger, at('10:00'), { missed: true });
    const last = (range as [number, number])[1];
    expect(range).toEqual([at('00:01'), last]);
    expect(at('10:00') - last).toBeGreaterThan(RANGE_AGE_S);
    expect(ticks).toEqual(minutes(last + 60, at('10:00')));
    expect(new Set(triggers(ledger))).toEqual(new Set(['catch_up']));
  });

  it('is every tick inside the window and a range before it, with all', () => {
    const [range, ...ticks] = owedAt(since('all', 4 * 3600), at('10:00'), { missed: true });
    expect(range).toEqual([at('00:01'), at('05:59')]);
    expect(ticks).toEqual(minutes(at('06:00'), at('10:00')));
  });

  it('never has the newest tick in its range, with latest', () => {
    const ledger = ledgerOf(created(at('00:00'), { ...HOURLY, catch_up_policy: 'latest', end_at: '2026-02-01T03:00:00.000Z' }));
    expect(owedAt(ledger, at('23:00'), { missed: true })).toEqual([[at('01:00'), at('02:00')], at('03:00')]);
  });

  it('is no range when only one tick is old', () => {
    const ledger = ledgerOf(created(at('00:00'), HOURLY));
    expect(owedAt(ledger, at('03:30'), { missed: true })).toEqual([at('01:00'), at('02:00'), at('03:00')]);
  });

  it('stays owed in the part that an outcome left', () => {
    const ledger = since('none');
    const last = at('07:59');
    expect(owedAt(ledger, at('10:00'), { missed: true })[0]).toEqual([at('00:01'), last]);
    fold(ledger, missed(at('00:01'), at('05:00'), 300));
    expect(owed(ledger)[0]).toEqual([at('05:01'), last]);
    fold(ledger, started(at('06:00')));
    expect(owed(ledger).slice(0, 2)).toEqual([
      [at('05:01'), at('05:59')],
      [at('06:01'), last],
    ]);
    fold(ledger, skipped(at('06:02')));
    expect(owed(ledger).slice(0, 3)).toEqual([[at('05:01'), at('05:59')], at('06:01'), [at('06:03'), last]]);
  });

  it('is settled by the outcome of its range', () => {
    const ledger = since('none');
    ledger.collect(at('10:00'), { since: at('10:00') });
    fold(ledger, missed(at('00:01'), at('07:59'), 479));
    expect(owed(ledger)).toEqual(minutes(at('08:00'), at('10:00')));
  });

  it('is taken up in portions, and none is lost', () => {
    const ledger = since('all', 24 * 3600);
    const decided = [];
    for (let portion = 0; portion < 3; portion++) {
      const ticks = owedAt(ledger, at('23:59'), { missed: true }) as number[];
      expect(ticks.length).toBeLessThanOrEqual(1000);
      for (const tick of ticks) fold(ledger, started(tick));
      decided.push(...ticks);
    }
    expect(decided).toEqual(minutes(at('00:01'), at('23:59')));
    expect(owedAt(ledger, at('23:59'))).toEqual([]);
  });
});
