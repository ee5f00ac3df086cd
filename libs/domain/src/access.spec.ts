import { describe, expect, it } from '@jest/globals';
import { streams, type EventOf, type RoleId } from '#contracts';
import { at, scenariosOf } from '../testing/scenario.js';
import { access, rolesOf } from './access.js';

const given = scenariosOf(access, streams.access('blue'));

const bindingOf = (user_id: string, role_id: RoleId, number = 1): EventOf<'RoleGranted'>['payload'] => ({
  role_binding_id: `2QnBvYb4ZJk9eTfMhXgPcRsAd${user_id.length}${number}`,
  role_id,
  scope: 'project',
  user_id,
  project_id: 'blue',
});
const ada = bindingOf('ada', 'project:owner');
const grace = bindingOf('grace', 'project:owner');
const alan = bindingOf('alan1', 'project:viewer');
const granted = (payload: EventOf<'RoleGranted'>['payload']): EventOf<'RoleGranted'> => ({ type: 'RoleGranted', payload });
const revoked = (payload: EventOf<'RoleRevoked'>['payload']): EventOf<'RoleRevoked'> => ({ type: 'RoleRevoked', payload });
const grant = (binding: EventOf<'RoleGranted'>['payload']) => ({ type: 'GrantRole', binding }) as const;
const revoke = ({ role_binding_id }: { role_binding_id: string }) => ({ type: 'RevokeRole', role_binding_id }) as const;

describe('granting a role', () => {
  it('records the binding, with the time of its grant', () => {
    given().when(grant(ada)).thenEvents(granted(ada));
    expect(given(granted(ada)).state.bindings).toEqual({ [ada.role_binding_id]: { ...ada, created_at: at(0) } });
  });

  it('decides nothing for the same binding again', () => {
    given().when(grant(ada), grant(ada)).thenNothing();
  });

  it('is a conflict that names the binding when the user has the role by another', () => {
    given(granted(ada))
      .when(grant(bindingOf('ada', 'project:owner', 2)))
      .thenRejected('conflict', new RegExp(`ada has role project:owner already, by binding ${ada.role_binding_id}`));
  });

  it('gives a user a second role', () => {
    const second = bindingOf('ada', 'project:viewer', 2);
    given(granted(ada)).when(grant(second)).thenEvents(granted(second));
    expect(rolesOf(given(granted(ada), granted(second), granted(alan)).state, 'ada')).toEqual([
      'project:owner',
      'project:viewer',
    ]);
  });

  it('gives a revoked role again', () => {
    given(granted(ada), granted(alan), revoked(alan)).when(grant(alan)).thenEvents(granted(alan));
  });
});

describe('revoking a role', () => {
  it('records the whole binding, without the time of its grant', () => {
    given(granted(ada), granted(alan)).when(revoke(alan)).thenEvents(revoked(alan));
    expect(rolesOf(given(granted(ada), granted(alan), revoked(alan)).state, alan.user_id)).toEqual([]);
  });

  it('is not found for a binding that is not there, the second time included', () => {
    given()
      .when(revoke(ada))
      .thenRejected('not_found', /no such role binding/);
    given(granted(ada), granted(alan))
      .when(revoke(alan), revoke(alan))
      .thenRejected('not_found', /no such role binding/);
  });

  it('never takes the last owner', () => {
    given(granted(ada), granted(alan))
      .when(revoke(ada))
      .thenRejected('conflict', /ada is the last owner of project blue: grant another owner first/);
  });

  it('takes a role that is held globally, even the only one: no project loses its owner', () => {
    const { project_id: _, ...everywhere } = { ...ada, scope: 'global' as const };
    given(granted(everywhere)).when(revoke(everywhere)).thenEvents(revoked(everywhere));
  });

  it('takes one of two owners, and then not the other', () => {
    given(granted(ada), granted(grace)).when(revoke(ada)).thenEvents(revoked(ada));
    given(granted(ada), granted(grace))
      .when(revoke(ada), revoke(grace))
      .thenRejected('conflict', /grace is the last owner/);
  });
});

it('has no roles for someone unknown', () => {
  expect(rolesOf(given(granted(ada)).state, 'mallory')).toEqual([]);
});
