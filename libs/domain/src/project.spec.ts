import { describe, expect, it } from '@jest/globals';
import type { EventOf } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { project } from './project.js';

const given = scenariosOf(project, 'project-blue');

const created: EventOf<'ProjectCreated'> = {
  type: 'ProjectCreated',
  payload: { project_id: 'blue', name: 'blue', description: 'The blue one' },
};
const deleted: EventOf<'ProjectDeleted'> = { type: 'ProjectDeleted', payload: { project_id: 'blue' } };
const create = { type: 'CreateProject', fields: { name: 'blue', description: 'The blue one' } } as const;
const nothingActive = { schedules: 0, sessions: 0 };

describe('creating a project', () => {
  it('takes its name as its id', () => {
    given().when(create).thenEvents(created);
    expect(given(created).state).toEqual({
      status: 'present',
      value: {
        id: 'blue',
        kind: 'Project',
        href: '/api/ambient/v1/projects/blue',
        name: 'blue',
        description: 'The blue one',
        created_at: at(0),
        updated_at: at(0),
      },
    });
  });

  it('is a conflict while the name is taken', () => {
    given(created)
      .when(create)
      .thenRejected('conflict', /a project named blue exists already/);
  });

  it('is a conflict for ever after a deletion: what it held must not come to a new owner', () => {
    given(created, deleted)
      .when(create)
      .thenRejected('conflict', /belonged to a project that was deleted: choose another/);
  });
});

describe('changing a project', () => {
  const update = { type: 'UpdateProject', changes: { description: 'Bluer', prompt: 'Be kind.' } } as const;

  it('records only what really changes', () => {
    given(created)
      .when({ type: 'UpdateProject', changes: { description: 'The blue one', prompt: 'Be kind.' } })
      .thenEvents({ type: 'ProjectUpdated', payload: { project_id: 'blue', changes: { prompt: 'Be kind.' } } });
  });

  it('decides nothing the second time', () => {
    given(created).when(update, update).thenNothing();
  });

  it('clears a field by null, and clearing it again decides nothing', () => {
    const clear = { type: 'UpdateProject', changes: { description: null } } as const;
    const cleared: EventOf<'ProjectUpdated'> = {
      type: 'ProjectUpdated',
      payload: { project_id: 'blue', changes: { description: null } },
    };
    given(created).when(clear).thenEvents(cleared);
    given(created).when(clear, clear).thenNothing();
    expect(given(created, cleared).state).toMatchObject({ value: { updated_at: at(1), created_at: at(0) } });
    expect(given(created, cleared).state).not.toHaveProperty('value.description');
  });

  it('is not found before the creation and after the deletion', () => {
    given()
      .when(update)
      .thenRejected('not_found', /no such project/);
    given(created, deleted)
      .when(update)
      .thenRejected('not_found', /no such project/);
  });
});

describe('deleting a project', () => {
  const remove = { type: 'DeleteProject', project_id: 'blue', active: nothingActive } as const;

  it('keeps what it was, as deleted', () => {
    given(created).when(remove).thenEvents(deleted);
    expect(given(created, deleted).state).toMatchObject({ status: 'deleted', value: { name: 'blue', updated_at: at(1) } });
  });

  it.each([
    [{ schedules: 1, sessions: 0 }, /1 enabled schedules and 0 active sessions: suspend or stop them first/],
    [{ schedules: 0, sessions: 2 }, /0 enabled schedules and 2 active sessions/],
  ])('is a conflict while %j are active', (active, text) => {
    given(created)
      .when({ ...remove, active })
      .thenRejected('conflict', text);
  });

  it('is not found the second time', () => {
    given(created)
      .when(remove, remove)
      .thenRejected('not_found', /no such project/);
    given()
      .when(remove)
      .thenRejected('not_found', /no such project/);
  });
});

it('leaves a project that is not there as it is, whatever an event says', () => {
  expect(given({ type: 'ProjectUpdated', payload: { project_id: 'blue', changes: { prompt: 'x' } } }).state).toEqual({
    status: 'absent',
  });
  expect(given(deleted).state).toEqual({ status: 'absent' });
});
