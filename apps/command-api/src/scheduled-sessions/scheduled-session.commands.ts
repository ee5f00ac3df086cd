import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streams, type EventOf, type ScheduledSession, type ScheduledSessionCreate } from '#contracts';
import { scheduledSession, type Schedule, type ScheduledSessionCommand, type ScheduleState } from '#domain';
import type { Plan } from '#journal';
import { NO_PROGRESS, presentSchedule } from '#projections';
import { notFoundProblem, type RequestContext } from '#service';
import { Commands } from '../support/commands.js';
import { Names } from '../support/names.js';
import type { Single } from '../support/single.js';
import { normalized } from './schedule-fields.js';
import { ScheduleProgressReader } from './schedule-progress.js';

type Claim = EventOf<'NameClaimed'>['payload'];

const claimOf = (project_id: string, holder_id: string, name: string): Claim => ({
  project_id,
  resource_kind: 'ScheduledSession',
  name,
  holder_id,
});

export class CreateScheduledSession extends Command<Single<ScheduledSession>> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly fields: ScheduledSessionCreate,
  ) {
    super();
  }
}

@CommandHandler(CreateScheduledSession)
export class CreateScheduledSessionHandler implements ICommandHandler<CreateScheduledSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Names) private readonly names: Names,
  ) {}

  execute({ context, projectId, fields }: CreateScheduledSession): Promise<Single<ScheduledSession>> {
    const id = context.ids.ksuid('scheduledSession');
    return this.commands.run('CreateScheduledSession', async () => {
      const command = {
        type: 'CreateScheduledSession',
        project_id: projectId,
        created_by_user_id: context.caller.principal.id,
        fields: normalized(fields),
      } as const;
      return this.names.creating(async claim => {
        const created = this.commands.planNew(scheduledSession, streams.scheduledSession(id), command, context);
        await this.commands.commit(await claim(claimOf(projectId, id, fields.name)), created);
        return { resource: presentSchedule(valueOf(created), NO_PROGRESS), revision: created.tail.revision };
      }, context);
    });
  }
}

/** Update, suspend or resume. */
export class ChangeScheduledSession extends Command<Single<ScheduledSession>> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
    readonly command: Exclude<ScheduledSessionCommand, { type: 'CreateScheduledSession' | 'DeleteScheduledSession' }>,
  ) {
    super();
  }
}

@CommandHandler(ChangeScheduledSession)
export class ChangeScheduledSessionHandler implements ICommandHandler<ChangeScheduledSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Names) private readonly names: Names,
    @Inject(ScheduleProgressReader) private readonly progress: ScheduleProgressReader,
  ) {}

  execute({ context, projectId, id, command }: ChangeScheduledSession): Promise<Single<ScheduledSession>> {
    return this.commands.run(command.type, async () => {
      const before = await requireSchedule(this.commands, projectId, id);
      const changed = await this.commands.plan(
        scheduledSession,
        streams.scheduledSession(id),
        command.type === 'UpdateScheduledSession' ? { ...command, changes: normalized(command.changes) } : command,
        context,
        'guarded',
      );
      const after = valueOf(changed);
      const renamed = after.name !== before.name;
      await this.commands.commit(
        ...(renamed ? [await this.names.claim(claimOf(projectId, id, after.name), context)] : []),
        changed,
        ...(renamed ? [await this.names.release(claimOf(projectId, id, before.name), context)] : []),
      );
      return { resource: presentSchedule(after, await this.progress.of(id)), revision: changed.tail.revision };
    });
  }
}

export class DeleteScheduledSession extends Command<void> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteScheduledSession)
export class DeleteScheduledSessionHandler implements ICommandHandler<DeleteScheduledSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Names) private readonly names: Names,
  ) {}

  execute({ context, projectId, id }: DeleteScheduledSession): Promise<void> {
    return this.commands.run('DeleteScheduledSession', async () => {
      const { name } = await requireSchedule(this.commands, projectId, id);
      const command = { type: 'DeleteScheduledSession' } as const;
      const deleted = await this.commands.plan(scheduledSession, streams.scheduledSession(id), command, context, 'guarded');
      await this.commands.commit(deleted, await this.names.release(claimOf(projectId, id, name), context));
    });
  }
}

/** The schedule, if it is of this project. @throws {Problem} 404 */
export async function requireSchedule(commands: Commands, projectId: string, id: string): Promise<Schedule> {
  const { state } = await commands.journal.load(scheduledSession, streams.scheduledSession(id));
  if (state.status !== 'present' || state.value.project_id !== projectId) throw notFoundProblem('scheduled session');
  return state.value;
}

function valueOf({ state }: Plan<ScheduleState>): Schedule {
  if (state.status === 'absent') throw new Error('a schedule was accepted and is not there');
  return state.value;
}
