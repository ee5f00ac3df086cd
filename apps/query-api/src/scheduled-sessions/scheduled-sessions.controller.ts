import { Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { Explanation, ScheduledSession } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { historyRange } from '../support/history.js';
import { parseListQuery } from '../support/list-query.js';
import { jsonText, listAnswer, withLag } from '../support/lists.js';
import { instantOf, writableInstantOf, wholeNumberOf, type Parameters } from '../support/parameters.js';
import { withETag } from '../support/single.js';
import { ExplainSchedule } from './explain/explain.query.js';
import { ListRuns, RUNS } from './runs.query.js';
import {
  GetScheduledSession,
  ListScheduledSessions,
  ScheduledSessionHistory,
  SCHEDULED_SESSIONS,
} from './scheduled-session.queries.js';
import { UpcomingTicks, type Upcoming } from './upcoming.query.js';

const DEFAULT_TICKS = 10;
const MAX_TICKS = 1000;

@Controller()
export class ScheduledSessionsController {
  constructor(@Inject(QueryBus) private readonly bus: QueryBus) {}

  @Handles('scheduledSessions.list')
  async list(
    @Param('project_id') projectId: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const query = parseListQuery(parameters, SCHEDULED_SESSIONS);
    return listAnswer(reply, await this.bus.execute(new ListScheduledSessions(projectId, query)));
  }

  @Handles('scheduledSessions.get')
  async get(
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduledSession> {
    return withETag(reply, await this.bus.execute(new GetScheduledSession(projectId, id, instantOf(parameters, 'as_of'))));
  }

  @Handles('scheduledSessions.runs')
  async runs(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return listAnswer(reply, await this.bus.execute(new ListRuns(context, projectId, id, parseListQuery(parameters, RUNS))));
  }

  @Handles('scheduledSessions.upcoming')
  upcoming(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Query() parameters: Parameters,
  ): Promise<Upcoming> {
    const count = wholeNumberOf(parameters, 'count', { from: 1, to: MAX_TICKS }) ?? DEFAULT_TICKS;
    const after = instantOf(parameters, 'after') ?? context.now;
    return this.bus.execute(new UpcomingTicks(projectId, id, count, after));
  }

  @Handles('scheduledSessions.explain')
  async explain(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Explanation> {
    const at = writableInstantOf(parameters, 'at') ?? context.now;
    const { explanation, lagEvents } = await this.bus.execute(new ExplainSchedule(projectId, id, at, context.now));
    return withLag(reply, explanation, lagEvents);
  }

  @Handles('scheduledSessions.history')
  async history(
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return jsonText(reply, await this.bus.execute(new ScheduledSessionHistory(projectId, id, historyRange(parameters))));
  }
}
