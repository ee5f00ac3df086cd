import type { CallOptions, ChangeOptions, PostOptions } from '../options.js';
import { itemsOf } from '../pages.js';
import type { AllQuery, ListQuery, Project, ProjectChanges, ProjectCreate, ProjectList } from '../types.js';
import { answer, BASE, done, init, type Http } from '../wire.js';

const LIST = `${BASE}/projects` as const;
const ONE = `${LIST}/{project_id}` as const;
const at = (project_id: string) => ({ path: { project_id } });

/** Projects. The id of a project is its name. */
export class Projects {
  constructor(private readonly http: Http) {}

  /** One page of those the caller may see. */
  list(query: ListQuery = {}, options?: CallOptions): Promise<ProjectList> {
    return answer(this.http.GET(LIST, { params: { query }, ...init(options) }));
  }

  /** All of them. */
  all(query: AllQuery<ListQuery> = {}, options?: CallOptions): AsyncGenerator<Project> {
    return itemsOf((page, size) => this.list({ ...query, page, size }, options));
  }

  get(id: string, options?: CallOptions): Promise<Project> {
    return answer(this.http.GET(ONE, { params: at(id), ...init(options) }));
  }

  /** The caller becomes its owner. */
  create(body: ProjectCreate, options?: PostOptions): Promise<Project> {
    return answer(this.http.POST(LIST, { body, ...init(options) }));
  }

  update(id: string, body: ProjectChanges, options?: ChangeOptions): Promise<Project> {
    return answer(this.http.PATCH(ONE, { params: at(id), body, ...init(options) }));
  }

  delete(id: string, options?: ChangeOptions): Promise<void> {
    return done(this.http.DELETE(ONE, { params: at(id), ...init(options) }));
  }
}
