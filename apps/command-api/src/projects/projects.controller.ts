import { Body, Controller, Param, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Inject } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ProjectChanges, ProjectCreate, type Project } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { changesBody, createBody } from '../support/body.js';
import { withETag } from '../support/single.js';
import { CreateProject, DeleteProject, UpdateProject } from './project.commands.js';

@Controller()
export class ProjectsController {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @Handles('projects.create')
  async create(
    @Context() context: RequestContext,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Project> {
    return withETag(reply, await this.bus.execute(new CreateProject(context, createBody(ProjectCreate, body))));
  }

  @Handles('projects.update')
  async update(
    @Context() context: RequestContext,
    @Param('project_id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Project> {
    return withETag(reply, await this.bus.execute(new UpdateProject(context, id, changesBody(ProjectChanges, body))));
  }

  @Handles('projects.delete')
  delete(@Context() context: RequestContext, @Param('project_id') id: string): Promise<void> {
    return this.bus.execute(new DeleteProject(context, id));
  }
}
