import { expect, it } from '@jest/globals';
import { agents, COLLECTIONS, projects, runs, scheduledSessions, sessions } from './collections.js';

it('takes the type of a field from the schema of its resource', () => {
  expect(sessions.fields).toMatchObject({
    name: 'text',
    phase: 'text',
    created_at: 'time',
    start_time: 'time',
    llm_temperature: 'number',
    stop_on_run_finished: 'boolean',
  });
  expect(scheduledSessions.fields).toMatchObject({
    start_at: 'time',
    next_run_at: 'time',
    enabled: 'boolean',
    overlap_policy: 'text',
    jitter: 'number',
    pause_on_failure: 'boolean',
  });
  expect(runs.fields).toMatchObject({ trigger: 'text', scheduled_for: 'time', lateness_ms: 'number' });
  expect(projects.fields).toMatchObject({ id: 'text', labels: 'text' });
});

it('lets no one search secrets', () => {
  for (const { fields } of COLLECTIONS) expect(Object.keys(fields)).not.toContain('environment_variables');
  expect(agents.fields).toHaveProperty('current_session_id');
});
