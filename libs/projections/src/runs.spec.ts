import { describe, expect, it } from '@jest/globals';
import { streams, type Phase } from '#contracts';
import { idFor, occurred } from '../testing/index.js';
import type { SessionDocument } from './documents.js';
import { presentRun, runAfterSession, runDocument } from './runs.js';

const id = '0b2c1b8e-4f5b-5b57-9d2e-6a1f4f1f0c11';
const stream = streams.run(id);
const facts = {
  project_id: 'blue',
  scheduled_session_id: idFor('schedule'),
  trigger: 'schedule' as const,
  scheduled_for: '2026-01-01T09:00:00.000Z',
  decided_at: '2026-01-01T09:00:01.000Z',
  lateness_ms: 1000,
};
const started = occurred(stream, 0, 'RunStarted', { ...facts, session_id: idFor('session'), prompt: 'Go' });
const finished = occurred(stream, 1, 'RunFinished', {
  project_id: 'blue',
  scheduled_session_id: facts.scheduled_session_id,
  session_id: idFor('session'),
  phase: 'Completed',
  finished_at: '2026-01-01T09:30:00.000Z',
});
const session = (phase: Phase | ''): SessionDocument => ({ body: { phase } as SessionDocument['body'], state: { revision: 0 } });
const missed = (count: number) => {
  const to = count === 1 ? facts.scheduled_for : '2026-01-03T09:00:00.000Z';
  return occurred(stream, 0, 'RunMissed', { ...facts, reason: 'catch_up_none', from: facts.scheduled_for, to, count });
};

describe('a run', () => {
  it('started a session, whose phase it follows until its end', () => {
    const before = runDocument(undefined, started, undefined);
    expect(before).toEqual({
      body: { id, ...facts, session_id: idFor('session'), prompt: 'Go', outcome: 'started' },
      state: { revision: 0, project_id: 'blue' },
    });
    const running = runAfterSession(before, session('Running'));
    expect(running.body?.session_phase).toBe('Running');
    expect(runDocument(running, finished, undefined)).toEqual({
      body: { ...running.body, finished_at: '2026-01-01T09:30:00.000Z' },
      state: { revision: 1, project_id: 'blue' },
    });
  });

  it('knows the phase of a session that was there before it', () => {
    expect(runDocument(undefined, started, session('Pending')).body?.session_phase).toBe('Pending');
  });

  it('keeps the last phase of a session that is deleted', () => {
    const before = runDocument(undefined, started, session('Failed'));
    expect(runAfterSession(before, { body: undefined, state: { revision: 9 } })).toBe(before);
  });

  it('was skipped, and says why', () => {
    const skipped = occurred(stream, 0, 'RunSkipped', { ...facts, reason: 'active_session', session_id: idFor('other') });
    expect(runDocument(undefined, skipped, undefined).body).toEqual({
      id,
      ...facts,
      reason: 'active_session',
      session_id: idFor('other'),
      outcome: 'skipped',
    });
  });

  it('was missed, alone or as a range', () => {
    const one = { id, ...facts, reason: 'catch_up_none', outcome: 'missed' };
    expect(runDocument(undefined, missed(1), undefined).body).toEqual(one);
    expect(runDocument(undefined, missed(3), undefined).body).toEqual({
      ...one,
      missed_through: '2026-01-03T09:00:00.000Z',
      missed_count: 3,
    });
  });

  it('is presented from its stream', () => {
    expect(presentRun([started, finished])).toMatchObject({ id, outcome: 'started', finished_at: '2026-01-01T09:30:00.000Z' });
    expect(() => presentRun([])).toThrow('no outcome');
    expect(() => presentRun([finished])).toThrow(`${stream} is finished and has no outcome before`);
  });
});
