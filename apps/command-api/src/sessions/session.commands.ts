import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isTerminal, streams, type Session, type SessionCreate } from '#contracts';
import { agent, cloneFields, session, type SessionCommand, type SessionState, type SessionValue } from '#domain';
import type { Plan } from '#journal';
import { CallerRoles, Caller, invalidProblem, instant, notFoundProblem, type RequestContext } from '#service';
import { NextTurns } from '../scheduled-sessions/next-turns.js';
import { RunEnds } from '../scheduled-sessions/run-ends.js';
import { Commands } from '../support/commands.js';
import { Prompts } from '../support/prompts.js';
import { Secrets } from '../support/secrets.js';
import type { Single } from '../support/single.js';
import { Starting } from '../support/starting.js';
import { presentSession } from './present-session.js';

export class CreateSession extends Command<Single<Session>> {
  constructor(
    readonly context: RequestContext,
    readonly fields: SessionCreate,
  ) {
    super();
  }
}

@CommandHandler(CreateSession)
export class CreateSessionHandler implements ICommandHandler<CreateSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
    @Inject(CallerRoles) private readonly callerRoles: CallerRoles,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, fields: { project_id, agent_id, ...fields } }: CreateSession): Promise<Single<Session>> {
    return this.commands.run('CreateSession', async () => {
      await this.demandPlace(context, project_id, agent_id);
      const id = context.ids.ksuid('session');
      const origin = { project_id, agent_id, created_by_user_id: context.caller.principal.id };
      const { message, session: created } = this.starting.create(id, { origin, fields: this.secrets.sealed(fields) }, context);
      await this.commands.commit(...message, created);
      return singleOf(created, this.secrets);
    });
  }

  private async demandPlace(
    { caller }: RequestContext,
    projectId: string | undefined,
    agentId: string | undefined,
  ): Promise<void> {
    if (projectId !== undefined) {
      const roles = await this.callerRoles.inProject(caller.principal, projectId);
      new Caller(caller.principal, roles).demand('viewer', 'project');
      if (!(await this.callerRoles.projectExists(projectId))) throw notFoundProblem('project');
      new Caller(caller.principal, roles).demand('editor', 'project');
    }
    if (agentId === undefined) return;
    const { state } = await this.commands.journal.load(agent, streams.agent(agentId));
    if (state.status !== 'present' || state.value.project_id !== projectId) {
      throw invalidProblem([{ path: 'agent_id', message: 'agent_id must be an agent of the same project' }]);
    }
  }
}

/** A command that concerns one session's stream alone. */
export class ChangeSession extends Command<Single<Session>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
    readonly command: Exclude<SessionCommand, { type: 'CreateSession' | 'StartSession' | 'ReportStatus' | 'DeleteSession' }>,
  ) {
    super();
  }
}

@CommandHandler(ChangeSession)
export class ChangeSessionHandler implements ICommandHandler<ChangeSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, id, command }: ChangeSession): Promise<Single<Session>> {
    return this.commands.run(command.type, async () => {
      const sealed = command.type === 'UpdateSession' ? { ...command, changes: this.secrets.sealed(command.changes) } : command;
      const plan = await this.commands.plan(session, streams.session(id), sealed, context, 'guarded');
      await this.commands.commit(plan);
      return singleOf(plan, this.secrets);
    });
  }
}

export class StartSession extends Command<Single<Session>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(StartSession)
export class StartSessionHandler implements ICommandHandler<StartSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
    @Inject(Prompts) private readonly prompts: Prompts,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, id }: StartSession): Promise<Single<Session>> {
    return this.commands.run('StartSession', async () => {
      const { state } = await this.commands.journal.load(session, streams.session(id));
      if (state.status !== 'present') throw notFoundProblem('session');
      const { project_id, agent_id, prompt } = state.value;
      const starting_prompt = await this.prompts.startingPrompt({ project_id, agent_id, task: prompt });
      const started = await this.commands.plan(
        session,
        streams.session(id),
        { type: 'StartSession', starting_prompt },
        context,
        'guarded',
      );
      await this.commands.commit(...(await this.admission(id, project_id, agent_id, context)), started);
      return singleOf(started, this.secrets);
    });
  }

  private async admission(
    id: string,
    project_id: string | undefined,
    agent_id: string | undefined,
    context: RequestContext,
  ): Promise<Plan[]> {
    if (project_id === undefined || agent_id === undefined) return [];
    const occupancy = await this.starting.occupancy({ project_id, agent_id }, context.now);
    return [this.starting.admit({ project_id, agent_id }, occupancy, id, context)];
  }
}

export class ReportStatus extends Command<Single<Session>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
    readonly status: Extract<SessionCommand, { type: 'ReportStatus' }>['status'],
  ) {
    super();
  }
}

@CommandHandler(ReportStatus)
export class ReportStatusHandler implements ICommandHandler<ReportStatus> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(NextTurns) private readonly turns: NextTurns,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, id, status }: ReportStatus): Promise<Single<Session>> {
    return this.commands.run('ReportStatus', async () => {
      const reported = await this.commands.plan(
        session,
        streams.session(id),
        { type: 'ReportStatus', status },
        context,
        'guarded',
      );
      if (reported.state.status !== 'present') throw new Error('a session was reported on and is not there');
      const { value } = reported.state;
      await this.ends.commitWithEnd(reported, value, context);
      if (value.phase !== '' && isTerminal(value.phase)) await this.turns.after(value, context.now);
      return singleOf(reported, this.secrets);
    });
  }
}

export class CloneSession extends Command<Single<Session>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
    readonly name: string | undefined,
  ) {
    super();
  }
}

@CommandHandler(CloneSession)
export class CloneSessionHandler implements ICommandHandler<CloneSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, id, name }: CloneSession): Promise<Single<Session>> {
    return this.commands.run('CloneSession', async () => {
      const { state } = await this.commands.journal.load(session, streams.session(id));
      if (state.status !== 'present') throw notFoundProblem('session');
      const { project_id, agent_id } = state.value;
      const origin = { project_id, agent_id, created_by_user_id: context.caller.principal.id };
      const fields = cloneFields(state.value, name);
      const { message, session: created } = this.starting.create(context.ids.ksuid('session'), { origin, fields }, context);
      await this.commands.commit(...message, created);
      return singleOf(created, this.secrets);
    });
  }
}

export class DeleteSession extends Command<void> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteSession)
export class DeleteSessionHandler implements ICommandHandler<DeleteSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(NextTurns) private readonly turns: NextTurns,
  ) {}

  execute({ context, id }: DeleteSession): Promise<void> {
    let tried = false;
    return this.commands.run('DeleteSession', async () => {
      const before = tried ? (await this.commands.journal.load(session, streams.session(id))).state : undefined;
      // The try before deleted it, and lost the stream of its run to another.
      if (before?.status === 'deleted') return this.afterwards(before.value, context);
      tried = true;
      const command = { type: 'DeleteSession', deleted_at: instant(context.now) } as const;
      const gone = await this.commands.plan(session, streams.session(id), command, context, 'guarded');
      if (gone.state.status !== 'deleted') throw new Error('a session was deleted and is there');
      await this.ends.commitWithEnd(gone, gone.state.value, context);
      await this.turns.after(gone.state.value, context.now);
    });
  }

  private async afterwards(value: SessionValue, context: RequestContext): Promise<void> {
    await this.commands.commit(...(await this.ends.plansFor(value, context)));
    await this.turns.after(value, context.now);
  }
}

function singleOf({ state, tail }: Plan<SessionState>, secrets: Secrets): Single<Session> {
  if (state.status === 'absent') throw new Error('a session was accepted and is not there');
  return { resource: secrets.opened(presentSession(state.value)), revision: tail.revision };
}
