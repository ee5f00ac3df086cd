import { Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Session } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { historyRange } from '../support/history.js';
import { parseListQuery } from '../support/list-query.js';
import { jsonText, listAnswer } from '../support/lists.js';
import { instantOf, textOf, type Parameters } from '../support/parameters.js';
import { withETag } from '../support/single.js';
import { oldestFirst } from './conditions.js';
import { ExportSession } from './export.query.js';
import { GetSession, ListSessions, SessionDetail, SessionHistory, SESSIONS } from './session.queries.js';

@Controller()
export class SessionsController {
  constructor(@Inject(QueryBus) private readonly bus: QueryBus) {}

  @Handles('sessions.list')
  async list(
    @Context() context: RequestContext,
    @Query() parameters: Parameters,
    @Headers('x-ambient-project') project: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const projectId = textOf(parameters, 'project_id') ?? (project || undefined);
    return listAnswer(reply, await this.bus.execute(new ListSessions(context, projectId, parseListQuery(parameters, SESSIONS))));
  }

  @Handles('sessions.get')
  async get(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    return withETag(reply, await this.bus.execute(new GetSession(context, id, instantOf(parameters, 'as_of'))));
  }

  @Handles('sessions.workflow')
  async workflow(@Param('id') id: string): Promise<{ workflow: unknown }> {
    return { workflow: (await this.bus.execute(new SessionDetail(id, 'workflow_id'))) ?? null };
  }

  @Handles('sessions.podEvents')
  async podEvents(@Param('id') id: string): Promise<unknown[]> {
    return oldestFirst(((await this.bus.execute(new SessionDetail(id, 'conditions'))) ?? []) as unknown[]);
  }

  @Handles('sessions.history')
  async history(
    @Param('id') id: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return jsonText(reply, await this.bus.execute(new SessionHistory(id, historyRange(parameters))));
  }

  @Handles('sessions.export')
  async export(@Context() context: RequestContext, @Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    const pieces = await this.bus.execute(new ExportSession(context, id));
    await reply.type('application/json; charset=utf-8').send(Readable.from(pieces));
  }
}
