import { Body, Controller, Inject, Param, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import { AgentChanges, AgentCreate, AgentStart, type Agent } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { actionBody, changesBody, createBody } from '../support/body.js';
import { withETag } from '../support/single.js';
import { CreateAgent, DeleteAgent, UpdateAgent } from './agent.commands.js';
import { StartAgent, type StartedAgent } from './start-agent.command.js';

@Controller()
export class AgentsController {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @Handles('agents.create')
  async create(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Agent> {
    return withETag(reply, await this.bus.execute(new CreateAgent(context, projectId, createBody(AgentCreate, body))));
  }

  @Handles('agents.update')
  async update(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('agent_id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Agent> {
    return withETag(reply, await this.bus.execute(new UpdateAgent(context, projectId, id, changesBody(AgentChanges, body))));
  }

  @Handles('agents.delete')
  delete(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('agent_id') id: string,
  ): Promise<void> {
    return this.bus.execute(new DeleteAgent(context, projectId, id));
  }

  @Handles('agents.start')
  start(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('agent_id') id: string,
    @Body() body: unknown,
  ): Promise<StartedAgent> {
    return this.bus.execute(new StartAgent(context, projectId, id, actionBody(AgentStart, body).prompt));
  }
}
