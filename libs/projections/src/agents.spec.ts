import { describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { after, idFor, occurred } from '../testing/index.js';
import { agentAfterSession, agentDocument } from './agents.js';

const id = idFor('agent');
const stream = streams.agent(id);
const project_id = 'blue';
const created = occurred(stream, 0, 'AgentCreated', {
  project_id,
  owner_user_id: 'ann',
  name: 'one',
  environment_variables: '{"A":"sealed"}',
});
const mine = streams.session(idFor('session'));
const other = streams.session(idFor('other'));
const started = (session: string) => occurred(session, 1, 'SessionStarted', { project_id, agent_id: id, starting_prompt: '' });
const reported = (session: string, phase: 'Running' | 'Completed') =>
  occurred(session, 2, 'SessionStatusReported', { project_id, changes: { phase } });

describe('an agent', () => {
  it('is the resource that was created, its secrets sealed', () => {
    expect(agentDocument(undefined, created)).toEqual({
      body: {
        id,
        kind: 'Agent',
        href: `/api/ambient/v1/projects/blue/agents/${id}`,
        created_at: '2026-01-01T00:00:00.000Z',
        updated_at: '2026-01-01T00:00:00.000Z',
        project_id,
        owner_user_id: 'ann',
        name: 'one',
        environment_variables: '{"A":"sealed"}',
      },
      state: { revision: 0, project_id },
    });
  });

  it('changes, and loses what is set to null', () => {
    const updated = occurred(
      stream,
      1,
      'AgentUpdated',
      { project_id, changes: { prompt: 'Hi', environment_variables: null } },
      '2026-01-02T00:00:00.000Z',
    );
    const { body, state } = after(agentDocument, [created, updated]);
    expect(body).toMatchObject({ prompt: 'Hi', updated_at: '2026-01-02T00:00:00.000Z' });
    expect(body).not.toHaveProperty('environment_variables');
    expect(state.revision).toBe(1);
  });

  it('leaves a tombstone that knows its project', () => {
    const deleted = occurred(stream, 1, 'AgentDeleted', { project_id });
    expect(after(agentDocument, [created, deleted])).toEqual({ body: undefined, state: { revision: 1, project_id } });
  });

  it('has the session that it started last as its current one, until that ends', () => {
    const idle = agentDocument(undefined, created);
    const busy = agentAfterSession(agentAfterSession(idle, started(other)), started(mine));
    expect(busy.body?.current_session_id).toBe(idFor('session'));
    expect(agentAfterSession(busy, reported(mine, 'Running'))).toBe(busy);
    expect(agentAfterSession(busy, reported(other, 'Completed'))).toBe(busy);
    expect(agentAfterSession(busy, reported(mine, 'Completed'))).toEqual(idle);
    expect(agentAfterSession(busy, occurred(mine, 2, 'SessionDeleted', { project_id }))).toEqual(idle);
  });

  it('keeps its current session when it is changed', () => {
    const busy = agentAfterSession(agentDocument(undefined, created), started(mine));
    const updated = occurred(stream, 1, 'AgentUpdated', { project_id, changes: { prompt: 'Hi' } });
    expect(agentDocument(busy, updated).body).toMatchObject({ prompt: 'Hi', current_session_id: idFor('session') });
  });

  it('is not raised from the dead by its sessions', () => {
    const dead = after(agentDocument, [created, occurred(stream, 1, 'AgentDeleted', { project_id })]);
    expect(agentAfterSession(dead, started(mine))).toBe(dead);
  });
});
