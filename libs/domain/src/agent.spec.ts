import { describe, expect, it } from '@jest/globals';
import { streams, type EventOf } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { agent } from './agent.js';

const ID = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const given = scenariosOf(agent, streams.agent(ID));

const fields = { name: 'reviewer', prompt: 'Review.', llm_temperature: 0 };
const created: EventOf<'AgentCreated'> = {
  type: 'AgentCreated',
  payload: { project_id: 'blue', owner_user_id: 'ada', ...fields },
};
const deleted: EventOf<'AgentDeleted'> = { type: 'AgentDeleted', payload: { project_id: 'blue' } };
const create = { type: 'CreateAgent', project_id: 'blue', owner_user_id: 'ada', fields } as const;
const updated = (changes: EventOf<'AgentUpdated'>['payload']['changes']): EventOf<'AgentUpdated'> => ({
  type: 'AgentUpdated',
  payload: { project_id: 'blue', changes },
});

describe('creating an agent', () => {
  it('records its fields and its owner', () => {
    given().when(create).thenEvents(created);
    expect(given(created).state).toEqual({
      status: 'present',
      value: {
        id: ID,
        kind: 'Agent',
        href: `/api/ambient/v1/projects/blue/agents/${ID}`,
        project_id: 'blue',
        owner_user_id: 'ada',
        ...fields,
        created_at: at(0),
        updated_at: at(0),
      },
    });
  });

  it('decides nothing the second time, nor after a deletion', () => {
    given().when(create, create).thenNothing();
    given(created, deleted).when(create).thenNothing();
  });
});

describe('changing an agent', () => {
  it('records only what really changes', () => {
    given(created)
      .when({ type: 'UpdateAgent', changes: { name: 'reviewer', prompt: 'Review twice.' } })
      .thenEvents(updated({ prompt: 'Review twice.' }));
  });

  it('decides nothing the second time', () => {
    const update = { type: 'UpdateAgent', changes: { display_name: 'The reviewer', llm_max_tokens: 1 } } as const;
    given(created).when(update, update).thenNothing();
  });

  it('clears a field by null, even one that holds 0', () => {
    const clear = { type: 'UpdateAgent', changes: { llm_temperature: null } } as const;
    given(created)
      .when(clear)
      .thenEvents(updated({ llm_temperature: null }));
    given(created).when(clear, clear).thenNothing();
    expect(given(created, updated({ llm_temperature: null })).state).not.toHaveProperty('value.llm_temperature');
  });

  it('tells 0 from absent', () => {
    given(created)
      .when({ type: 'UpdateAgent', changes: { llm_temperature: 0 } })
      .thenNothing();
    given(created, updated({ llm_temperature: null }))
      .when({ type: 'UpdateAgent', changes: { llm_temperature: 0 } })
      .thenEvents(updated({ llm_temperature: 0 }));
  });

  it('moves updated_at and nothing else', () => {
    expect(given(created, updated({ prompt: 'New.' })).state).toMatchObject({
      value: { prompt: 'New.', name: 'reviewer', created_at: at(0), updated_at: at(1) },
    });
  });

  it('is not found before the creation and after the deletion', () => {
    const update = { type: 'UpdateAgent', changes: { prompt: 'New.' } } as const;
    given()
      .when(update)
      .thenRejected('not_found', /no such agent/);
    given(created, deleted)
      .when(update)
      .thenRejected('not_found', /no such agent/);
  });
});

describe('deleting an agent', () => {
  const remove = { type: 'DeleteAgent' } as const;

  it('keeps what it was, as deleted', () => {
    given(created).when(remove).thenEvents(deleted);
    expect(given(created, deleted).state).toMatchObject({ status: 'deleted', value: { id: ID, updated_at: at(1) } });
  });

  it('is a conflict that names the session while one is active', () => {
    given(created)
      .when({ ...remove, active_session_id: 's1' })
      .thenRejected('conflict', /active session, s1: stop it first/);
  });

  it('is not found the second time, and before the creation', () => {
    given(created)
      .when(remove, remove)
      .thenRejected('not_found', /no such agent/);
    given()
      .when(remove)
      .thenRejected('not_found', /no such agent/);
  });
});
