import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Session, streams } from '#contracts';
import { session, withoutNulls, type SessionValue } from '#domain';
import { sessions } from '#projections';
import { equals, type Filter } from '#read-store';
import type { RequestContext } from '#service';
import { Aggregates } from '../support/aggregates.js';
import { History, type HistoryRange } from '../support/history.js';
import { listKind, type ListQuery } from '../support/list-query.js';
import { Lists, type Freshness, type ListAnswer } from '../support/lists.js';
import { Secrets } from '../support/secrets.js';
import type { Single } from '../support/single.js';
import { Visibility } from '../support/visibility.js';
import { LastActivity } from './last-activity.js';

export const SESSIONS = listKind('SessionList', sessions, Session);

/** The session for {@link Aggregates}. That the caller may look at it, the guard has seen. */
export const sessionAt = (id: string) => ({ decider: session, stream: streams.session(id), what: 'session' });

export class ListSessions extends Query<ListAnswer> {
  constructor(
    readonly context: RequestContext,
    /** Of this project only. */
    readonly projectId: string | undefined,
    readonly query: ListQuery,
  ) {
    super();
  }
}

@QueryHandler(ListSessions)
export class ListSessionsHandler implements IQueryHandler<ListSessions> {
  constructor(
    @Inject(Lists) private readonly lists: Lists,
    @Inject(Secrets) private readonly secrets: Secrets,
    @Inject(Visibility) private readonly visibility: Visibility,
  ) {}

  async execute({ context, projectId, query }: ListSessions): Promise<ListAnswer> {
    const { caller } = context;
    if (projectId !== undefined) await this.visibility.demandProject(caller, projectId);
    const freshness = await this.lists.freshness(query);
    return this.lists.answer({
      list: SESSIONS,
      query,
      scope: await this.#scope(context, projectId, freshness),
      freshness,
      present: documents => this.secrets.shownTexts(documents, this.visibility.forSessions(caller)),
    });
  }

  async #scope({ caller }: RequestContext, projectId: string | undefined, freshness: Freshness): Promise<Filter | undefined> {
    return projectId === undefined ? this.visibility.sessions(caller, freshness) : equals('project_id', projectId);
  }
}

export class GetSession extends Query<Single<Session>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
    /** Milliseconds since 1970; now, when it is left out. */
    readonly asOf: number | undefined,
  ) {
    super();
  }
}

@QueryHandler(GetSession)
export class GetSessionHandler implements IQueryHandler<GetSession> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(LastActivity) private readonly activity: LastActivity,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  async execute({ context, id, asOf }: GetSession): Promise<Single<Session>> {
    const { value, revision } = asOf === undefined ? await this.aggregates.present(sessionAt(id)) : await this.#past(id, asOf);
    const resource = presentSession(value, await this.activity.of(id, asOf));
    return { resource: this.secrets.shown(resource, context.caller), revision };
  }

  async #past(id: string, asOf: number): Promise<{ value: SessionValue; revision?: number }> {
    return { value: await this.aggregates.asOf(sessionAt(id), asOf) };
  }
}

/** The session as the API answers it. */
export const presentSession = ({ run_id: _, ...resource }: SessionValue, last_activity_at: string | undefined): Session =>
  withoutNulls({ ...resource, last_activity_at });

/** A member of the session that is JSON as text; undefined when it has none. */
export class SessionDetail extends Query<unknown> {
  constructor(
    readonly id: string,
    readonly member: 'workflow_id' | 'conditions',
  ) {
    super();
  }
}

@QueryHandler(SessionDetail)
export class SessionDetailHandler implements IQueryHandler<SessionDetail> {
  constructor(@Inject(Aggregates) private readonly aggregates: Aggregates) {}

  async execute({ id, member }: SessionDetail): Promise<unknown> {
    const text = (await this.aggregates.present(sessionAt(id))).value[member];
    return text === undefined ? undefined : JSON.parse(text);
  }
}

/** The events of a session, also of one that was deleted. */
export class SessionHistory extends Query<string> {
  constructor(
    readonly id: string,
    readonly range: HistoryRange,
  ) {
    super();
  }
}

@QueryHandler(SessionHistory)
export class SessionHistoryHandler implements IQueryHandler<SessionHistory> {
  constructor(@Inject(History) private readonly history: History) {}

  execute({ id, range }: SessionHistory): Promise<string> {
    return this.history.list(streams.session(id), range);
  }
}
