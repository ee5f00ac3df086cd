import { Controller, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { Project } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { parseListQuery } from '../support/list-query.js';
import { listAnswer } from '../support/lists.js';
import type { Parameters } from '../support/parameters.js';
import { withETag } from '../support/single.js';
import { GetProject, ListProjects, PROJECTS } from './project.queries.js';

@Controller()
export class ProjectsController {
  constructor(@Inject(QueryBus) private readonly bus: QueryBus) {}

  @Handles('projects.list')
  async list(
    @Context() context: RequestContext,
    @Query() parameters: Parameters,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    return listAnswer(reply, await this.bus.execute(new ListProjects(context, parseListQuery(parameters, PROJECTS))));
  }

  @Handles('projects.get')
  async get(@Param('project_id') id: string, @Res({ passthrough: true }) reply: FastifyReply): Promise<Project> {
    return withETag(reply, await this.bus.execute(new GetProject(id)));
  }
}
