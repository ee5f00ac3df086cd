import { Body, Controller, Headers, Inject, Param, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import {
  SessionChanges,
  SessionClone,
  SessionCreate,
  SessionMessageCreate,
  SessionModelSet,
  SessionRename,
  SessionRepoCreate,
  SessionStatus,
  SessionWorkflowSet,
  type Session,
  type SessionMessage,
} from '#contracts';
import { repoNameOf } from '#domain';
import { Context, Handles, invalidProblem, type RequestContext } from '#service';
import { actionBody, changesBody, createBody } from '../support/body.js';
import { inUtc } from '../support/instants.js';
import { withETag, type Single } from '../support/single.js';
import { AppendMessage } from './message.commands.js';
import { ChangeSession, CloneSession, CreateSession, DeleteSession, ReportStatus, StartSession } from './session.commands.js';

@Controller()
export class SessionsController {
  constructor(@Inject(CommandBus) private readonly bus: CommandBus) {}

  @Handles('sessions.create')
  async create(
    @Context() context: RequestContext,
    @Body() body: unknown,
    @Headers('x-ambient-project') project: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    const fields = createBody(SessionCreate, body);
    return withETag(
      reply,
      await this.bus.execute(new CreateSession(context, { ...fields, project_id: fields.project_id ?? (project || undefined) })),
    );
  }

  @Handles('sessions.update')
  update(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.change(reply, context, id, { type: 'UpdateSession', changes: changesBody(SessionChanges, body) });
  }

  @Handles('sessions.delete')
  delete(@Context() context: RequestContext, @Param('id') id: string): Promise<void> {
    return this.bus.execute(new DeleteSession(context, id));
  }

  @Handles('sessions.status')
  async status(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    const status = createBody(SessionStatus, body);
    if (Object.keys(status).length === 0) {
      const fields = Object.keys(SessionStatus.properties).join(', ');
      throw invalidProblem([{ path: '', message: `the body must hold at least one of ${fields}` }]);
    }
    return withETag(
      reply,
      await this.bus.execute(new ReportStatus(context, id, inUtc(status, ['start_time', 'completion_time']))),
    );
  }

  @Handles('sessions.start')
  async start(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    return withETag(reply, await this.bus.execute(new StartSession(context, id)));
  }

  @Handles('sessions.stop')
  stop(@Context() context: RequestContext, @Param('id') id: string, @Res({ passthrough: true }) reply: FastifyReply) {
    return this.change(reply, context, id, { type: 'StopSession' });
  }

  @Handles('sessions.clone')
  async clone(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    return withETag(reply, await this.bus.execute(new CloneSession(context, id, actionBody(SessionClone, body).name)));
  }

  @Handles('sessions.addRepo')
  addRepo(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { url, branch = 'main', name = repoNameOf(url) } = createBody(SessionRepoCreate, body);
    return this.change(reply, context, id, { type: 'AddRepo', repo: { url, branch, name } });
  }

  @Handles('sessions.removeRepo')
  removeRepo(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Param('name') name: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.change(reply, context, id, { type: 'RemoveRepo', name });
  }

  @Handles('sessions.setWorkflow')
  setWorkflow(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    const { git_url, branch = 'main', path } = createBody(SessionWorkflowSet, body);
    return this.change(reply, context, id, {
      type: 'SetWorkflow',
      workflow: { git_url, branch, ...(path === undefined ? {} : { path }) },
    });
  }

  @Handles('sessions.setModel')
  setModel(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.change(reply, context, id, { type: 'SetModel', model: createBody(SessionModelSet, body).model });
  }

  @Handles('sessions.rename')
  rename(
    @Context() context: RequestContext,
    @Param('id') id: string,
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return this.change(reply, context, id, { type: 'RenameSession', name: createBody(SessionRename, body).name });
  }

  @Handles('sessions.addMessage')
  addMessage(@Context() context: RequestContext, @Param('id') id: string, @Body() body: unknown): Promise<SessionMessage> {
    const { event_type = 'user', payload } = createBody(SessionMessageCreate, body);
    if (event_type !== 'user' && !context.caller.may('runtime')) {
      throw invalidProblem([
        { path: 'event_type', message: 'event_type must be "user": other types come from the runtime alone' },
      ]);
    }
    return this.bus.execute(new AppendMessage(context, id, event_type, payload));
  }

  private async change(
    reply: FastifyReply,
    context: RequestContext,
    id: string,
    command: ChangeSession['command'],
  ): Promise<Session> {
    const changed: Single<Session> = await this.bus.execute(new ChangeSession(context, id, command));
    return withETag(reply, changed);
  }
}
