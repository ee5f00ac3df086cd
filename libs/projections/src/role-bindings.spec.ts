import { expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { idFor, occurred } from '../testing/index.js';
import { roleBindingDocument } from './role-bindings.js';

const id = idFor('binding');
const at = '2026-01-01T00:00:00.000Z';
const binding = { role_id: 'project:owner', scope: 'project', user_id: 'ann', project_id: 'blue' } as const;
const payload = { role_binding_id: id, ...binding };

it('shows a role that was granted', () => {
  expect(roleBindingDocument(occurred(streams.access('blue'), 3, 'RoleGranted', payload))).toEqual({
    body: { id, kind: 'RoleBinding', href: `/api/ambient/v1/role_bindings/${id}`, created_at: at, updated_at: at, ...binding },
    state: { revision: 3, project_id: 'blue' },
  });
});

it('leaves a tombstone of a role that was revoked', () => {
  const revoked = roleBindingDocument(occurred(streams.access('blue'), 4, 'RoleRevoked', payload));
  expect(revoked).toEqual({ body: undefined, state: { revision: 4, project_id: 'blue' } });
});

it('shows a role on the whole platform, which belongs to no project', () => {
  const platform = { role_binding_id: id, role_id: 'platform:admin', scope: 'global', user_id: 'ann' } as const;
  const { body, state } = roleBindingDocument(occurred(streams.platformAccess, 0, 'RoleGranted', platform));
  expect(body).toMatchObject({ role_id: 'platform:admin', scope: 'global' });
  expect([body && 'project_id' in body, state.project_id]).toEqual([false, undefined]);
});
