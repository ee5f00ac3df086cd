import { hrefs, type Occurred } from '#contracts';
import { access, type AccessEvent } from '#domain';
import type { RoleBindingDocument } from './documents.js';

/** The binding after it was granted or revoked. Its stream holds all bindings of the project. */
export function roleBindingDocument(event: Occurred<AccessEvent>): RoleBindingDocument {
  const id = event.payload.role_binding_id;
  const binding = access.evolve(access.initial, event).bindings[id];
  const state = { revision: event.revision, project_id: event.payload.project_id };
  if (!binding) return { body: undefined, state };
  const { role_binding_id: _, created_at, ...fields } = binding;
  return { body: { id, kind: 'RoleBinding', href: hrefs.roleBinding(id), created_at, updated_at: created_at, ...fields }, state };
}
