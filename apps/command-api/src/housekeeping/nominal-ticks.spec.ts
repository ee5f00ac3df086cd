import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RANGE_AGE_S, streams, type ScheduledSessionCreate } from '#contracts';
import { scheduleBefore, type Fact, type ScheduledSessionEvent } from '#domain';
import { acceptedSchedule, isTick } from '#schedule';
import { GRACE_S, newestTick, owedTicks, spansOf, type OwedTick, type Stretch } from './nominal-ticks.js';

const ID = '2AbCdEfGhIjKlMnOpQrStUvWxYz';
const MINUTE = 60;
const HOUR = 3600;
const START = Date.parse('2026-03-01T09:00:00.000Z') / 1000;

type Body = Pick<ScheduledSessionEvent, 'type' | 'payload'>;
const project_id = 'acme';

/** @param at seconds since 1970 */
const happened = (at: number, event: Body): Fact<ScheduledSessionEvent> =>
  ({
    ...event,
    stream: streams.scheduledSession(ID),
    metadata: { occurred_at: new Date(at * 1000).toISOString(), actor: { id: 'ann', kind: 'user' } },
  }) as Fact<ScheduledSessionEvent>;
const created = (at: number, fields: Partial<ScheduledSessionCreate> = {}) =>
  happened(at, {
    type: 'ScheduledSessionCreated',
    payload: {
      project_id,
      created_by_user_id: 'ann',
      name: 'hourly',
      schedule: '0 * * * *',
      timezone: 'UTC',
      enabled: true,
      overlap_policy: 'skip',
      catch_up_policy: 'latest',
      catch_up_window: HOUR,
      jitter: 0,
      pause_on_failure: false,
      ...fields,
    },
  });
const updated = (at: number, changes: object) =>
  happened(at, { type: 'ScheduledSessionUpdated', payload: { project_id, changes } });
const suspended = (at: number) => happened(at, { type: 'ScheduledSessionSuspended', payload: { project_id } });
const resumed = (at: number) => happened(at, { type: 'ScheduledSessionResumed', payload: { project_id } });
const deleted = (at: number) => happened(at, { type: 'ScheduledSessionDeleted', payload: { project_id } });

const ALL: Stretch = { after: -Infinity, through: Infinity };
/** Hours and minutes from the start, `1:00`, of a range with its end and count. */
const shown = ({ tick, through, count }: OwedTick): string =>
  through === undefined ? hour(tick) : `${hour(tick)} to ${hour(through)} (${count})`;
const hour = (at: number): string =>
  `${Math.floor((at - START) / HOUR)}:${String(((at - START) % HOUR) / MINUTE).padStart(2, '0')}`;
const owed = (
  events: readonly Fact<ScheduledSessionEvent>[],
  now: number,
  stretch: Stretch = ALL,
  decided: readonly Stretch[] = [],
): string[] => [...owedTicks(spansOf(events), stretch, decided, now)].map(shown);

describe('the ticks that a schedule owes', () => {
  it('are those of the time in which it had them, by the configuration of that time', () => {
    const events = [
      created(START),
      suspended(START + 1.5 * HOUR),
      resumed(START + 2.5 * HOUR),
      updated(START + 3.25 * HOUR, { session_prompt: 'Sweep' }),
      updated(START + 4.25 * HOUR, { schedule: '30 * * * *' }),
      deleted(START + 5.75 * HOUR),
    ];
    const now = START + 6 * HOUR;
    expect(owed(events, now, { after: START + 3.5 * HOUR, through: now })).toEqual(['4:00', '4:30', '5:30']);
    expect([...owedTicks(spansOf(events), ALL, [], START + 3 * HOUR + GRACE_S)].map(({ tick }) => hour(tick))).toEqual([
      '1:00',
      '3:00',
    ]);
  });

  it('are only those inside start_at and end_at', () => {
    const at = (hours: number) => new Date((START + hours * HOUR) * 1000).toISOString();
    expect(owed([created(START, { start_at: at(2), end_at: at(3) })], START + 3.5 * HOUR)).toEqual(['2:00', '3:00']);
  });

  it('do not include one whose time to be decided has not passed by the grace, jitter included', () => {
    expect(owed([created(START)], START + HOUR + GRACE_S - 1)).toEqual([]);
    expect(owed([created(START)], START + HOUR + GRACE_S)).toEqual(['1:00']);
    const jittered = [created(START, { jitter: HOUR })];
    expect(owed(jittered, START + HOUR + GRACE_S)).toEqual([]);
    expect(owed(jittered, START + 2 * HOUR + GRACE_S)).toEqual(['1:00']);
  });

  it('leave out what has its outcome', () => {
    const decided = [{ after: START + 2 * HOUR - 1, through: START + 2 * HOUR }];
    expect(owed([created(START, { catch_up_policy: 'all' })], START + 3.5 * HOUR, ALL, decided)).toEqual(['1:00', '3:00']);
  });

  it('are asked for as a range where they are old and no policy would run them', () => {
    expect(owed([created(START)], START + 8.5 * HOUR)).toEqual(['1:00 to 6:00 (6)', '7:00', '8:00']);
    expect(owed([created(START, { catch_up_policy: 'all', catch_up_window: 4 * HOUR })], START + 8.5 * HOUR)).toEqual([
      '1:00 to 4:00 (4)',
      '5:00',
      '6:00',
      '7:00',
      '8:00',
    ]);
    expect(owed([created(START, { schedule: '0 */6 * * *' })], START + 10 * HOUR)).toEqual(['3:00', '9:00']);
  });

  it('are asked for in ranges of one configuration each', () => {
    const events = [created(START), updated(START + 3.5 * HOUR, { schedule: '30 * * * *' })];
    expect(owed(events, START + 9 * HOUR).slice(0, 2)).toEqual(['1:00 to 3:00 (3)', '4:30 to 6:30 (3)']);
  });

  it('begin with the newest one before a point of time, whatever was changed since', () => {
    const spans = spansOf([created(START), suspended(START + 2.5 * HOUR), resumed(START + 4.5 * HOUR)]);
    const newest = (through: number): string | undefined => {
      const found = newestTick(spans, START + through * HOUR);
      return found && hour(found.tick);
    };
    expect([newest(0.5), newest(1), newest(4.2), newest(5.5)]).toEqual([undefined, '1:00', '2:00', '5:00']);
  });
});

/** By the rule itself, minute for minute. */
function dueMinutes(events: readonly Fact<ScheduledSessionEvent>[], from: number, through: number): number[] {
  const due: number[] = [];
  for (let at = Math.ceil(from / MINUTE) * MINUTE; at <= through; at += MINUTE) {
    const instant = new Date(at * 1000).toISOString();
    const state = scheduleBefore(events, instant);
    if (state.status !== 'present' || !state.value.enabled || instant <= state.value.ticks_after) continue;
    const { schedule, timezone, start_at, end_at } = state.value;
    if ((start_at && instant < start_at) || (end_at && instant > end_at)) continue;
    if (isTick(acceptedSchedule(schedule), timezone, at)) due.push(at);
  }
  return due;
}

describe('any history', () => {
  const seconds = fc.integer({ min: 0, max: 12 * HOUR * 10 }).map(tenths => START + tenths / 10);
  const change = fc.oneof(
    seconds.map(suspended),
    seconds.map(resumed),
    fc
      .tuple(seconds, fc.constantFrom('*/7 * * * *', '13 * * * *', '* 3-5 * * *'))
      .map(([at, schedule]) => updated(at, { schedule })),
    fc.tuple(seconds, seconds).map(([at, end]) => updated(at, { end_at: new Date(Math.floor(end) * 1000).toISOString() })),
    seconds.map(at => updated(at, { session_prompt: `at ${at}` })),
  );
  const history = fc
    .tuple(fc.array(change, { maxLength: 6 }), fc.constantFrom('none', 'latest', 'all' as const), fc.integer({ min: 0, max: 8 }))
    .map(([changes, catch_up_policy, hours]) => [
      created(START, { schedule: '*/5 * * * *', catch_up_policy, catch_up_window: hours * HOUR }),
      ...changes.sort((a, b) => a.metadata.occurred_at.localeCompare(b.metadata.occurred_at)),
    ]);

  it('owes each of its ticks once, and nothing else', () => {
    fc.assert(
      fc.property(history, seconds, (events, now) => {
        const at = Math.floor(now);
        const asked: number[] = [];
        for (const { tick, through = tick, count } of owedTicks(spansOf(events), ALL, [], at)) {
          const ticks = dueMinutes(events, tick, through);
          expect(ticks).toHaveLength(count);
          if (through > tick) expect(at - through).toBeGreaterThan(RANGE_AGE_S);
          asked.push(...ticks);
        }
        expect(asked).toEqual(dueMinutes(events, START, at - GRACE_S));
      }),
      { numRuns: 100 },
    );
  });
});
