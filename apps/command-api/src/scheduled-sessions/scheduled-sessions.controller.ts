import { Body, Controller, Inject, Param, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import {
  Backfill,
  ScheduledSessionAction,
  ScheduledSessionChanges,
  ScheduledSessionCreate,
  Trigger,
  WithReason,
  type ScheduledSession,
} from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { actionBody, changesBody, createBody } from '../support/body.js';
import { withETag, type Single } from '../support/single.js';
import { BackfillScheduledSession, type Backfilled } from './backfill.command.js';
import { ActOnScheduledSessions, type BulkActionResult } from './bulk-action.command.js';
import { ChangeScheduledSession, CreateScheduledSession, DeleteScheduledSession } from './scheduled-session.commands.js';
import { ScheduleFields } from './schedule-fields.js';
import { TriggerScheduledSession, type Triggered } from './trigger.command.js';

@Controller()
export class ScheduledSessionsController {
  constructor(
    @Inject(CommandBus) private readonly bus: CommandBus,
    @Inject(ScheduleFields) private readonly fields: ScheduleFields,
  ) {}

  @Handles('scheduledSessions.create')
  async create(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduledSession> {
    const fields = createBody(ScheduledSessionCreate, body, await this.fields.errorsIn(projectId, body));
    return withETag(reply, await this.bus.execute(new CreateScheduledSession(context, projectId, fields)));
  }

  @Handles('scheduledSessions.update')
  async update(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduledSession> {
    const changes = changesBody(ScheduledSessionChanges, body, await this.fields.errorsIn(projectId, body));
    return this.change(reply, new ChangeScheduledSession(context, projectId, id, { type: 'UpdateScheduledSession', changes }));
  }

  @Handles('scheduledSessions.delete')
  delete(@Context() context: RequestContext, @Param('project_id') projectId: string, @Param('id') id: string): Promise<void> {
    return this.bus.execute(new DeleteScheduledSession(context, projectId, id));
  }

  @Handles('scheduledSessions.suspend')
  suspend(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduledSession> {
    const { reason } = actionBody(WithReason, body);
    return this.change(reply, new ChangeScheduledSession(context, projectId, id, { type: 'SuspendScheduledSession', reason }));
  }

  @Handles('scheduledSessions.resume')
  resume(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ScheduledSession> {
    const { reason } = actionBody(WithReason, body);
    return this.change(reply, new ChangeScheduledSession(context, projectId, id, { type: 'ResumeScheduledSession', reason }));
  }

  @Handles('scheduledSessions.trigger')
  trigger(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<Triggered> {
    return this.bus.execute(new TriggerScheduledSession(context, projectId, id, actionBody(Trigger, body)));
  }

  @Handles('scheduledSessions.backfill')
  backfill(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Param('id') id: string,
    @Body() body: unknown,
  ): Promise<Backfilled> {
    return this.bus.execute(new BackfillScheduledSession(context, projectId, id, createBody(Backfill, body)));
  }

  @Handles('scheduledSessions.actions')
  act(
    @Context() context: RequestContext,
    @Param('project_id') projectId: string,
    @Body() body: unknown,
  ): Promise<BulkActionResult> {
    const asked = createBody(ScheduledSessionAction, body);
    if (asked.action === 'delete') context.caller.demand('owner', 'project');
    return this.bus.execute(new ActOnScheduledSessions(context, projectId, asked));
  }

  private async change(reply: FastifyReply, command: ChangeScheduledSession): Promise<ScheduledSession> {
    const changed: Single<ScheduledSession> = await this.bus.execute(command);
    return withETag(reply, changed);
  }
}
