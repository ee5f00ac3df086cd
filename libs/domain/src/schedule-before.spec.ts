import { describe, expect, it } from '@jest/globals';
import { scheduledSessionDefaults, streams } from '#contracts';
import { at, factsOf } from '../testing/scenario.js';
import { scheduleBefore, type ScheduledSessionEvent } from './scheduled-session.js';

const where = { project_id: 'blue' };

describe('the schedule before an instant', () => {
  const history = factsOf<ScheduledSessionEvent>(streams.scheduledSession('2QnBvYb4ZJk9eTfMhXgPcRsAduW'), [
    {
      type: 'ScheduledSessionCreated',
      payload: { ...where, created_by_user_id: 'ada', ...scheduledSessionDefaults, name: 'Nightly', schedule: '0 3 * * *' },
    },
    { type: 'ScheduledSessionUpdated', payload: { ...where, changes: { schedule: '0 4 * * *' } } },
    { type: 'ScheduledSessionSuspended', payload: where },
    { type: 'ScheduledSessionDeleted', payload: where },
  ]);

  it.each([
    ['at its creation', at(0), 'absent', undefined],
    ['just after its creation', '2026-01-01T00:00:00.001Z', 'present', { schedule: '0 3 * * *', enabled: true }],
    ['at its change', at(1), 'present', { schedule: '0 3 * * *' }],
    ['just after its change', '2026-01-01T00:01:00.001Z', 'present', { schedule: '0 4 * * *', enabled: true }],
    ['at its deletion', at(3), 'present', { enabled: false }],
    ['later', at(99), 'deleted', { enabled: false }],
  ])('%s is what held until then', (_, instant, status, value) => {
    expect(scheduleBefore(history, instant)).toMatchObject(value ? { status, value } : { status });
  });

  it('is absent when nothing ever happened', () => {
    expect(scheduleBefore([], at(0))).toEqual({ status: 'absent' });
  });
});
