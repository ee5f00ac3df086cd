/** What a proxy that runs alone asks about a caller. */
import Type, { type Static } from 'typebox';
import { RoleId } from '../resources/role-binding.js';
import type { Route } from './routes.js';

export const CallerRolesAnswer = Type.Object({
  /** False where there never was such a project or session. */
  found: Type.Boolean(),
  /** By role bindings, platform-wide ones included. */
  roles: Type.Array(RoleId),
  /** Of the session, where it belongs to one. */
  project_id: Type.Optional(Type.String()),
});
export type CallerRolesAnswer = Static<typeof CallerRolesAnswer>;

/**
 * Roles of a user in a project, for a session, or, with neither, platform-wide. Between services of the project, and so not in the route table:
 * what is not there does not pass the door, and no document tells of it.
 */
export const CALLER_ROLES = {
  id: 'access.callerRoles',
  method: 'GET',
  path: '//internal/caller-roles',
  service: 'query',
  needs: 'service',
  scope: 'none',
  answer: CallerRolesAnswer,
  query: { user: Type.String(), project_id: Type.String(), session_id: Type.String() },
  status: 200,
  summary: 'Roles of a user in a project, for a session, or platform-wide',
} as const satisfies Route;
