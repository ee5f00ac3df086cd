import type { CallOptions, ChangeOptions, PostOptions } from '../options.js';
import { eventsOf, itemsOf } from '../pages.js';
import type {
  AllQuery,
  Backfill,
  Backfilled,
  Explanation,
  ListQuery,
  LogEvent,
  RunItem,
  RunList,
  ScheduledSession,
  ScheduledSessionAction,
  ScheduledSessionActions,
  ScheduledSessionChanges,
  ScheduledSessionCreate,
  ScheduledSessionList,
  Trigger,
  Triggered,
  UpcomingQuery,
  UpcomingTicks,
} from '../types.js';
import { answer, BASE, done, init, type Http } from '../wire.js';

const LIST = `${BASE}/projects/{project_id}/scheduled-sessions` as const;
const ONE = `${LIST}/{id}` as const;
const SUSPEND = `${ONE}/suspend` as const;
const RESUME = `${ONE}/resume` as const;
const TRIGGER = `${ONE}/trigger` as const;
const RUNS = `${ONE}/runs` as const;
const UPCOMING = `${ONE}/upcoming` as const;
const EXPLAIN = `${ONE}/explain` as const;
const BACKFILL = `${ONE}/backfill` as const;
const ACTIONS = `${LIST}/actions` as const;
const HISTORY = `${ONE}/history` as const;
const of = (project_id: string) => ({ project_id });
const at = (project_id: string, id: string) => ({ path: { project_id, id } });

/** The schedules of a project. */
export class ScheduledSessions {
  constructor(private readonly http: Http) {}

  /** One page. */
  list(project: string, query: ListQuery = {}, options?: CallOptions): Promise<ScheduledSessionList> {
    return answer(this.http.GET(LIST, { params: { path: of(project), query }, ...init(options) }));
  }

  /** All of them. */
  all(project: string, query: AllQuery<ListQuery> = {}, options?: CallOptions): AsyncGenerator<ScheduledSession> {
    return itemsOf((page, size) => this.list(project, { ...query, page, size }, options));
  }

  /** A schedule, now or as of an instant (RFC 3339). */
  get(project: string, id: string, { as_of, ...options }: CallOptions & { as_of?: string } = {}): Promise<ScheduledSession> {
    return answer(this.http.GET(ONE, { params: { ...at(project, id), query: { as_of } }, ...init(options) }));
  }

  create(project: string, body: ScheduledSessionCreate, options?: PostOptions): Promise<ScheduledSession> {
    return answer(this.http.POST(LIST, { params: { path: of(project) }, body, ...init(options) }));
  }

  update(project: string, id: string, body: ScheduledSessionChanges, options?: ChangeOptions): Promise<ScheduledSession> {
    return answer(this.http.PATCH(ONE, { params: at(project, id), body, ...init(options) }));
  }

  delete(project: string, id: string, options?: ChangeOptions): Promise<void> {
    return done(this.http.DELETE(ONE, { params: at(project, id), ...init(options) }));
  }

  /** Stops firing. */
  suspend(project: string, id: string, body: { reason?: string } = {}, options?: PostOptions): Promise<ScheduledSession> {
    return answer(this.http.POST(SUSPEND, { params: at(project, id), body, ...init(options) }));
  }

  /** Fires again. */
  resume(project: string, id: string, body: { reason?: string } = {}, options?: PostOptions): Promise<ScheduledSession> {
    return answer(this.http.POST(RESUME, { params: at(project, id), body, ...init(options) }));
  }

  /** Fires now, also when suspended. */
  trigger(project: string, id: string, body: Trigger = {}, options?: PostOptions): Promise<Triggered> {
    return answer(this.http.POST(TRIGGER, { params: at(project, id), body, ...init(options) }));
  }

  /** Runs for ticks of the past; with `dry_run` only says which. */
  backfill(project: string, id: string, body: Backfill, options?: PostOptions): Promise<Backfilled> {
    return answer(this.http.POST(BACKFILL, { params: at(project, id), body, ...init(options) }));
  }

  /** One action on all schedules that a search finds. */
  actions(project: string, body: ScheduledSessionAction, options?: PostOptions): Promise<ScheduledSessionActions> {
    return answer(this.http.POST(ACTIONS, { params: { path: of(project) }, body, ...init(options) }));
  }

  /** One page of what became of each tick and trigger, newest first. */
  runs(project: string, id: string, query: ListQuery = {}, options?: CallOptions): Promise<RunList> {
    return answer(this.http.GET(RUNS, { params: { ...at(project, id), query }, ...init(options) }));
  }

  /** All runs, newest first. */
  allRuns(project: string, id: string, query: AllQuery<ListQuery> = {}, options?: CallOptions): AsyncGenerator<RunItem> {
    return itemsOf((page, size) => this.runs(project, id, { ...query, page, size }, options));
  }

  /** The next ticks. */
  upcoming(project: string, id: string, query: UpcomingQuery = {}, options?: CallOptions): Promise<UpcomingTicks> {
    return answer(this.http.GET(UPCOMING, { params: { ...at(project, id), query }, ...init(options) }));
  }

  /** What became, or will become, of it at an instant (RFC 3339; default now), and why. */
  explain(project: string, id: string, query: { at?: string } = {}, options?: CallOptions): Promise<Explanation> {
    return answer(this.http.GET(EXPLAIN, { params: { ...at(project, id), query }, ...init(options) }));
  }

  /** Its events, oldest first. */
  history(project: string, id: string, options?: CallOptions): AsyncGenerator<LogEvent> {
    return eventsOf((after, limit) =>
      answer(this.http.GET(HISTORY, { params: { ...at(project, id), query: { after, limit } }, ...init(options) })),
    );
  }
}
