import { Controller, Header, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { Agent } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { SESSIONS } from '../sessions/session.queries.js';
import { parseListQuery } from '../support/list-query.js';
import { listAnswer } from '../support/lists.js';
import { textOf, type Parameters } from '../support/parameters.js';
import { withETag } from '../support/single.js';
import { AGENTS, GetAgent, ListAgents, ListSessionsOfAgent, PreviewPrompt } from './agent.queries.js';

@Controller()
export class AgentsController {
  constructor(@Inject(QueryBus) private readonly bus: QueryBus) {}

  @Handles('agents.list')
  async list(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return listAnswer(reply, await this.bus.execute(new ListAgents(context, projectId, parseListQuery(parameters, AGENTS))));
  }

  @Handles('agents.get')
  async get(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('agent_id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Agent> {
    return withETag(reply, await this.bus.execute(new GetAgent(context, projectId, id)));
  }

  @Handles('agents.preview')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  preview(
    @Param('project_id') projectId: string,
    @Param('agent_id') id: string,
    @Query() parameters: Parameters,
  ): Promise<string> {
    return this.bus.execute(new PreviewPrompt(projectId, id, textOf(parameters, 'prompt')));
  }

  @Handles('agents.sessions')
  async sessions(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('agent_id') id: string,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const query = parseListQuery(parameters, SESSIONS);
    return listAnswer(reply, await this.bus.execute(new ListSessionsOfAgent(context, projectId, id, query)));
  }
}
