import { describe, expect, it } from '@jest/globals';
import { ROLES, ROUTES, SCOPES, type Need, type RoleId } from '#contracts';
import { mayGrant, mayRevoke, permit, rolesOf, type Binding, type Permission } from './permissions.js';
import type { Principal } from './principal.js';

const G = 'granted';
const F = 'forbidden';
const H = 'hidden';
type Caller = RoleId | 'nobody';
const CALLERS: readonly Caller[] = ['nobody', ...ROLES];

/** Written out, so that a slip in the data of the permissions shows. Columns: nobody, then the roles in the order of ROLES. */
const EXPECTED: Readonly<Record<Need, readonly Permission[]>> = {
  //         nobody admin p:viewer owner editor viewer runtime
  public: [G, G, G, G, G, G, G],
  user: [G, G, G, G, G, G, G],
  viewer: [H, G, G, G, G, G, G],
  editor: [H, G, F, G, G, F, F],
  owner: [H, G, F, G, F, F, F],
  runtime: [H, G, F, F, F, F, G],
  writer: [H, G, F, G, G, F, G],
  service: [H, F, F, F, F, F, F],
};

const rolesOfCaller = (caller: Caller): RoleId[] => (caller === 'nobody' ? [] : [caller]);

describe('permit', () => {
  describe.each(ROUTES.map(route => [route.id, route] as const))('%s', (_id, { needs, method }) => {
    const access = method === 'GET' ? 'read' : 'write';
    // A read that is refused is hidden.
    const seen = (permission?: Permission) => (permission === F && access === 'read' ? H : permission);
    it.each(CALLERS.map((caller, column) => [caller, seen(EXPECTED[needs][column])] as const))(
      'for %s is %s',
      (caller, expected) => {
        expect(permit(needs, rolesOfCaller(caller), access)).toBe(expected);
      },
    );
  });

  it('hides a read that is refused, also from those who may read the rest', () => {
    expect(permit('owner', ['project:editor'], 'read')).toBe(H);
    expect(permit('owner', ['platform:viewer'], 'read')).toBe(H);
  });

  it('takes the best of several roles', () => {
    expect(permit('editor', ['project:viewer', 'project:editor'])).toBe(G);
    expect(permit('runtime', ['project:owner', 'runtime'])).toBe(G);
  });
});

describe('rolesOf', () => {
  const ann: Principal = { id: 'ann', kind: 'user', roles: [] };
  const binding = (role_id: RoleId, user_id: string, project_id?: string): Binding => ({
    role_id,
    user_id,
    scope: project_id === undefined ? 'global' : 'project',
    project_id,
  });

  it('takes the bindings of this user in this project and the global ones', () => {
    const bindings = [
      binding('project:editor', 'ann', 'red'),
      binding('project:owner', 'ann', 'blue'),
      binding('project:owner', 'bob', 'red'),
      binding('platform:viewer', 'ann'),
    ];
    expect(rolesOf(ann, bindings, 'red')).toEqual(['project:editor', 'platform:viewer']);
    expect(rolesOf(ann, bindings, 'green')).toEqual(['platform:viewer']);
    expect(rolesOf(ann, bindings)).toEqual(['platform:viewer']);
  });

  it('adds them to the roles of the token', () => {
    expect(rolesOf({ ...ann, roles: ['runtime'] }, [binding('project:viewer', 'ann', 'red')], 'red')).toEqual([
      'runtime',
      'project:viewer',
    ]);
  });

  it('gives nothing for a role of the platform bound to one project, and nothing for a project binding without its project', () => {
    expect(rolesOf(ann, [binding('platform:admin', 'ann', 'red')], 'red')).toEqual([]);
    const unnamed: Binding = { role_id: 'project:owner', scope: 'project', user_id: 'ann' };
    expect(rolesOf(ann, [unnamed])).toEqual([]);
  });
});

describe('granting and revoking', () => {
  const all = SCOPES.flatMap(scope => ROLES.map(role => ({ role, scope })));
  const allowed = (roles: RoleId[], rule: typeof mayGrant) =>
    all.filter(({ role, scope }) => rule(roles, role, scope)).map(({ role, scope }) => `${scope} ${role}`);

  it('lets an administrator grant and revoke every role wherever it can be bound', () => {
    const bindable = all.filter(({ role, scope }) => !(role.startsWith('platform:') && scope === 'project'));
    expect(allowed(['platform:admin'], mayGrant)).toHaveLength(bindable.length);
    expect(allowed(['platform:admin'], mayRevoke)).toHaveLength(bindable.length);
    expect(mayGrant(['platform:admin'], 'platform:admin', 'project')).toBe(false);
  });

  it('lets an owner grant the roles below in the project, and revoke owners too', () => {
    expect(allowed(['project:owner'], mayGrant)).toEqual(['project project:editor', 'project project:viewer']);
    expect(allowed(['project:owner'], mayRevoke)).toEqual([
      'project project:owner',
      'project project:editor',
      'project project:viewer',
    ]);
  });

  it.each(CALLERS.filter(caller => caller !== 'platform:admin' && caller !== 'project:owner'))('lets %s do neither', caller => {
    expect(allowed(rolesOfCaller(caller), mayGrant)).toEqual([]);
    expect(allowed(rolesOfCaller(caller), mayRevoke)).toEqual([]);
  });
});
