import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Role, RoleBinding, streams } from '#contracts';
import { access } from '#domain';
import { Journal } from '#journal';
import { roleBindings, type OwnState } from '#projections';
import { notFoundProblem, Problem, type RequestContext } from '#service';
import { Derived } from '../support/derived.js';
import { listKind, type ListQuery } from '../support/list-query.js';
import { Lists, type ListAnswer } from '../support/lists.js';
import type { Single } from '../support/single.js';
import { Visibility } from '../support/visibility.js';
import { RoleCatalog, roles } from './roles.js';

export const ROLE_LIST = listKind('RoleList', roles, Role, [{ field: 'id', direction: 'asc' }]);
export const ROLE_BINDINGS = listKind('RoleBindingList', roleBindings, RoleBinding);

/** The roles are the same always: nothing to wait for. */
export class ListRoles extends Query<ListAnswer> {
  constructor(readonly query: ListQuery) {
    super();
  }
}

@QueryHandler(ListRoles)
export class ListRolesHandler implements IQueryHandler<ListRoles> {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(RoleCatalog) private readonly catalog: RoleCatalog,
  ) {}

  execute({ query }: ListRoles): Promise<ListAnswer> {
    return this.lists.answer({ list: ROLE_LIST, query, freshness: { current: true }, from: this.catalog.documents });
  }
}

export class ListRoleBindings extends Query<ListAnswer> {
  constructor(
    readonly context: RequestContext,
    readonly query: ListQuery,
  ) {
    super();
  }
}

@QueryHandler(ListRoleBindings)
export class ListRoleBindingsHandler implements IQueryHandler<ListRoleBindings> {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Visibility) private readonly visibility: Visibility,
  ) {}

  async execute({ context, query }: ListRoleBindings): Promise<ListAnswer> {
    const freshness = await this.lists.freshness(query);
    const scope = await this.visibility.roleBindings(context.caller, freshness);
    return this.lists.answer({ list: ROLE_BINDINGS, query, scope, freshness });
  }
}

export class GetRoleBinding extends Query<Single<RoleBinding>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(GetRoleBinding)
export class GetRoleBindingHandler implements IQueryHandler<GetRoleBinding> {
  constructor(
    @Inject(Derived) private readonly derived: Derived,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(Visibility) private readonly visibility: Visibility,
  ) {}

  async execute({ context, id }: GetRoleBinding): Promise<Single<RoleBinding>> {
    const { document, current } = await this.derived.read(roleBindings, id);
    // Only the read model knows in which stream a binding stands.
    if (!document && !current)
      throw new Problem(503, 'the read model is behind and does not know this yet', undefined, { 'Retry-After': '1' });
    if (document?.json === undefined) throw notFoundProblem('role binding');
    const binding = JSON.parse(document.json) as RoleBinding;
    if (!(await this.#isHeld(binding)) || !(await this.#mayLookAt(binding, context))) throw notFoundProblem('role binding');
    return { resource: binding, revision: (JSON.parse(document.state) as OwnState).revision };
  }

  async #isHeld({ id, project_id }: RoleBinding): Promise<boolean> {
    const { state } = await this.journal.load(
      access,
      project_id === undefined ? streams.platformAccess : streams.access(project_id),
    );
    return id in state.bindings;
  }

  async #mayLookAt({ user_id, project_id }: RoleBinding, { caller }: RequestContext): Promise<boolean> {
    if (caller.may('owner') || user_id === caller.principal.id) return true;
    return project_id !== undefined && (await this.visibility.inProject(caller, project_id)).may('owner');
  }
}
