import { describe, expect, it } from '@jest/globals';
import { fold, ledgerOf, minutes, owed, owedAt, triggers, type Fact } from '../testing/ledger.js';
import {
  SCHEDULE,
  at,
  created,
  deleted,
  missed,
  resumed,
  skipped,
  started,
  suspended,
  triggeredByHand,
  updated,
} from '../testing/log-of.js';
import { TickLedger } from './tick-ledger.js';

const EVERY_MINUTE = { schedule: '* * * * *' };
const HOURLY = { schedule: '0 * * * *' };

describe('a tick ledger', () => {
  it('owes every tick after the creation, and none before it', () => {
    const ledger = ledgerOf(created(at('09:00:30'), EVERY_MINUTE));
    expect(owedAt(ledger, at('09:02'))).toEqual([at('09:01'), at('09:02')]);
    expect(owedAt(ledger, at('09:02:59'))).toEqual([at('09:01'), at('09:02')]);
  });

  it('does not owe a tick on the second of the creation: it was due before it', () => {
    expect(owedAt(ledgerOf(created(at('09:00'), HOURLY)), at('10:00'))).toEqual([at('10:00')]);
  });

  it('knows its project and its timing', () => {
    const ledger = ledgerOf(created(at('09:00'), { ...HOURLY, timezone: 'Europe/Berlin' }));
    expect(ledger).toMatchObject({ id: SCHEDULE, projectId: 'blue', timing: { rhythm: { zone: 'Europe/Berlin' } } });
    expect(new TickLedger(SCHEDULE, 'blue')).toMatchObject({ projectId: 'blue', timing: undefined });
  });

  it('never owes the time it was suspended', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE), suspended(at('09:01:30')), resumed(at('09:05:30')));
    expect(owedAt(ledger, at('09:07'))).toEqual([at('09:01'), at('09:06'), at('09:07')]);
  });

  it('owes nothing to a schedule created disabled, until it is resumed', () => {
    const ledger = ledgerOf(created(at('09:00'), { ...EVERY_MINUTE, enabled: false }));
    expect(owedAt(ledger, at('09:30'))).toEqual([]);
    expect(ledger.timing).toBeUndefined();
    fold(ledger, resumed(at('09:30:01')));
    expect(owedAt(ledger, at('09:31'))).toEqual([at('09:31')]);
  });

  it('keeps what was due before a suspension when one of it is decided', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE), suspended(at('09:03:30')), started(at('09:01')));
    expect(owed(ledger)).toEqual([at('09:02'), at('09:03')]);
  });

  it('owes ticks before a change by the old configuration and ticks after it by the new', () => {
    const ledger = ledgerOf(created(at('09:00'), { schedule: '*/2 * * * *' }), updated(at('09:05'), { schedule: '*/5 * * * *' }));
    expect(owedAt(ledger, at('09:15'))).toEqual([at('09:02'), at('09:04'), at('09:10'), at('09:15')]);
  });

  it('is not moved by a change that is none of the timing', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE), updated(at('09:01:30'), { session_prompt: 'new' }));
    expect(owedAt(ledger, at('09:02'))).toEqual([at('09:01'), at('09:02')]);
  });

  it('still owes what was due when the schedule is deleted, and nothing after', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE), deleted(at('09:02:30')));
    expect(owedAt(ledger, at('09:10'))).toEqual([at('09:01'), at('09:02')]);
    expect(ledger.projectId).toBe('blue');
  });

  it('owes within start_at and end_at, both included', () => {
    const window = { start_at: '2026-02-01T09:02:00.000Z', end_at: '2026-02-01T09:04:00.000Z' };
    expect(owedAt(ledgerOf(created(at('09:00'), { ...EVERY_MINUTE, ...window })), at('09:10'))).toEqual(
      minutes(at('09:02'), at('09:04')),
    );
  });

  it('counts a start_at within a second from the next one', () => {
    const ledger = ledgerOf(created(at('09:00'), { ...EVERY_MINUTE, start_at: '2026-02-01T09:02:00.001Z' }));
    expect(owedAt(ledger, at('09:03'))).toEqual([at('09:03')]);
  });
});

describe('an outcome', () => {
  const ledgerWith = (...facts: Fact[]) => ledgerOf(created(at('09:00'), EVERY_MINUTE), ...facts);

  it.each([
    ['started', started],
    ['skipped', skipped],
    ['missed', missed],
  ])('%s settles an owed tick', (_, fact) => {
    const ledger = ledgerWith();
    ledger.collect(at('09:02'));
    fold(ledger, fact(at('09:01')));
    expect(owed(ledger)).toEqual([at('09:02')]);
  });

  it('in order settles a tick before it is taken up', () => {
    expect(owedAt(ledgerWith(started(at('09:01')), skipped(at('09:02'))), at('09:03'))).toEqual([at('09:03')]);
  });

  it('out of order settles its own tick alone', () => {
    const ledger = ledgerWith(started(at('09:03')), started(at('09:02')));
    expect(owedAt(ledger, at('09:04'))).toEqual([at('09:01'), at('09:04')]);
  });

  it('that comes twice settles once', () => {
    const ledger = ledgerWith(started(at('09:01')), started(at('09:01')));
    expect(owedAt(ledger, at('09:02'))).toEqual([at('09:02')]);
  });

  it('of a manual trigger settles nothing', () => {
    expect(owedAt(ledgerWith(triggeredByHand(at('09:01'))), at('09:01'))).toEqual([at('09:01')]);
  });

  it('of a range settles all of it', () => {
    expect(owedAt(ledgerWith(missed(at('09:01'), at('09:08'), 8)), at('09:10'))).toEqual([at('09:09'), at('09:10')]);
  });

  it('of a range that comes before its turn settles all of it', () => {
    expect(owedAt(ledgerWith(missed(at('09:03'), at('09:08'), 6)), at('09:10'))).toEqual([
      ...minutes(at('09:01'), at('09:02')),
      ...minutes(at('09:09'), at('09:10')),
    ]);
  });

  it('that comes before the suspension it belongs behind settles nothing else', () => {
    const ledger = ledgerWith(suspended(at('09:02:30')), resumed(at('09:09:30')), started(at('09:02')));
    expect(owedAt(ledger, at('09:10'))).toEqual([at('09:01'), at('09:10')]);
  });
});

describe('the trigger', () => {
  const ledger = () => ledgerOf(created(at('09:00'), EVERY_MINUTE));

  it('is schedule for a tick noticed in time', () => {
    const live = ledger();
    live.collect(at('09:01:30'));
    expect(triggers(live)).toEqual(['schedule']);
  });

  it('is catch_up for a tick noticed more than 30 seconds late', () => {
    const late = ledger();
    late.collect(at('09:01:31'));
    expect(triggers(late)).toEqual(['catch_up']);
  });

  it('is catch_up for a tick that fell while nothing was running, however recent', () => {
    const restarted = ledger();
    restarted.collect(at('09:01'), { since: at('09:01') });
    expect(triggers(restarted)).toEqual(['catch_up']);
  });
});

describe('max_runs', () => {
  it('reached by starts ends the ticks and lets go of what was owed', () => {
    const ledger = ledgerOf(created(at('09:00'), { ...EVERY_MINUTE, max_runs: 2 }));
    expect(owedAt(ledger, at('09:04'))).toHaveLength(4);
    fold(ledger, started(at('09:01')));
    fold(ledger, started(at('09:02')));
    expect(owed(ledger)).toEqual([]);
    expect(ledger.timing).toBeUndefined();
    expect(owedAt(ledger, at('09:30'))).toEqual([]);
  });

  it('is not used up by runs that started nothing, nor by triggers', () => {
    const ledger = ledgerOf(
      created(at('09:00'), { ...EVERY_MINUTE, max_runs: 1 }),
      skipped(at('09:01')),
      missed(at('09:02')),
      triggeredByHand(at('09:02')),
    );
    expect(owedAt(ledger, at('09:03'))).toEqual([at('09:03')]);
  });

  it('raised gives ticks from then on, and those of the time it was exhausted are not owed', () => {
    const ledger = ledgerOf(
      created(at('09:00'), { ...EVERY_MINUTE, max_runs: 1 }),
      started(at('09:01')),
      updated(at('09:05:30'), { max_runs: 2 }),
    );
    expect(owedAt(ledger, at('09:07'))).toEqual([at('09:06'), at('09:07')]);
  });

  it('of the old configuration lets go of its ticks, also when the new one has more', () => {
    const ledger = ledgerOf(
      created(at('09:00'), { ...EVERY_MINUTE, max_runs: 1 }),
      updated(at('09:02:30'), { max_runs: 9 }),
      started(at('09:01')),
    );
    expect(owedAt(ledger, at('09:03'))).toEqual([at('09:03')]);
  });
});

describe('a change that is learned of late', () => {
  it('takes back what fell by the old timing after it, and owes what the new one makes of that time', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE));
    ledger.collect(at('09:05'));
    fold(ledger, updated(at('09:02:30'), { schedule: '*/4 * * * *' }));
    expect(owedAt(ledger, at('09:08'))).toEqual([at('09:01'), at('09:02'), at('09:04'), at('09:08')]);
  });

  it('takes nothing back that is decided', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE));
    ledger.collect(at('09:05'));
    fold(ledger, started(at('09:04')));
    fold(ledger, updated(at('09:02:30'), { schedule: '*/2 * * * *' }));
    expect(owedAt(ledger, at('09:08'))).toEqual([at('09:01'), at('09:02'), at('09:06'), at('09:08')]);
  });

  it('that suspends lets go of what fell after it', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE));
    ledger.collect(at('09:05'));
    fold(ledger, suspended(at('09:02:30')));
    expect(owedAt(ledger, at('09:08'))).toEqual([at('09:01'), at('09:02')]);
  });

  it('and is none of the timing leaves what was asked for', () => {
    const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE));
    ledger.collect(at('09:02'));
    const asked = [...ledger.owing];
    fold(ledger, updated(at('09:00:30'), { session_prompt: 'new' }));
    expect([...ledger.owing]).toEqual(asked);
  });
});

it('a range of old ticks ends with the schedule', () => {
  const ledger = ledgerOf(
    created(at('09:00'), {
      schedule: '*/10 * * * *',
      catch_up_policy: 'all',
      catch_up_window: 60,
      end_at: '2026-02-01T10:00:00.000Z',
    }),
  );
  expect(owedAt(ledger, at('15:19'), { missed: true })).toEqual([[at('09:10'), at('10:00')]]);
});

it('a range that begins with ticks that are settled already settles the rest', () => {
  const ledger = ledgerOf(created(at('09:00'), EVERY_MINUTE));
  ledger.collect(at('09:02'));
  fold(ledger, missed(at('09:02'), at('09:08'), 7));
  expect(owedAt(ledger, at('09:10'))).toEqual([at('09:01'), at('09:09'), at('09:10')]);
});
