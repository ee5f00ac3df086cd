/** What a caller may see of the lists that no project confines, as filters: a page is never thinned out afterwards. */
import { Inject, Injectable } from '@nestjs/common';
import { meets, type Principal } from '#access';
import type { Need, RoleBinding } from '#contracts';
import { roleBindings } from '#projections';
import { allOf, equals, type Filter, type ReadStore } from '#read-store';
import { Caller, CallerRoles, notFoundProblem } from '#service';
import { bodyOf, type Freshness } from './lists.js';
import type { WithSecrets } from './secrets.js';
import { READ_STORE } from './tokens.js';

const BINDINGS_AT_ONCE = 500;

const anyOf = (...filters: readonly Filter[]): Filter => ({ kind: 'or', filters });
const oneOf = (field: string, values: readonly string[]): Filter => ({ kind: 'in', field, values });

@Injectable()
export class Visibility {
  constructor(
    @Inject(CallerRoles) private readonly callerRoles: CallerRoles,
    @Inject(READ_STORE) private readonly reads: ReadStore,
  ) {}

  /** Undefined: all of them. */
  async projects(caller: Caller, freshness: Freshness): Promise<Filter | undefined> {
    return caller.may('viewer') ? undefined : oneOf('id', await this.#projectsOf(caller.principal, 'viewer', freshness));
  }

  /** Sessions of the projects that the caller may see, and those of no project that the caller made. */
  async sessions(caller: Caller, freshness: Freshness): Promise<Filter | undefined> {
    if (caller.may('viewer')) return undefined;
    const own = allOf({ kind: 'isNull', field: 'project_id' }, equals('created_by_user_id', caller.principal.id));
    return anyOf(oneOf('project_id', await this.#projectsOf(caller.principal, 'viewer', freshness)), own);
  }

  /** Bindings of the projects that the caller owns, and the caller's own. */
  async roleBindings(caller: Caller, freshness: Freshness): Promise<Filter | undefined> {
    if (caller.may('owner')) return undefined;
    const owned = await this.#projectsOf(caller.principal, 'owner', freshness);
    return anyOf(oneOf('project_id', owned), equals('user_id', caller.principal.id));
  }

  /** @throws {Problem} 404 unless the project is there and the caller may look at it */
  async demandProject({ principal }: Caller, projectId: string): Promise<void> {
    const roles = await this.callerRoles.inProject(principal, projectId);
    if (!meets('viewer', roles) || !(await this.callerRoles.projectExists(projectId))) throw notFoundProblem('project');
  }

  /** The caller with the roles that hold in a project. */
  async inProject({ principal }: Caller, projectId: string): Promise<Caller> {
    return new Caller(principal, await this.callerRoles.inProject(principal, projectId));
  }

  /** The caller with the roles that hold for each session of a list; a project's are looked up once. */
  forSessions({ principal }: Caller): (session: WithSecrets) => Promise<Caller> {
    const known = new Map<string, Promise<Caller>>();
    const rolesFor = async ({ project_id, created_by_user_id = '' }: WithSecrets): Promise<Caller> =>
      new Caller(principal, await this.callerRoles.forSession(principal, { project_id, created_by_user_id }));
    return session => {
      if (session.project_id === undefined) return rolesFor(session);
      const caller = known.get(session.project_id) ?? rolesFor(session);
      known.set(session.project_id, caller);
      return caller;
    };
  }

  /** Where bindings give the caller a role that meets the need. A role that was taken away is gone at once, however old the read model is. */
  async #projectsOf(principal: Principal, need: Need, { current }: Freshness): Promise<string[]> {
    const projects = new Set<string>();
    for await (const { role_id, project_id } of this.#bindingsOf(principal)) {
      if (project_id !== undefined && meets(need, [role_id])) projects.add(project_id);
    }
    if (current) return [...projects];
    const held = await Promise.all([...projects].map(async id => meets(need, await this.callerRoles.inProject(principal, id))));
    return [...projects].filter((_, index) => held[index]);
  }

  async *#bindingsOf({ id }: Principal): AsyncGenerator<RoleBinding> {
    const query = { collection: roleBindings.name, filter: equals('user_id', id), orderBy: [], limit: BINDINGS_AT_ONCE };
    for (let offset = 0; ; offset += BINDINGS_AT_ONCE) {
      const { documents } = await this.reads.live.find({ ...query, offset });
      yield* documents.map(document => JSON.parse(bodyOf(document)) as RoleBinding);
      if (documents.length < BINDINGS_AT_ONCE) return;
    }
  }
}
