import { describe, expect, it } from '@jest/globals';
import { scheduledSessionDefaults, streams, type EventOf, type ScheduledSessionChanges } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import {
  scheduledSession,
  type Schedule,
  type ScheduledSessionCommand,
  type ScheduledSessionEvent,
} from './scheduled-session.js';

const ID = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const stream = streams.scheduledSession(ID);
const given = scenariosOf(scheduledSession, stream);

const where = { project_id: 'blue' };
const who = { ...where, created_by_user_id: 'ada' };
const fields = { name: 'Nightly', schedule: '0 3 * * *' };
const create = { type: 'CreateScheduledSession', ...who, fields } as const;
const created: EventOf<'ScheduledSessionCreated'> = {
  type: 'ScheduledSessionCreated',
  payload: { ...who, ...scheduledSessionDefaults, ...fields },
};
const suspended = (reason?: string): EventOf<'ScheduledSessionSuspended'> => ({
  type: 'ScheduledSessionSuspended',
  payload: { ...where, ...(reason === undefined ? {} : { reason }) },
});
const resumed: EventOf<'ScheduledSessionResumed'> = { type: 'ScheduledSessionResumed', payload: where };
const deleted: EventOf<'ScheduledSessionDeleted'> = { type: 'ScheduledSessionDeleted', payload: where };
const updated = (changes: ScheduledSessionChanges): EventOf<'ScheduledSessionUpdated'> => ({
  type: 'ScheduledSessionUpdated',
  payload: { ...where, changes },
});
const update = (changes: ScheduledSessionChanges) => ({ type: 'UpdateScheduledSession', changes }) as const;

const scheduleAfter = (...events: ScheduledSessionEvent[]): Schedule => {
  const { state } = given(created, ...events);
  if (state.status !== 'present') throw new Error(`the schedule is ${state.status}`);
  return state.value;
};

describe('creating a schedule', () => {
  it('fills in the defaults', () => {
    given()
      .when(create)
      .thenEvents({
        type: 'ScheduledSessionCreated',
        payload: {
          ...who,
          ...fields,
          timezone: 'UTC',
          enabled: true,
          overlap_policy: 'skip',
          catch_up_policy: 'latest',
          catch_up_window: 3600,
          jitter: 0,
          pause_on_failure: false,
        },
      });
  });

  it('keeps what is given, a window of 0 and a disabled start included', () => {
    const chosen = {
      ...fields,
      enabled: false,
      catch_up_window: 0,
      catch_up_policy: 'none',
      overlap_policy: 'allow',
      timezone: 'Asia/Tokyo',
    } as const;
    given()
      .when({ ...create, fields: chosen })
      .thenEvents({ type: 'ScheduledSessionCreated', payload: { ...created.payload, ...chosen } });
  });

  it('shows the schedule, whose ticks count from its creation', () => {
    expect(scheduleAfter()).toEqual({
      id: ID,
      kind: 'ScheduledSession',
      href: `/api/ambient/v1/projects/blue/scheduled-sessions/${ID}`,
      ...created.payload,
      created_at: at(0),
      updated_at: at(0),
      ticks_after: at(0),
    });
  });

  it('decides nothing the second time, nor after a deletion', () => {
    given().when(create, create).thenNothing();
    given(created, deleted).when(create).thenNothing();
  });
});

describe('the window of a schedule', () => {
  it.each([
    ['before', '2026-03-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    ['equal to', '2026-03-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'],
    ['in another offset before', '2026-03-01T00:00:00.000Z', '2026-03-01T01:00:00.000+02:00'],
  ])('is invalid when end_at is %s start_at', (_, start_at, end_at) => {
    given()
      .when({ ...create, fields: { ...fields, start_at, end_at } })
      .thenRejected('invalid', /end_at must be after start_at, which is 2026-03-01/);
    given(created)
      .when(update({ start_at, end_at }))
      .thenRejected('invalid', /end_at must be after start_at/);
    given(created, updated({ start_at }))
      .when(update({ end_at }))
      .thenRejected('invalid', /end_at must be after start_at/);
    given(created, updated({ end_at }))
      .when(update({ start_at }))
      .thenRejected('invalid', /end_at must be after start_at/);
  });

  it('may be open at either end, and be opened by null', () => {
    const [start_at, end_at] = ['2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'];
    given(created).when(update({ start_at })).thenEvents(updated({ start_at }));
    given(created)
      .when(update({ end_at: start_at }))
      .thenEvents(updated({ end_at: start_at }));
    given(created, updated({ start_at, end_at }))
      .when(update({ start_at: null, end_at: start_at }))
      .thenEvents(updated({ start_at: null, end_at: start_at }));
  });
});

describe('changing a schedule', () => {
  it('records only what really changes', () => {
    given(created)
      .when(update({ name: 'Nightly', description: 'At three' }))
      .thenEvents(updated({ description: 'At three' }));
  });

  it('decides nothing the second time', () => {
    const change = update({ description: 'At three', enabled: false, max_runs: 3 });
    given(created).when(change, change).thenNothing();
    given(created).when(update({})).thenNothing();
  });

  it('clears a field by null', () => {
    given(created, updated({ max_runs: 3 }))
      .when(update({ max_runs: null }))
      .thenEvents(updated({ max_runs: null }));
    given(created)
      .when(update({ max_runs: null }))
      .thenNothing();
    expect(scheduleAfter(updated({ max_runs: 3 }), updated({ max_runs: null }))).not.toHaveProperty('max_runs');
  });

  it('never records enabled as a change: it suspends and resumes', () => {
    given(created)
      .when(update({ enabled: false }))
      .thenEvents(suspended());
    given(created, suspended())
      .when(update({ enabled: true }))
      .thenEvents(resumed);
    given(created)
      .when(update({ enabled: true }))
      .thenNothing();
    given(created, suspended())
      .when(update({ enabled: false }))
      .thenNothing();
  });

  it('records a change and a suspension side by side', () => {
    given(created)
      .when(update({ description: 'Off', enabled: false }))
      .thenEvents(updated({ description: 'Off' }), suspended());
  });

  it.each<ScheduledSessionChanges>([
    { schedule: '0 4 * * *' },
    { timezone: 'Asia/Tokyo' },
    { start_at: '2026-02-01T00:00:00.000Z' },
    { end_at: '2026-02-01T00:00:00.000Z' },
    { max_runs: 3 },
  ])('of its timing, %j, takes effect for ticks after it', changes => {
    expect(scheduleAfter(updated(changes))).toMatchObject({ ...changes, ticks_after: at(1), updated_at: at(1) });
  });

  it('of anything else leaves its ticks alone', () => {
    expect(scheduleAfter(updated({ description: 'x', overlap_policy: 'allow' }))).toMatchObject({
      ticks_after: at(0),
      updated_at: at(1),
    });
  });
});

describe('suspending and resuming', () => {
  const suspend = { type: 'SuspendScheduledSession', reason: 'holidays' } as const;
  const resume = { type: 'ResumeScheduledSession', reason: 'back' } as const;

  it('suspends with a reason, and decides nothing the second time', () => {
    given(created).when(suspend).thenEvents(suspended('holidays'));
    given(created).when(suspend, suspend).thenNothing();
    expect(scheduleAfter(suspended('holidays'))).toMatchObject({ enabled: false, suspended_reason: 'holidays' });
  });

  it('resumes with a reason, and decides nothing the second time', () => {
    given(created, suspended())
      .when(resume)
      .thenEvents({ type: 'ScheduledSessionResumed', payload: { ...where, reason: 'back' } });
    given(created, suspended()).when(resume, resume).thenNothing();
    given(created).when(resume).thenNothing();
  });

  it('never catches up the time it was suspended: ticks count from the resumption', () => {
    expect(scheduleAfter(suspended('holidays'))).toMatchObject({ ticks_after: at(0) });
    const schedule = scheduleAfter(suspended('holidays'), resumed);
    expect(schedule).toMatchObject({ enabled: true, ticks_after: at(2) });
    expect(schedule).not.toHaveProperty('suspended_reason');
  });

  it('suspends without a reason', () => {
    given(created).when({ type: 'SuspendScheduledSession' }).thenEvents(suspended());
  });
});

describe('a schedule that is not there', () => {
  const commands: ScheduledSessionCommand[] = [
    update({ description: 'x' }),
    { type: 'SuspendScheduledSession' },
    { type: 'ResumeScheduledSession' },
    { type: 'DeleteScheduledSession' },
  ];

  it.each(commands)('is not found by $type before its creation and after its deletion', command => {
    given()
      .when(command)
      .thenRejected('not_found', /no such scheduled session/);
    given(created, deleted)
      .when(command)
      .thenRejected('not_found', /no such scheduled session/);
  });

  it('is still known after its deletion', () => {
    given(created).when({ type: 'DeleteScheduledSession' }).thenEvents(deleted);
    expect(given(created, deleted).state).toMatchObject({ status: 'deleted', value: { id: ID, name: 'Nightly' } });
  });
});
