import { describe, expect, it } from '@jest/globals';
import { streams, type EventOf } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { repoNameOf, reposOf, session, type SessionCommand, type SessionEvent, type SessionValue } from './session.js';

const ID = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
const AGENT = '2QnBvYb4ZJk9eTfMhXgPcRsAduA';
const given = scenariosOf(session, streams.session(ID));

const defaults = { llm_model: 'claude-sonnet-4-6', llm_temperature: 0.7, llm_max_tokens: 4000 };
const origin = { project_id: 'blue', agent_id: AGENT, created_by_user_id: 'ada' };
const created: EventOf<'SessionCreated'> = { type: 'SessionCreated', payload: { ...origin, name: 'Review', ...defaults } };
const deleted: EventOf<'SessionDeleted'> = { type: 'SessionDeleted', payload: { project_id: 'blue' } };
const create = { type: 'CreateSession', origin, fields: { name: 'Review' } } as const;

const valueAfter = (...events: SessionEvent[]): SessionValue => {
  const { state } = given(created, ...events);
  if (state.status !== 'present') throw new Error(`the session is ${state.status}`);
  return state.value;
};

describe('creating a session', () => {
  it('fills in the defaults of the model', () => {
    given().when(create).thenEvents(created);
  });

  it('keeps an explicit temperature of 0', () => {
    given()
      .when({ ...create, fields: { name: 'Review', llm_temperature: 0, llm_model: 'm', llm_max_tokens: 1 } })
      .thenEvents({
        type: 'SessionCreated',
        payload: { ...created.payload, llm_temperature: 0, llm_model: 'm', llm_max_tokens: 1 },
      });
  });

  it('is not started: it has no phase', () => {
    expect(given(created).state).toEqual({
      status: 'present',
      value: {
        id: ID,
        kind: 'Session',
        href: `/api/ambient/v1/sessions/${ID}`,
        phase: '',
        kube_cr_name: ID,
        ...created.payload,
        created_at: at(0),
        updated_at: at(0),
      },
    });
  });

  it('says which schedule, tick and run it comes from', () => {
    const ofRun = { ...origin, scheduled_session_id: ID, scheduled_for: at(0), run_id: '5c1f7d0e-8a55-5e0a-9a53-0b6f3f1f8f11' };
    given()
      .when({ ...create, origin: ofRun })
      .thenEvents({ type: 'SessionCreated', payload: { ...created.payload, ...ofRun } });
  });

  it('leaves out what has no value', () => {
    given()
      .when({ ...create, origin: { ...origin, agent_id: undefined }, fields: { name: 'Review', prompt: undefined } })
      .thenEvents({
        type: 'SessionCreated',
        payload: { project_id: 'blue', created_by_user_id: 'ada', name: 'Review', ...defaults },
      });
  });

  it('decides nothing the second time, nor after a deletion', () => {
    given().when(create, create).thenNothing();
    given(created, deleted).when(create).thenNothing();
  });
});

describe('a session that is not there', () => {
  const commands: SessionCommand[] = [
    { type: 'UpdateSession', changes: { prompt: 'x' } },
    { type: 'StartSession', starting_prompt: '' },
    { type: 'ReportStatus', status: { phase: 'Running' } },
    { type: 'StopSession' },
    { type: 'AddRepo', repo: { url: 'https://host/a.git', branch: 'main', name: 'a' } },
    { type: 'RemoveRepo', name: 'a' },
    { type: 'SetWorkflow', workflow: { git_url: 'https://host/w.git', branch: 'main' } },
    { type: 'SetModel', model: 'm' },
    { type: 'RenameSession', name: 'n' },
    { type: 'DeleteSession', deleted_at: at(1) },
  ];

  it.each(commands)('is not found by $type before its creation and after its deletion', command => {
    given()
      .when(command)
      .thenRejected('not_found', /no such session/);
    given(created, deleted)
      .when(command)
      .thenRejected('not_found', /no such session/);
  });
});

describe('changing a session', () => {
  const update = { type: 'UpdateSession', changes: { prompt: 'Look.', timeout: 60, name: 'Review' } } as const;
  const updated: EventOf<'SessionUpdated'> = {
    type: 'SessionUpdated',
    payload: { project_id: 'blue', changes: { prompt: 'Look.', timeout: 60 } },
  };

  it('records only what really changes', () => {
    given(created).when(update).thenEvents(updated);
    expect(valueAfter(updated)).toMatchObject({ prompt: 'Look.', timeout: 60, updated_at: at(1) });
  });

  it('decides nothing the second time', () => {
    given(created).when(update, update).thenNothing();
  });

  it('clears a field by null', () => {
    const clear = { type: 'UpdateSession', changes: { timeout: null } } as const;
    given(created, updated)
      .when(clear)
      .thenEvents({ type: 'SessionUpdated', payload: { project_id: 'blue', changes: { timeout: null } } });
    given(created, updated).when(clear, clear).thenNothing();
    given(created).when(clear).thenNothing();
  });

  it('names no project in the events of a session that has none', () => {
    const { project_id: _, ...payload } = created.payload;
    given({ type: 'SessionCreated', payload })
      .when(update)
      .thenEvents({ type: 'SessionUpdated', payload: { changes: { prompt: 'Look.', timeout: 60 } } });
  });
});

describe('renaming, and choosing model and workflow', () => {
  const workflow = { git_url: 'https://host/w.git', branch: 'main', path: 'a' };

  it.each<[SessionCommand, SessionEvent, Partial<SessionValue>]>([
    [
      { type: 'RenameSession', name: 'New' },
      { type: 'SessionRenamed', payload: { project_id: 'blue', name: 'New' } },
      { name: 'New' },
    ],
    [
      { type: 'SetModel', model: 'opus' },
      { type: 'SessionModelSet', payload: { project_id: 'blue', model: 'opus' } },
      { llm_model: 'opus' },
    ],
    [
      { type: 'SetWorkflow', workflow },
      { type: 'SessionWorkflowSet', payload: { project_id: 'blue', workflow } },
      { workflow_id: JSON.stringify(workflow) },
    ],
  ])('%j is recorded once', (command, event, change) => {
    given(created).when(command).thenEvents(event);
    given(created).when(command, command).thenNothing();
    expect(valueAfter(event)).toMatchObject({ ...change, updated_at: at(1) });
  });
});

describe('the repositories of a session', () => {
  const repo = { url: 'https://host/team/tools.git', branch: 'main', name: 'tools' };
  const add = { type: 'AddRepo', repo } as const;
  const added: EventOf<'SessionRepoAdded'> = { type: 'SessionRepoAdded', payload: { project_id: 'blue', repo } };
  const removed: EventOf<'SessionRepoRemoved'> = { type: 'SessionRepoRemoved', payload: { project_id: 'blue', name: 'tools' } };

  it('are added at the end', () => {
    const other = { ...repo, name: 'other' };
    given(created).when(add).thenEvents(added);
    expect(reposOf(valueAfter(added, { type: 'SessionRepoAdded', payload: { repo: other } }).repos)).toEqual([repo, other]);
  });

  it('have unique names: the second is a conflict', () => {
    given(created)
      .when(add, add)
      .thenRejected('conflict', /a repo named tools already/);
  });

  it('are removed by name', () => {
    given(created, added).when({ type: 'RemoveRepo', name: 'tools' }).thenEvents(removed);
    expect(reposOf(valueAfter(added, removed).repos)).toEqual([]);
  });

  it('are not found by a name that is unknown, or removed already', () => {
    given(created)
      .when({ type: 'RemoveRepo', name: 'tools' })
      .thenRejected('not_found', /no such repo in this session/);
    given(created, added, removed)
      .when({ type: 'RemoveRepo', name: 'tools' })
      .thenRejected('not_found', /no such repo/);
  });

  it('are none where there is no text', () => {
    expect(reposOf(undefined)).toEqual([]);
  });

  it.each([
    ['https://host/team/tools.git', 'tools'],
    ['https://host/team/tools/', 'tools'],
    ['git@host:team/tools.git', 'tools'],
    ['git@host:tools', 'tools'],
    ['https://host/team/tools.git?ref=main#readme', 'tools'],
    ['', 'repo'],
    ['/', 'repo'],
  ])('are called after their address: %s is %s', (url, name) => {
    expect(repoNameOf(url)).toBe(name);
  });
});

describe('deleting a session', () => {
  it('keeps what it was, as deleted', () => {
    given(created)
      .when({ type: 'DeleteSession', deleted_at: at(1) })
      .thenEvents(deleted);
    expect(given(created, deleted).state).toMatchObject({ status: 'deleted', value: { name: 'Review', updated_at: at(1) } });
  });

  it('stops it first, where it is active: what started it hears of an end', () => {
    const running = { type: 'SessionStatusReported', payload: { project_id: 'blue', changes: { phase: 'Running' } } } as const;
    const changes = { phase: 'Stopped', completion_time: at(2) } as const;
    given(created, running)
      .when({ type: 'DeleteSession', deleted_at: at(2) })
      .thenEvents({ type: 'SessionStatusReported', payload: { project_id: 'blue', changes } }, deleted);
  });
});
