import type { CallOptions, ChangeOptions, PostOptions } from '../options.js';
import { itemsOf } from '../pages.js';
import type {
  Agent,
  AgentChanges,
  AgentCreate,
  AgentList,
  AgentStarted,
  AllQuery,
  ListQuery,
  Session,
  SessionList,
} from '../types.js';
import { answer, BASE, done, init, type Http } from '../wire.js';

const LIST = `${BASE}/projects/{project_id}/agents` as const;
const ONE = `${LIST}/{agent_id}` as const;
const START = `${ONE}/start` as const;
const SESSIONS = `${ONE}/sessions` as const;
const of = (project_id: string) => ({ project_id });
const at = (project_id: string, agent_id: string) => ({ path: { project_id, agent_id } });

/** The agents of a project. */
export class Agents {
  constructor(private readonly http: Http) {}

  /** One page. */
  list(project: string, query: ListQuery = {}, options?: CallOptions): Promise<AgentList> {
    return answer(this.http.GET(LIST, { params: { path: of(project), query }, ...init(options) }));
  }

  /** All of them. */
  all(project: string, query: AllQuery<ListQuery> = {}, options?: CallOptions): AsyncGenerator<Agent> {
    return itemsOf((page, size) => this.list(project, { ...query, page, size }, options));
  }

  get(project: string, id: string, options?: CallOptions): Promise<Agent> {
    return answer(this.http.GET(ONE, { params: at(project, id), ...init(options) }));
  }

  create(project: string, body: AgentCreate, options?: PostOptions): Promise<Agent> {
    return answer(this.http.POST(LIST, { params: { path: of(project) }, body, ...init(options) }));
  }

  update(project: string, id: string, body: AgentChanges, options?: ChangeOptions): Promise<Agent> {
    return answer(this.http.PATCH(ONE, { params: at(project, id), body, ...init(options) }));
  }

  delete(project: string, id: string, options?: ChangeOptions): Promise<void> {
    return done(this.http.DELETE(ONE, { params: at(project, id), ...init(options) }));
  }

  /** The active session of the agent, or a new one, started; `created` says which. */
  start(project: string, id: string, body: { prompt?: string } = {}, options?: PostOptions): Promise<AgentStarted> {
    return answer(this.http.POST(START, { params: at(project, id), body, ...init(options) }));
  }

  /** The prompt that a start would give: of the project, of the agent, then the task. */
  preview(project: string, id: string, options?: CallOptions): Promise<string> {
    return answer<string>(this.http.GET(START, { params: at(project, id), parseAs: 'text', ...init(options) }));
  }

  /** One page of the sessions of an agent. */
  sessions(project: string, id: string, query: ListQuery = {}, options?: CallOptions): Promise<SessionList> {
    return answer(this.http.GET(SESSIONS, { params: { ...at(project, id), query }, ...init(options) }));
  }

  /** All sessions of an agent. */
  allSessions(project: string, id: string, query: AllQuery<ListQuery> = {}, options?: CallOptions): AsyncGenerator<Session> {
    return itemsOf((page, size) => this.sessions(project, id, { ...query, page, size }, options));
  }
}
