import { describe, expect, it } from '@jest/globals';
import {
  scheduledSessionDefaults,
  streams,
  type RunTrigger,
  type ScheduledSessionChanges,
  type ScheduledSessionCreate,
} from '#contracts';
import { idFor, occurred } from '../testing/index.js';
import type { ScheduledSessionDocument } from './documents.js';
import { scheduleAfterRun, scheduleDocument, scheduleProgressOf } from './scheduled-sessions.js';

const id = idFor('schedule');
const stream = streams.scheduledSession(id);
const project_id = 'blue';

const created = (fields: Partial<ScheduledSessionCreate> = {}) => {
  const payload = {
    project_id,
    created_by_user_id: 'ann',
    ...scheduledSessionDefaults,
    name: 'daily',
    schedule: '0 9 * * *',
    ...fields,
  };
  return occurred(stream, 0, 'ScheduledSessionCreated', payload, '2026-01-01T08:00:00.000Z');
};
const schedule = (fields?: Partial<ScheduledSessionCreate>): ScheduledSessionDocument =>
  scheduleDocument(undefined, created(fields));
const facts = (trigger: RunTrigger, day: string) => {
  const scheduled_for = `${day}T09:00:00.000Z`;
  return { project_id, scheduled_session_id: id, trigger, scheduled_for, decided_at: `${day}T09:00:01.000Z`, lateness_ms: 1000 };
};
const started = (trigger: RunTrigger, day: string) =>
  occurred(streams.run('1'), 0, 'RunStarted', { ...facts(trigger, day), session_id: idFor(day) });
const skipped = (day: string) =>
  occurred(streams.run('2'), 0, 'RunSkipped', { ...facts('schedule', day), reason: 'active_session' });
const missed = (day: string, to: string) =>
  occurred(streams.run('3'), 0, 'RunMissed', {
    ...facts('catch_up', day),
    reason: 'catch_up_none',
    from: `${day}T09:00:00.000Z`,
    to,
    count: 9,
  });
const updated = (changes: ScheduledSessionChanges, at: string) =>
  occurred(stream, 1, 'ScheduledSessionUpdated', { project_id, changes }, at);

describe('a schedule', () => {
  it('is the resource that was created, with its next run and none before', () => {
    const { body, state } = schedule();
    expect(body).toEqual({
      id,
      kind: 'ScheduledSession',
      href: `/api/ambient/v1/projects/blue/scheduled-sessions/${id}`,
      created_at: '2026-01-01T08:00:00.000Z',
      updated_at: '2026-01-01T08:00:00.000Z',
      project_id,
      created_by_user_id: 'ann',
      name: 'daily',
      schedule: '0 9 * * *',
      ...scheduledSessionDefaults,
      next_run_at: '2026-01-01T09:00:00.000Z',
      runs_count: 0,
    });
    expect(state).toEqual({ revision: 0, project_id, ticks_after: '2026-01-01T08:00:00.000Z', runs_count: 0, scheduled_runs: 0 });
  });

  it('is next due after the newest tick that was decided, whatever became of it', () => {
    const ran = scheduleAfterRun(schedule(), started('schedule', '2026-01-01'));
    expect(ran.body).toMatchObject({
      runs_count: 1,
      last_run_at: '2026-01-01T09:00:01.000Z',
      next_run_at: '2026-01-02T09:00:00.000Z',
    });
    const didNot = scheduleAfterRun(ran, skipped('2026-01-02'));
    expect(didNot.body).toMatchObject({
      runs_count: 1,
      last_run_at: '2026-01-01T09:00:01.000Z',
      next_run_at: '2026-01-03T09:00:00.000Z',
    });
    const wasDown = scheduleAfterRun(didNot, missed('2026-01-03', '2026-01-11T09:00:00.000Z'));
    expect(wasDown.body?.next_run_at).toBe('2026-01-12T09:00:00.000Z');
    expect(scheduleAfterRun(wasDown, skipped('2026-01-02')).body?.next_run_at).toBe('2026-01-12T09:00:00.000Z');
  });

  it('counts a manual run, which leaves the next one where it is', () => {
    const ran = scheduleAfterRun(schedule({ max_runs: 1 }), started('manual', '2026-03-01'));
    expect(ran.body).toMatchObject({
      runs_count: 1,
      last_run_at: '2026-03-01T09:00:01.000Z',
      next_run_at: '2026-01-01T09:00:00.000Z',
    });
    expect(ran.state).toMatchObject({ revision: 0, scheduled_runs: 0 });
  });

  it('has no next run once its ticks have started max_runs', () => {
    const once = scheduleAfterRun(schedule({ max_runs: 2 }), started('schedule', '2026-01-01'));
    const twice = scheduleAfterRun(once, started('catch_up', '2026-01-02'));
    expect([once.body?.next_run_at, twice.body?.next_run_at]).toEqual(['2026-01-02T09:00:00.000Z', undefined]);
  });

  it('has no next run before start_at and after end_at, both included', () => {
    const next = (fields: Partial<ScheduledSessionCreate>) => schedule(fields).body?.next_run_at;
    expect(next({ start_at: '2026-02-01T09:00:00.000Z' })).toBe('2026-02-01T09:00:00.000Z');
    expect(next({ start_at: '2026-02-01T09:00:00.001Z' })).toBe('2026-02-02T09:00:00.000Z');
    expect(next({ end_at: '2026-01-01T09:00:00.000Z' })).toBe('2026-01-01T09:00:00.000Z');
    expect(next({ end_at: '2026-01-01T08:59:59.999Z' })).toBeUndefined();
  });

  it('is due by its new timing only after it was changed', () => {
    const retimed = scheduleDocument(
      schedule(),
      updated({ schedule: '*/30 * * * *', timezone: 'Asia/Kathmandu' }, '2026-01-05T10:00:30.000Z'),
    );
    expect(retimed.body?.next_run_at).toBe('2026-01-05T10:15:00.000Z');
    expect(retimed.state.ticks_after).toBe('2026-01-05T10:00:30.000Z');
    const described = scheduleDocument(schedule(), updated({ description: 'Hi' }, '2026-01-05T10:00:30.000Z'));
    expect(described.body?.next_run_at).toBe('2026-01-01T09:00:00.000Z');
  });

  it('has no next run while suspended, and none of that time when it resumes', () => {
    const suspended = scheduleDocument(
      schedule(),
      occurred(stream, 1, 'ScheduledSessionSuspended', { project_id, reason: 'holiday' }),
    );
    expect(suspended.body).toMatchObject({ enabled: false, suspended_reason: 'holiday' });
    expect(suspended.body).not.toHaveProperty('next_run_at');
    const resumed = scheduleDocument(
      suspended,
      occurred(stream, 2, 'ScheduledSessionResumed', { project_id }, '2026-01-09T09:00:00.000Z'),
    );
    expect(resumed.body).toMatchObject({ enabled: true, next_run_at: '2026-01-10T09:00:00.000Z' });
  });

  it('leaves a tombstone that still counts, and still knows its project', () => {
    const deleted = scheduleDocument(schedule(), occurred(stream, 1, 'ScheduledSessionDeleted', { project_id }));
    const counted = scheduleAfterRun(deleted, started('schedule', '2026-01-01'));
    expect(counted.body).toBeUndefined();
    expect(counted.state).toMatchObject({ revision: 1, project_id, runs_count: 1, decided_through: '2026-01-01T09:00:00.000Z' });
  });

  it('remembers its progress as the command API reads it', () => {
    const { state } = scheduleAfterRun(schedule(), started('schedule', '2026-01-01'));
    expect(scheduleProgressOf({ state: JSON.stringify(state) })).toEqual({
      runs_count: 1,
      scheduled_runs: 1,
      last_run_at: '2026-01-01T09:00:01.000Z',
      decided_through: '2026-01-01T09:00:00.000Z',
    });
  });
});
