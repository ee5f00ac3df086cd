import { describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { after, idFor, occurred } from '../testing/index.js';
import { sessionAfterMessage, sessionDocument } from './sessions.js';

const id = idFor('session');
const stream = streams.session(id);
const run_id = '0b2c1b8e-4f5b-5b57-9d2e-6a1f4f1f0c11';
const at = '2026-01-01T00:00:00.000Z';
const origin = {
  project_id: 'blue',
  agent_id: idFor('agent'),
  created_by_user_id: 'ann',
  scheduled_session_id: idFor('schedule'),
  scheduled_for: at,
  run_id,
};
const model = { llm_model: 'claude-sonnet-4-6', llm_temperature: 0, llm_max_tokens: 4000 };
const created = occurred(stream, 0, 'SessionCreated', { ...origin, name: 'triage', ...model });
const started = occurred(stream, 1, 'SessionStarted', { project_id: 'blue', agent_id: origin.agent_id, starting_prompt: '' });
const message = (seq: number, time: string) =>
  occurred(
    streams.messages(id),
    seq - 1,
    'SessionMessageAppended',
    { session_id: id, message_id: idFor('message'), seq, event_type: 'user', payload: 'Hi' },
    time,
  );

describe('a session', () => {
  it('is the resource that was created; the run behind it is remembered, not answered', () => {
    const { run_id: _, ...shown } = origin;
    expect(sessionDocument(undefined, created)).toEqual({
      body: {
        id,
        kind: 'Session',
        href: `/api/ambient/v1/sessions/${id}`,
        created_at: at,
        updated_at: at,
        phase: '',
        kube_cr_name: id,
        ...shown,
        name: 'triage',
        ...model,
      },
      state: { revision: 0, project_id: 'blue', agent_id: origin.agent_id, run_id },
    });
  });

  it('goes through its phases, and starts afresh', () => {
    const done = occurred(stream, 2, 'SessionStatusReported', {
      changes: { phase: 'Completed', start_time: at, completion_time: at },
    });
    const again = occurred(stream, 3, 'SessionStarted', { starting_prompt: '' });
    expect(after(sessionDocument, [created, started]).body?.phase).toBe('Pending');
    expect(after(sessionDocument, [created, started, done]).body).toMatchObject({ phase: 'Completed', completion_time: at });
    const { body, state } = after(sessionDocument, [created, started, done, again]);
    expect([body?.phase, body && 'completion_time' in body]).toEqual(['Pending', false]);
    expect(state).toEqual({ revision: 3, project_id: 'blue', agent_id: origin.agent_id, run_id });
  });

  it('was last active when its newest message came', () => {
    const first = sessionAfterMessage(sessionDocument(undefined, created), message(1, '2026-01-01T00:05:00.000Z'));
    const second = sessionAfterMessage(first, message(2, '2026-01-01T00:06:00.000Z'));
    expect(second.body).toMatchObject({ last_activity_at: '2026-01-01T00:06:00.000Z', updated_at: at });
    expect(second.state.revision).toBe(0);
    expect(sessionDocument(second, started).body?.last_activity_at).toBe('2026-01-01T00:06:00.000Z');
  });

  it('leaves a tombstone that still knows where it belongs', () => {
    const deleted = after(sessionDocument, [created, occurred(stream, 1, 'SessionDeleted', { project_id: 'blue' })]);
    expect(deleted).toEqual({ body: undefined, state: { revision: 1, project_id: 'blue', agent_id: origin.agent_id, run_id } });
    expect(sessionAfterMessage(deleted, message(1, at))).toBe(deleted);
  });
});
