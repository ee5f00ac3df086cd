import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { ScheduledSession, streams } from '#contracts';
import { scheduledSession } from '#domain';
import { NO_PROGRESS, presentSchedule, scheduledSessions, scheduleProgressOf } from '#projections';
import { equals } from '#read-store';
import { Aggregates } from '../support/aggregates.js';
import { Derived } from '../support/derived.js';
import { History, type HistoryRange } from '../support/history.js';
import { listKind, type ListQuery } from '../support/list-query.js';
import { Lists, type ListAnswer } from '../support/lists.js';
import type { Single } from '../support/single.js';
import { PastProgress } from './past-progress.js';

export const SCHEDULED_SESSIONS = listKind('ScheduledSessionList', scheduledSessions, ScheduledSession);

/** The schedule of a project, for {@link Aggregates}. */
export const scheduleIn = (projectId: string, id: string) => ({
  decider: scheduledSession,
  stream: streams.scheduledSession(id),
  what: 'scheduled session',
  projectId,
});

export class ListScheduledSessions extends Query<ListAnswer> {
  constructor(
    readonly projectId: string,
    readonly query: ListQuery,
  ) {
    super();
  }
}

@QueryHandler(ListScheduledSessions)
export class ListScheduledSessionsHandler implements IQueryHandler<ListScheduledSessions> {
  constructor(@Inject(Lists) private readonly lists: Lists) {}

  async execute({ projectId, query }: ListScheduledSessions): Promise<ListAnswer> {
    const freshness = await this.lists.freshness(query);
    return this.lists.answer({ list: SCHEDULED_SESSIONS, query, scope: equals('project_id', projectId), freshness });
  }
}

export class GetScheduledSession extends Query<Single<ScheduledSession>> {
  constructor(
    readonly projectId: string,
    readonly id: string,
    /** Milliseconds since 1970; now, when it is left out. */
    readonly asOf: number | undefined,
  ) {
    super();
  }
}

@QueryHandler(GetScheduledSession)
export class GetScheduledSessionHandler implements IQueryHandler<GetScheduledSession> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(Derived) private readonly derived: Derived,
    @Inject(PastProgress) private readonly past: PastProgress,
  ) {}

  async execute({ projectId, id, asOf }: GetScheduledSession): Promise<Single<ScheduledSession>> {
    if (asOf !== undefined) {
      const schedule = await this.aggregates.asOf(scheduleIn(projectId, id), asOf);
      return { resource: presentSchedule(schedule, await this.past.of(id, asOf)) };
    }
    const { document } = await this.derived.read(scheduledSessions, id);
    const { value, revision } = await this.aggregates.present(scheduleIn(projectId, id));
    return { resource: presentSchedule(value, document ? scheduleProgressOf(document) : NO_PROGRESS), revision };
  }
}

/** The events of a schedule, also of one that was deleted. */
export class ScheduledSessionHistory extends Query<string> {
  constructor(
    readonly projectId: string,
    readonly id: string,
    readonly range: HistoryRange,
  ) {
    super();
  }
}

@QueryHandler(ScheduledSessionHistory)
export class ScheduledSessionHistoryHandler implements IQueryHandler<ScheduledSessionHistory> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(History) private readonly history: History,
  ) {}

  async execute({ projectId, id, range }: ScheduledSessionHistory): Promise<string> {
    await this.aggregates.known(scheduleIn(projectId, id));
    return this.history.list(streams.scheduledSession(id), range);
  }
}
