import { describe, expect, it } from '@jest/globals';
import { Explanation, matches, runIdOf, streams } from '#contracts';
import { at, SCHEDULE, Story } from '../../../testing/story.js';

/** Created the day before, every day at nine in UTC. */
const daily = (fields: Parameters<Story['created']>[1] = {}): Story => new Story().created('2026-03-01T08:00:00Z', fields);
const BUSY = '2QnBvYb4ZJk9eTfMhXgPcRsAduX';
const event = (type: string, revision = 0) => expect.objectContaining({ type, revision });

describe('an instant is not due', () => {
  it('before the schedule was created, and at that very instant', () => {
    const story = new Story().created('09:00');
    for (const time of ['08:00', '09:00']) {
      expect(story.explain(time)).toMatchObject({
        due: false,
        verdict: 'not_due',
        reason: 'not_created_yet',
        because: 'It was not due: the schedule was created at 2026-03-02T09:00:00Z by user ann.',
        decided_by: event('ScheduledSessionCreated'),
        in_expression: false,
        next_tick: at('2026-03-03T09:00:00Z'),
      });
    }
    expect(story.explain('08:00').configuration).toBeUndefined();
  });

  it('once the schedule was deleted, by whom and when', () => {
    const story = daily().deleted('08:30', { id: 'bob', kind: 'user' });
    expect(story.explain('09:00')).toMatchObject({
      reason: 'deleted',
      because: 'It was not due: the schedule was deleted at 2026-03-02T08:30:00Z by user bob.',
      decided_by: { type: 'ScheduledSessionDeleted', revision: 1, actor: { id: 'bob', kind: 'user' }, occurred_at: at('08:30') },
      configuration: { revision: 1, schedule: '0 9 * * *' },
      previous_tick: at('2026-03-01T09:00:00Z'),
    });
    expect(story.explain('2026-03-05T09:00:00Z').because).toMatch(/^It will not be due: /);
  });

  it('while the schedule is disabled: since when, by whom, for which reason', () => {
    expect(daily().suspended('08:30', 'cost').resumed('12:00').explain('09:00')).toMatchObject({
      reason: 'disabled',
      because: 'It was not due: the schedule was suspended at 2026-03-02T08:30:00Z by user ann, reason "cost".',
      decided_by: event('ScheduledSessionSuspended', 1),
      policy: { enabled: false, suspended_reason: 'cost' },
      configuration: { revision: 1, enabled: false },
      in_expression: true,
      previous_tick: at('2026-03-01T09:00:00Z'),
      next_tick: at('2026-03-03T09:00:00Z'),
    });
  });

  it.each([
    ['run_failed', 'the session of a run had failed (pause_on_failure)'],
    ['forbidden', 'who made the schedule may no longer create sessions'],
  ])('after a policy has suspended it: %s', (reason, words) => {
    const policy = { id: 'pause', kind: 'policy' } as const;
    const told = daily().suspended('08:30', reason, policy).explain('09:00');
    expect(told).toMatchObject({ reason: 'disabled', decided_by: { actor: policy } });
    expect(told.because).toBe(
      `It was not due: the schedule was suspended at 2026-03-02T08:30:00Z by policy pause, reason ${reason}: ${words}.`,
    );
  });

  it('while it has been disabled since its creation', () => {
    expect(daily({ enabled: false }).updated('08:00', { description: 'x' }).explain('09:00')).toMatchObject({
      reason: 'disabled',
      because: 'It was not due: the schedule was created disabled, at 2026-03-01T08:00:00Z by user ann.',
      decided_by: event('ScheduledSessionCreated'),
      configuration: { revision: 1 },
    });
  });

  it('before start_at', () => {
    const story = daily().updated('07:00', { start_at: at('2026-03-03T00:00:00Z') });
    expect(story.explain('09:00')).toMatchObject({
      reason: 'before_start_at',
      because:
        'It was not due: the first tick of the schedule may come at its start_at, 2026-03-03T00:00:00Z, set at 2026-03-02T07:00:00Z by user ann.',
      decided_by: event('ScheduledSessionUpdated', 1),
      policy: { start_at: at('2026-03-03T00:00:00Z') },
    });
    expect(story.explain('2026-03-03T09:00:00Z').due).toBe(true);
  });

  it('after end_at, at which itself it is', () => {
    const story = daily({ end_at: at('09:00') });
    expect(story.explain('2026-03-04T09:00:00Z')).toMatchObject({
      reason: 'after_end_at',
      because: expect.stringContaining('its end_at, 2026-03-02T09:00:00Z'),
      policy: { end_at: at('09:00') },
      previous_tick: at('09:00'),
    });
    expect(story.explain('09:00').due).toBe(true);
  });

  it('when max_runs is reached, and names the last run', () => {
    const story = daily({ max_runs: 1 }).started('2026-03-01T09:00:00Z');
    const told = story.explain('09:00');
    expect(told).toMatchObject({
      verdict: 'not_due',
      reason: 'max_runs_exhausted',
      decided_by: { type: 'RunStarted', stream: streams.run(runIdOf(SCHEDULE, at('2026-03-01T09:00:00Z'))) },
      policy: { max_runs: 1 },
    });
    expect(told.because).toMatch(
      /^It was not due: max_runs, 1, had been reached: the last run was that of 2026-03-01T09:00:00Z, session \w{27}\.$/,
    );
  });

  it('when max_runs was reached by earlier ticks that were caught up only later', () => {
    const story = new Story()
      .created('08:00', { schedule: '0 * * * *', max_runs: 2, catch_up_policy: 'all' })
      .started('09:00', { late: 10_800_000, trigger: 'catch_up' })
      .started('10:00', { late: 7_200_000, trigger: 'catch_up' });
    expect(story.explain('11:00')).toMatchObject({
      reason: 'max_runs_exhausted',
      decided_by: { stream: streams.run(runIdOf(SCHEDULE, at('10:00'))) },
    });
    expect(story.explain('11:30').reason).toBe('not_in_expression');
    expect(story.explain('12:30').reason).toBe('max_runs_exhausted');
  });

  it('where max_runs was lowered below what had run: the newest of all is the last run', () => {
    const story = new Story()
      .created('08:00', { schedule: '0 * * * *', max_runs: 9 })
      .started('09:00')
      .started('10:00')
      .started('11:00')
      .updated('11:30', { max_runs: 1 });
    expect(story.explain('12:00').decided_by.stream).toBe(streams.run(runIdOf(SCHEDULE, at('11:00'))));
  });

  it('where the expression does not name it, with the ticks around it', () => {
    expect(daily({ timezone: 'Europe/Paris' }).explain('09:17')).toMatchObject({
      reason: 'not_in_expression',
      because:
        'It was not due: "0 9 * * *" (Europe/Paris) has no tick at 2026-03-02T10:17:00+01:00; the tick before it is 2026-03-02T08:00:00Z, the next one 2026-03-03T08:00:00Z.',
      local: '2026-03-02T10:17:00+01:00',
      in_expression: false,
      previous_tick: at('08:00'),
      next_tick: at('2026-03-03T08:00:00Z'),
      policy: { schedule: '0 9 * * *', timezone: 'Europe/Paris' },
    });
  });

  it('where the expression was changed to one that names it only afterwards', () => {
    const story = daily({ schedule: '0 10 * * *' }).updated('09:30', { schedule: '0 9 * * *' });
    expect(story.explain('09:00')).toMatchObject({
      reason: 'changed_after',
      because:
        'It was not due: "0 10 * * *" (UTC) held until it was changed to "0 9 * * *" (UTC) at 2026-03-02T09:30:00Z by user ann, which counts for ticks after that only.',
      decided_by: event('ScheduledSessionUpdated', 1),
      configuration: { revision: 0, schedule: '0 10 * * *' },
    });
  });

  it('where the expression was changed away from it and back again, by the change that came too late', () => {
    const story = daily().updated('08:00', { schedule: '0 10 * * *' }).updated('09:30', { schedule: '0 9 * * *' });
    expect(story.explain('09:00')).toMatchObject({ reason: 'changed_after', decided_by: { revision: 2 } });
  });

  it('and the ticks around it are those that were due by the configurations of their own times', () => {
    const story = daily()
      .updated('07:00', { schedule: '0 * * * *' })
      .updated('10:30', { schedule: '15 14 * * *' })
      .suspended('13:00')
      .resumed('2026-03-04T00:00:00Z');
    expect(story.explain('07:30')).toMatchObject({ previous_tick: at('2026-03-01T09:00:00Z'), next_tick: at('08:00') });
    expect(story.explain('10:15')).toMatchObject({ previous_tick: at('10:00'), next_tick: at('2026-03-04T14:15:00Z') });
  });

  it('where the expression that named it, or the zone, was changed before', () => {
    const story = daily().updated('08:30', { timezone: 'Asia/Kathmandu' }).updated('08:40', { description: 'x' });
    expect(story.explain('09:00')).toMatchObject({
      reason: 'changed_before',
      because:
        'It was not due: "0 9 * * *" (UTC) had been changed to "0 9 * * *" (Asia/Kathmandu) at 2026-03-02T08:30:00Z by user ann.',
      decided_by: event('ScheduledSessionUpdated', 1),
      configuration: { revision: 2 },
    });
  });
});

describe('at a change of the clock', () => {
  const newYork = (schedule: string): Story =>
    new Story().created('2026-01-01T00:00:00Z', { schedule, timezone: 'America/New_York' });

  it('a time that does not exist is due at the first instant after the gap, not elsewhere', () => {
    const story = newYork('30 2 * * *').started('2026-03-08T07:00:00Z');
    expect(story.explain('2026-03-08T07:30:00Z', { now: '2026-03-09T00:00:00Z' })).toMatchObject({
      reason: 'clock_gap',
      because:
        'It was not due: 02:30 does not exist in America/New_York on 2026-03-08, where the clock is put forward, so it is due at 2026-03-08T07:00:00Z.',
      clock: { kind: 'gap', local: '2026-03-08T02:30:00', due_at: at('2026-03-08T07:00:00Z') },
    });
    expect(story.explain('2026-03-08T07:00:00Z', { now: '2026-03-09T00:00:00Z' })).toMatchObject({
      verdict: 'started',
      clock: { kind: 'gap', local: '2026-03-08T02:30:00', due_at: at('2026-03-08T07:00:00Z') },
      because: expect.stringMatching(/^It started session .*\(02:30 does not exist in America\/New_York on 2026-03-08/),
    });
  });

  it('a time that does not exist is due nowhere when the hour field starts with *', () => {
    const told = newYork('15 */2 * * *').explain('2026-03-08T07:15:00Z', { now: '2026-03-09T00:00:00Z' });
    expect(told).toMatchObject({ reason: 'clock_gap', clock: { kind: 'gap', local: '2026-03-08T02:15:00' } });
    expect(told.clock).not.toHaveProperty('due_at');
    expect(told.because).toMatch(/an hour field that starts with \* has no tick in its place\.$/);
  });

  it('a time that comes twice is due the first time only', () => {
    const story = newYork('30 1 * * *').skipped('2026-11-01T05:30:00Z', 'agent_deleted');
    const now = '2026-11-02T00:00:00Z';
    expect(story.explain('2026-11-01T06:30:00Z', { now })).toMatchObject({
      reason: 'clock_overlap',
      because:
        'It was not due: 01:30 comes twice in America/New_York on 2026-11-01, where the clock is put back, and the first time counts: 2026-11-01T05:30:00Z.',
      clock: { kind: 'overlap', local: '2026-11-01T01:30:00', due_at: at('2026-11-01T05:30:00Z') },
    });
    expect(story.explain('2026-11-01T05:30:00Z', { now })).toMatchObject({ verdict: 'skipped', clock: { kind: 'overlap' } });
  });
});

describe('a tick', () => {
  it('belongs to the configuration before it, whatever happened at or after that instant', () => {
    const story = daily().suspended('09:00').deleted('10:00').skipped('09:00', 'schedule_deleted', { late: 7_200_000 });
    expect(story.explain('09:00')).toMatchObject({
      due: true,
      verdict: 'skipped',
      reason: 'schedule_deleted',
      because: 'It was skipped: the schedule was deleted before the tick was decided.',
      configuration: { revision: 0, enabled: true },
      lateness_ms: 7_200_000,
    });
  });

  it('is meant by every instant inside its second, and by none outside', () => {
    const story = daily().started('09:00');
    expect(story.explain('2026-03-02T09:00:00.999Z')).toMatchObject({ at: at('09:00'), verdict: 'started' });
    expect(story.explain('09:00:01').verdict).toBe('not_due');
    expect(story.explain('08:59:59').verdict).toBe('not_due');
  });

  it('started a session: which, how late, and how it does now', () => {
    const told = daily({ agent_id: 'a' })
      .started('09:00', { late: 120, session: BUSY })
      .explain('09:00', { agentName: 'triage' });
    expect(told).toMatchObject({
      due: true,
      verdict: 'started',
      reason: 'on_schedule',
      because: `It started session ${BUSY} of agent triage, 120 ms late. The session is Running.`,
      policy: { overlap_policy: 'skip' },
      lateness_ms: 120,
      run: { id: runIdOf(SCHEDULE, at('09:00')), outcome: 'started', session_id: BUSY, session_phase: 'Running' },
      session: { id: BUSY, phase: 'Running' },
      decided_by: { type: 'RunStarted', stream: streams.run(runIdOf(SCHEDULE, at('09:00'))), actor: { kind: 'scheduler' } },
    });
  });

  it('was caught up', () => {
    const story = daily().started('09:00', { late: 90_000, trigger: 'catch_up', session: BUSY });
    expect(story.explain('09:00')).toMatchObject({
      reason: 'caught_up',
      because: `It was caught up (catch_up_policy latest, catch_up_window 3600) and started session ${BUSY}, 90 s late. The session is Running.`,
      policy: { catch_up_policy: 'latest', catch_up_window: 3600 },
    });
  });

  it('was skipped: which session was in the way, and in which phase it was then', () => {
    const story = daily({ agent_id: 'a' })
      .session('08:00', BUSY, 'Running')
      .skipped('09:00', 'active_session', { session: BUSY, late: 5 })
      .session('09:30', BUSY, 'Completed');
    expect(story.explain('09:00', { agentName: 'triage' })).toMatchObject({
      verdict: 'skipped',
      reason: 'active_session',
      because: `It was skipped: session ${BUSY} of agent triage was still running (overlap_policy skip).`,
      policy: { overlap_policy: 'skip' },
      session: { id: BUSY, phase: 'Completed' },
      run: { outcome: 'skipped', reason: 'active_session' },
    });
  });

  it.each([
    ['agent_deleted', 'It was skipped: the agent triage had been deleted.'],
    ['forbidden', 'It was skipped: who made the schedule may no longer create sessions in the project.'],
  ])('was skipped: %s', (reason, because) => {
    const story = daily({ agent_id: 'a' }).skipped('09:00', reason);
    expect(story.explain('09:00', { agentName: 'triage' })).toMatchObject({ verdict: 'skipped', reason, because });
  });

  it('was missed by itself', () => {
    const story = daily({ catch_up_policy: 'none' }).missed('09:00', 'catch_up_none', { late: 60_000 });
    expect(story.explain('09:00')).toMatchObject({
      verdict: 'missed',
      reason: 'catch_up_none',
      because:
        'It was missed: nothing was there to decide it until 2026-03-02T09:01:00Z, and missed ticks are not caught up (catch_up_policy none).',
      policy: { catch_up_policy: 'none' },
      lateness_ms: 60_000,
    });
  });

  it('was missed within a range: how late counts from the tick itself', () => {
    const story = new Story()
      .created('2026-03-01T00:00:00Z', { schedule: '0 * * * *' })
      .missed('01:00', 'superseded_by_later_tick', { through: '06:00', count: 6, late: 8 * 3_600_000 });
    const told = story.explain('04:00');
    expect(told).toMatchObject({
      verdict: 'missed',
      reason: 'superseded_by_later_tick',
      lateness_ms: 5 * 3_600_000,
      run: { missed_through: at('06:00'), missed_count: 6 },
      decided_by: { stream: streams.run(runIdOf(SCHEDULE, at('01:00'))) },
    });
    expect(told.because).toMatch(
      /It is one of 6 ticks from 2026-03-02T01:00:00Z to 2026-03-02T06:00:00Z that were missed together\.$/,
    );
    expect(story.explain('06:00').verdict).toBe('missed');
    expect(story.explain('04:30').verdict).toBe('not_due');
    expect(story.explain('07:00').verdict).toBe('pending');
  });

  it('was too old to be caught up', () => {
    const told = daily().missed('09:00', 'outside_catch_up_window', { late: 7_200_000 }).explain('09:00');
    expect(told).toMatchObject({ reason: 'outside_catch_up_window', policy: { catch_up_window: 3600 } });
    expect(told.because).toContain(
      '7200 s later, which is too late to catch it up (catch_up_policy latest, catch_up_window 3600)',
    );
  });

  it('waits in the queue', () => {
    const story = daily({ overlap_policy: 'queue' })
      .session('08:00', BUSY, 'Running')
      .queued('09:00', { session: BUSY, late: 40 });
    expect(story.explain('09:00')).toMatchObject({
      verdict: 'queued',
      reason: 'active_session',
      because: `It waits for its turn since 2026-03-02T09:00:00.040Z: session ${BUSY} was still running (overlap_policy queue).`,
      decided_by: { type: 'RunQueued' },
    });
  });

  it('waited in the queue, and started', () => {
    const story = daily({ overlap_policy: 'queue' })
      .session('08:00', BUSY, 'Running')
      .queued('09:00', { session: BUSY })
      .started('09:00', { late: 600_000 });
    const told = story.explain('09:00');
    expect(told).toMatchObject({
      verdict: 'started',
      reason: 'had_waited',
      decided_by: event('RunStarted', 1),
      lateness_ms: 600_000,
    });
    expect(told.because).toMatch(`It waited for session ${BUSY} (overlap_policy queue) and started session `);
  });

  it.each([
    ['queue', 'queue_full', `session ${BUSY} was still running, and another run was waiting already (overlap_policy queue)`],
    ['replace', 'superseded', 'while it waited a later run took its place (overlap_policy replace)'],
  ] as const)('was dropped by policy %s: %s', (overlap_policy, reason, words) => {
    const story = daily({ overlap_policy }).session('08:00', BUSY, 'Running').dropped('09:00', reason, { session: BUSY });
    expect(story.explain('09:00')).toMatchObject({
      verdict: 'dropped',
      reason,
      because: `It was dropped: ${words}.`,
      policy: { overlap_policy },
    });
  });

  it('keeps a reason that this version has no word for, as it was recorded', () => {
    expect(daily().skipped('09:00', 'full_moon').explain('09:00')).toMatchObject({
      verdict: 'skipped',
      reason: 'as_recorded',
      because: 'It was skipped: full_moon.',
      run: { reason: 'full_moon' },
    });
  });

  it('is pending while it is due and not decided, from its own second on', () => {
    const story = daily();
    expect(story.explain('09:00', { now: '2026-03-02T09:00:00.250Z' })).toMatchObject({
      due: true,
      verdict: 'pending',
      reason: 'awaiting_decision',
      because:
        'It is due and not decided yet, 250 ms late. A session starts, unless another one is active then (overlap_policy skip). If it is found to have been missed, the catch-up policy decides (catch_up_policy latest, catch_up_window 3600).',
      lateness_ms: 250,
      policy: { overlap_policy: 'skip', catch_up_policy: 'latest', catch_up_window: 3600 },
    });
    expect(story.explain('09:00', { now: '09:00:01' }).verdict).toBe('pending');
    expect(story.explain('09:00', { now: '2026-03-02T08:59:59.999Z' }).verdict).toBe('upcoming');
  });

  it('may be pending because its start is delayed by jitter: it says until when', () => {
    const story = daily({ jitter: 3600 });
    const told = story.explain('09:00', { now: '09:00:00' });
    const start = Date.parse(told.starts_at!);
    expect(start).toBeGreaterThan(Date.parse(at('09:00')));
    expect(told).toMatchObject({ verdict: 'pending', reason: 'delayed_by_jitter', policy: { jitter: 3600 } });
    expect(story.explain('09:00', { now: new Date(start - 1).toISOString() }).reason).toBe('delayed_by_jitter');
    expect(story.explain('09:00', { now: new Date(start).toISOString() }).reason).toBe('awaiting_decision');
  });

  it.each([
    ['skip', 'unless another one is active then'],
    ['queue', 'while another one is active it waits, or is dropped if a run waits already'],
    ['replace', 'another one that is active then is asked to stop first'],
    ['allow', 'whatever else is running'],
  ] as const)('is upcoming, with what policy %s will make of it', (overlap_policy, words) => {
    const told = daily({ overlap_policy, jitter: 5 }).explain('2026-03-04T09:00:00Z');
    expect(told).toMatchObject({ due: true, verdict: 'upcoming', reason: 'will_be_due', policy: { overlap_policy, jitter: 5 } });
    expect(told.because).toContain(words);
    expect(told).not.toHaveProperty('lateness_ms');
  });

  it('is upcoming only if runs are left, when more ticks come before it than max_runs leaves', () => {
    const story = daily({ max_runs: 3 }).started('2026-03-01T09:00:00Z').started('09:00');
    expect(story.explain('2026-03-03T09:00:00Z').reason).toBe('will_be_due');
    const told = story.explain('2026-03-05T09:00:00Z');
    expect(told).toMatchObject({ verdict: 'upcoming', reason: 'will_be_due_if_runs_are_left', policy: { max_runs: 3 } });
    expect(told.because).toContain('unless max_runs, 3, is reached before: 1 more may start, and 2 ticks come first.');
  });

  it('keeps what was recorded, even if by the configuration it would not have been due', () => {
    expect(daily().suspended('08:00').started('09:00').explain('09:00')).toMatchObject({ due: true, verdict: 'started' });
  });
});

describe('runs by hand', () => {
  it('are listed with an instant that was not due', () => {
    const told = daily().byHand('2026-03-02T10:17:23.456Z').explain('10:17:23');
    expect(told).toMatchObject({
      verdict: 'not_due',
      other_runs: [{ trigger: 'manual', requested_by: 'ann', session_phase: 'Running' }],
    });
  });

  it('and backfills are listed beside what became of the tick', () => {
    const story = daily({ catch_up_policy: 'none' }).missed('09:00', 'catch_up_none').byHand('09:00', 'backfill');
    expect(story.explain('09:00')).toMatchObject({
      verdict: 'missed',
      other_runs: [{ trigger: 'backfill', outcome: 'started' }],
    });
  });
});

it('every answer has the shape of the contract', () => {
  const story = daily({ max_runs: 5, agent_id: 'a' })
    .started('2026-03-01T09:00:00Z')
    .suspended('10:00', 'cost')
    .resumed('11:00')
    .byHand('12:00');
  for (const time of ['2026-01-01T00:00:00Z', '2026-03-01T09:00:00Z', '09:00', '10:30', '12:00', '2026-03-09T09:00:00Z']) {
    const told = JSON.parse(JSON.stringify(story.explain(time)));
    expect([time, matches(Explanation, told), told]).toEqual([time, true, told]);
  }
});
