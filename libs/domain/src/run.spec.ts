import { describe, expect, it } from '@jest/globals';
import { PHASES, streams, type EventOf, type RunTrigger } from '#contracts';
import { scenariosOf } from '../testing/scenario.js';
import { decideCatchUp, decideOverlap, run, type CatchUp, type RunSituation } from './run.js';

const given = scenariosOf(run, streams.run('5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f11'));

const [SCHEDULE, AGENT, SESSION, OTHER] = ['1', '2', '3', '4'].map(end => `2QnBvYb4ZJk9eTfMhXgPcRsAdu${end}`) as [
  string,
  string,
  string,
  string,
];
const TICK = '2026-01-01T03:00:00.000Z';
const facts = {
  project_id: 'blue',
  scheduled_session_id: SCHEDULE,
  agent_id: AGENT,
  trigger: 'schedule' as RunTrigger,
  scheduled_for: TICK,
  decided_at: '2026-01-01T03:00:00.120Z',
};
const free: RunSituation = { agent: 'present', schedule_deleted: false, overlap_policy: 'skip' };
const decide = (situation: Partial<RunSituation> = {}) =>
  ({ type: 'DecideRun', facts, situation: { ...free, ...situation }, session_id: SESSION, prompt: 'Look.' }) as const;

const common = { ...facts, lateness_ms: 120 };
const started: EventOf<'RunStarted'> = { type: 'RunStarted', payload: { ...common, session_id: SESSION, prompt: 'Look.' } };
const skipped: EventOf<'RunSkipped'> = {
  type: 'RunSkipped',
  payload: { ...common, reason: 'active_session', session_id: OTHER, prompt: 'Look.' },
};
const missed: EventOf<'RunMissed'> = {
  type: 'RunMissed',
  payload: { ...common, reason: 'catch_up_none', from: TICK, to: TICK, count: 1 },
};
const finished: EventOf<'RunFinished'> = {
  type: 'RunFinished',
  payload: {
    project_id: 'blue',
    scheduled_session_id: SCHEDULE,
    session_id: SESSION,
    phase: 'Completed',
    finished_at: '2026-01-01T03:05:00.000Z',
  },
};

describe('deciding a run', () => {
  it('starts a session when nothing speaks against it', () => {
    given().when(decide()).thenEvents(started);
  });

  it('leaves out agent and prompt where there are none, and keeps who asked', () => {
    const { agent_id: _, ...ofNobody } = { ...facts, trigger: 'manual' as const, requested_by: 'ada' };
    given()
      .when({ ...decide({ agent: 'none' }), facts: ofNobody, prompt: undefined })
      .thenEvents({ type: 'RunStarted', payload: { ...ofNobody, lateness_ms: 120, session_id: SESSION } });
  });

  it('skips while a session is active, and names it', () => {
    given()
      .when(decide({ active_session_id: OTHER }))
      .thenEvents(skipped);
  });

  it('has started when its session is there, whatever else has become of the world', () => {
    given()
      .when(decide({ has_begun: true, active_session_id: OTHER, agent: 'deleted', schedule_deleted: true }))
      .thenEvents(started);
  });

  it('starts beside an active session when the policy is allow', () => {
    given()
      .when(decide({ active_session_id: OTHER, overlap_policy: 'allow' }))
      .thenEvents(started);
  });

  it.each([
    ['agent_deleted', { agent: 'deleted' }],
    ['schedule_deleted', { schedule_deleted: true }],
    ['schedule_deleted', { schedule_deleted: true, agent: 'deleted' }],
    ['agent_deleted', { agent: 'deleted', active_session_id: OTHER }],
    ['agent_deleted', { agent: 'deleted', overlap_policy: 'allow' }],
    ['forbidden', { forbidden: true }],
    ['forbidden', { forbidden: true, active_session_id: OTHER, overlap_policy: 'queue' }],
    ['agent_deleted', { forbidden: true, agent: 'deleted' }],
  ] as const)('skips with reason %s given %j', (reason, situation) => {
    given()
      .when(decide(situation))
      .thenEvents({ type: 'RunSkipped', payload: { ...common, reason, prompt: 'Look.' } });
  });

  it('is missed before anything else is looked at', () => {
    const catch_up: CatchUp = { policy: 'none', window: 3600, newest: true };
    given()
      .when(decide({ catch_up, schedule_deleted: true, agent: 'deleted', active_session_id: OTHER }))
      .thenEvents(missed);
  });

  it('starts a caught-up tick, and skips it like any other', () => {
    const catch_up: CatchUp = { policy: 'latest', window: 3600, newest: true };
    given().when(decide({ catch_up })).thenEvents(started);
    given()
      .when(decide({ catch_up, active_session_id: OTHER }))
      .thenEvents(skipped);
  });

  it('has exactly one outcome, whatever is decided later', () => {
    given().when(decide(), decide()).thenNothing();
    for (const outcome of [started, skipped, missed]) {
      given(outcome).when(decide()).thenNothing();
      given(outcome)
        .when(decide({ active_session_id: OTHER }))
        .thenNothing();
    }
    given(started, finished).when(decide()).thenNothing();
  });
});

describe('the catch-up policy', () => {
  const WINDOW = 3600;
  const lateBy = (ms: number) => ({ scheduled_for: TICK, decided_at: new Date(Date.parse(TICK) + ms).toISOString() });

  it.each([
    ['none', true, 0, 'catch_up_none'],
    ['none', false, 0, 'catch_up_none'],
    ['none', true, WINDOW * 1000 + 1, 'catch_up_none'],
    ['latest', true, 0, undefined],
    ['latest', true, WINDOW * 1000, undefined],
    ['latest', true, WINDOW * 1000 + 1, 'outside_catch_up_window'],
    ['latest', false, 0, 'superseded_by_later_tick'],
    ['latest', false, WINDOW * 1000 + 1, 'superseded_by_later_tick'],
    ['all', true, 0, undefined],
    ['all', false, WINDOW * 1000, undefined],
    ['all', true, WINDOW * 1000 + 1, 'outside_catch_up_window'],
    ['all', false, WINDOW * 1000 + 1, 'outside_catch_up_window'],
  ] as const)('%s, newest %s, %i ms late: %s', (policy, newest, late, reason) => {
    expect(decideCatchUp({ policy, window: WINDOW, newest }, lateBy(late))).toBe(reason);
  });

  it('with a window of 0 runs only a tick that is not late at all', () => {
    expect(decideCatchUp({ policy: 'all', window: 0, newest: true }, lateBy(0))).toBeUndefined();
    expect(decideCatchUp({ policy: 'all', window: 0, newest: true }, lateBy(1))).toBe('outside_catch_up_window');
  });
});

it.each([
  ['skip', undefined, { outcome: 'started' }],
  ['skip', OTHER, { outcome: 'skipped', reason: 'active_session', session_id: OTHER }],
  ['allow', undefined, { outcome: 'started' }],
  ['allow', OTHER, { outcome: 'started' }],
  ['queue', undefined, { outcome: 'started' }],
  ['queue', OTHER, { outcome: 'queued', session_id: OTHER }],
  ['replace', undefined, { outcome: 'started' }],
  ['replace', OTHER, { outcome: 'queued', session_id: OTHER }],
] as const)('overlap policy %s with active session %s: %j', (policy, active, verdict) => {
  expect(decideOverlap(policy, { active_session_id: active })).toEqual(verdict);
});

describe('missing a range of ticks', () => {
  const TO = '2026-01-01T05:00:00.000Z';
  const range = {
    type: 'MissRange',
    facts: { ...facts, trigger: 'catch_up', decided_at: '2026-01-01T09:00:00.000Z' },
    catch_up: { policy: 'all', window: 3600 },
    to: TO,
    count: 3,
  } as const;
  const missedRange: EventOf<'RunMissed'> = {
    type: 'RunMissed',
    payload: { ...range.facts, lateness_ms: 6 * 3_600_000, reason: 'outside_catch_up_window', from: TICK, to: TO, count: 3 },
  };

  it('is one event that says from, to and how many', () => {
    given().when(range).thenEvents(missedRange);
  });

  it.each([
    ['none', 'catch_up_none'],
    ['latest', 'superseded_by_later_tick'],
    ['all', 'outside_catch_up_window'],
  ] as const)('under policy %s has reason %s', (policy, reason) => {
    given()
      .when({ ...range, catch_up: { policy, window: 3600 } })
      .thenEvents({ type: 'RunMissed', payload: { ...missedRange.payload, reason } });
  });

  it('decides nothing when its last tick still may run', () => {
    given()
      .when({ ...range, catch_up: { policy: 'all', window: 4 * 3600 } })
      .thenNothing();
  });

  it('decides nothing the second time, nor on a tick that has its outcome', () => {
    given().when(range, range).thenNothing();
    given(started).when(range).thenNothing();
  });
});

describe('finishing a run', () => {
  const { phase, session_id, finished_at } = finished.payload;
  const finish = { type: 'FinishRun', session_id, phase, finished_at } as const;

  it.each(PHASES.slice(-3))('records the phase that its session ended in: %s', phase => {
    given(started)
      .when({ ...finish, phase })
      .thenEvents({ type: 'RunFinished', payload: { ...finished.payload, phase } });
  });

  it('decides nothing the second time', () => {
    given(started).when(finish, finish).thenNothing();
  });

  it('is of the session that it started alone', () => {
    given(started)
      .when({ ...finish, session_id: OTHER })
      .thenNothing();
  });

  it('decides nothing for a run that started none, or is not decided', () => {
    given(skipped)
      .when({ ...finish, session_id: OTHER })
      .thenNothing();
    given(missed).when(finish).thenNothing();
    given().when(finish).thenNothing();
  });
});

it.each([
  ['skip', { outcome: 'skipped', reason: 'active_session', session_id: OTHER }],
  ['queue', { outcome: 'dropped', reason: 'queue_full', session_id: OTHER }],
  ['replace', { outcome: 'queued', session_id: OTHER }],
  ['allow', { outcome: 'started' }],
] as const)('overlap policy %s while a session is active and another run waits: %j', (policy, verdict) => {
  expect(decideOverlap(policy, { active_session_id: OTHER, another_waits: true })).toEqual(verdict);
});

describe('a queued run', () => {
  const queued: EventOf<'RunQueued'> = { type: 'RunQueued', payload: { ...common, session_id: OTHER, prompt: 'Look.' } };
  const later = { ...facts, decided_at: '2026-01-01T03:10:00.000Z', lateness_ms: 600_000, prompt: 'Look.' };
  const begin = (situation: Partial<RunSituation> = {}) => ({
    type: 'BeginQueued' as const,
    decided_at: later.decided_at,
    situation: { agent: 'present' as const, schedule_deleted: false, ...situation },
    session_id: SESSION,
  });
  const supersede = { type: 'SupersedeQueued', decided_at: later.decided_at } as const;

  it('waits for the session that is active', () => {
    given()
      .when(decide({ overlap_policy: 'queue', active_session_id: OTHER }))
      .thenEvents(queued);
  });

  it('starts when its turn comes, with what it was queued with', () => {
    given(queued)
      .when(begin())
      .thenEvents({ type: 'RunStarted', payload: { ...later, session_id: SESSION } });
  });

  it.each([
    ['agent_deleted', { agent: 'deleted' }],
    ['schedule_deleted', { schedule_deleted: true }],
    ['forbidden', { forbidden: true }],
  ] as const)('is skipped with reason %s when its turn comes given %j', (reason, situation) => {
    given(queued)
      .when(begin(situation))
      .thenEvents({ type: 'RunSkipped', payload: { ...later, reason } });
  });

  it('has started when its session is there, whatever else has become of the world', () => {
    given(queued)
      .when(begin({ has_begun: true, schedule_deleted: true, agent: 'deleted' }))
      .thenEvents({ type: 'RunStarted', payload: { ...later, session_id: SESSION } });
  });

  it('is dropped when a later run takes its place', () => {
    given(queued)
      .when(supersede)
      .thenEvents({ type: 'RunDropped', payload: { ...later, reason: 'superseded' } });
  });

  it('gets one outcome, and is not decided like one that never waited', () => {
    given(queued).when(decide()).thenNothing();
    given(queued).when(begin(), begin()).thenNothing();
    given(queued).when(supersede, begin()).thenNothing();
    given(queued).when(begin(), supersede).thenNothing();
  });

  it('ends with its session', () => {
    given(queued, started)
      .when({ type: 'FinishRun', session_id: SESSION, phase: 'Completed', finished_at: '2026-01-01T03:05:00.000Z' })
      .thenEvents(finished);
  });

  it('and none other has a turn', () => {
    for (const past of [[], [started], [skipped], [missed]]) {
      given(...past)
        .when(begin())
        .thenNothing();
      given(...past)
        .when(supersede)
        .thenNothing();
    }
  });
});
