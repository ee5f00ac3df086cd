/** What a role allows: the table of the specification (5-proxy, Permissions) as data, and the few rules over it. */
import { SCOPES, type Need, type RoleBinding, type RoleId } from '#contracts';
import type { Principal } from './principal.js';

/** Needs that no role has to meet: `public` anyone, `user` anyone authenticated. No role meets `service`. */
type RoleNeed = Exclude<Need, 'public' | 'user'>;
type Scope = (typeof SCOPES)[number];

/** The needs that each role meets. */
const MEETS: Readonly<Record<RoleId, readonly RoleNeed[]>> = {
  'platform:admin': ['viewer', 'editor', 'owner', 'writer', 'runtime'],
  'platform:viewer': ['viewer'],
  'project:owner': ['viewer', 'editor', 'owner', 'writer'],
  'project:editor': ['viewer', 'editor', 'writer'],
  'project:viewer': ['viewer'],
  // It reads the sessions that it has to execute.
  runtime: ['viewer', 'writer', 'runtime'],
};

/** Where each role may be bound: a platform's role in one project would promise more than it gives. */
const BINDABLE: Readonly<Record<RoleId, readonly Scope[]>> = {
  'platform:admin': ['global'],
  'platform:viewer': ['global'],
  'project:owner': SCOPES,
  'project:editor': SCOPES,
  'project:viewer': SCOPES,
  runtime: SCOPES,
};

/** What the owner of a project may grant in it: the roles below the own. `runtime` is not one: it speaks for the platform. */
const GRANTED_BY_OWNER: readonly RoleId[] = ['project:editor', 'project:viewer'];
/** An owner may step down, or have a co-owner do so; that one owner stays is for the domain to hold. */
const REVOKED_BY_OWNER: readonly RoleId[] = ['project:owner', ...GRANTED_BY_OWNER];

/** `hidden`: answer 404, as if it did not exist. `forbidden`: answer 403, the caller may know that it exists. */
export type Permission = 'granted' | 'forbidden' | 'hidden';

/** The part of a role binding that permissions depend on. */
export type Binding = Pick<RoleBinding, 'role_id' | 'scope' | 'user_id' | 'project_id'>;

/**
 * The roles of a caller in one project, or, without one, platform-wide: those of the token and those of the bindings that apply.
 * @param bindings of any users and projects
 */
export function rolesOf(principal: Principal, bindings: Iterable<Binding>, projectId?: string): RoleId[] {
  const roles = new Set(principal.roles);
  for (const { role_id, scope, user_id, project_id } of bindings) {
    if (user_id !== principal.id || !isBindable(role_id, scope)) continue;
    if (scope === 'global' || (projectId !== undefined && project_id === projectId)) roles.add(role_id);
  }
  return [...roles];
}

/** True when one of the roles meets the need. */
export const meets = (need: Need, roles: readonly RoleId[]): boolean =>
  need === 'public' || need === 'user' || roles.some(role => MEETS[role].includes(need));

/**
 * Whether an authenticated caller may.
 * @param roles the caller's in the project of the request, platform-wide ones included
 * @param access `read` hides what it refuses; `write` says so to those who may read
 */
export function permit(need: Need, roles: readonly RoleId[], access: 'read' | 'write' = 'write'): Permission {
  if (meets(need, roles)) return 'granted';
  return access === 'write' && meets('viewer', roles) ? 'forbidden' : 'hidden';
}

/** Whether a role can be bound in a scope at all, whoever grants it. */
export const isBindable = (role: RoleId, scope: Scope): boolean => BINDABLE[role].includes(scope);

/**
 * Whether a caller may grant a role: only one below the own, an administrator any.
 * @param granterRoles in the project of the binding, platform-wide ones included
 */
export const mayGrant = (granterRoles: readonly RoleId[], role: RoleId, scope: Scope): boolean =>
  mayBind(granterRoles, role, scope, GRANTED_BY_OWNER);

/** Whether a caller may revoke a binding: as with granting, and an owner also that of an owner. */
export const mayRevoke = (revokerRoles: readonly RoleId[], role: RoleId, scope: Scope): boolean =>
  mayBind(revokerRoles, role, scope, REVOKED_BY_OWNER);

function mayBind(roles: readonly RoleId[], role: RoleId, scope: Scope, byOwner: readonly RoleId[]): boolean {
  if (!isBindable(role, scope)) return false;
  if (roles.includes('platform:admin')) return true;
  return scope === 'project' && roles.includes('project:owner') && byOwner.includes(role);
}
