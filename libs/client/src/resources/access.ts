import type { CallOptions, ChangeOptions, PostOptions } from '../options.js';
import { itemsOf } from '../pages.js';
import type { AllQuery, ListQuery, Role, RoleBinding, RoleBindingCreate, RoleBindingList, RoleList } from '../types.js';
import { answer, BASE, done, init, type Http } from '../wire.js';

const ROLES = `${BASE}/roles` as const;
const LIST = `${BASE}/role_bindings` as const;
const ONE = `${LIST}/{id}` as const;
const at = (id: string) => ({ path: { id } });

/** Who may what. */
export class RoleBindings {
  constructor(private readonly http: Http) {}

  /** One page of those of projects that the caller owns. */
  list(query: ListQuery = {}, options?: CallOptions): Promise<RoleBindingList> {
    return answer(this.http.GET(LIST, { params: { query }, ...init(options) }));
  }

  /** All of them. */
  all(query: AllQuery<ListQuery> = {}, options?: CallOptions): AsyncGenerator<RoleBinding> {
    return itemsOf((page, size) => this.list({ ...query, page, size }, options));
  }

  get(id: string, options?: CallOptions): Promise<RoleBinding> {
    return answer(this.http.GET(ONE, { params: at(id), ...init(options) }));
  }

  /** Grants a role. */
  create(body: RoleBindingCreate, options?: PostOptions): Promise<RoleBinding> {
    return answer(this.http.POST(LIST, { body, ...init(options) }));
  }

  /** Revokes it. */
  delete(id: string, options?: ChangeOptions): Promise<void> {
    return done(this.http.DELETE(ONE, { params: at(id), ...init(options) }));
  }

  /** One page of the roles there are. */
  roles(query: ListQuery = {}, options?: CallOptions): Promise<RoleList> {
    return answer(this.http.GET(ROLES, { params: { query }, ...init(options) }));
  }

  /** All roles there are. */
  allRoles(query: AllQuery<ListQuery> = {}, options?: CallOptions): AsyncGenerator<Role> {
    return itemsOf((page, size) => this.roles({ ...query, page, size }, options));
  }
}
