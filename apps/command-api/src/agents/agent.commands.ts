import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streams, type Agent, type AgentChanges, type AgentCreate, type EventOf } from '#contracts';
import { agent, type AgentState } from '#domain';
import type { Plan } from '#journal';
import { notFoundProblem, type RequestContext } from '#service';
import { ActiveWork } from '../support/active-work.js';
import { Commands } from '../support/commands.js';
import { Names } from '../support/names.js';
import { Secrets } from '../support/secrets.js';
import { Starting } from '../support/starting.js';
import type { Single } from '../support/single.js';

type Claim = EventOf<'NameClaimed'>['payload'];

const claimOf = (project_id: string, holder_id: string, name: string): Claim => ({
  project_id,
  resource_kind: 'Agent',
  name,
  holder_id,
});

export class CreateAgent extends Command<Single<Agent>> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly fields: AgentCreate,
  ) {
    super();
  }
}

@CommandHandler(CreateAgent)
export class CreateAgentHandler implements ICommandHandler<CreateAgent> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Names) private readonly names: Names,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, projectId, fields }: CreateAgent): Promise<Single<Agent>> {
    const id = context.ids.ksuid('agent');
    const command = {
      type: 'CreateAgent',
      project_id: projectId,
      owner_user_id: context.caller.principal.id,
      fields: this.secrets.sealed(fields),
    } as const;
    return this.commands.run('CreateAgent', () =>
      this.names.creating(async claim => {
        const name = await claim(claimOf(projectId, id, fields.name));
        const created = this.commands.planNew(agent, streams.agent(id), command, context);
        await this.commands.commit(name, created);
        return { resource: this.secrets.opened(valueOf(created)), revision: created.tail.revision };
      }, context),
    );
  }
}

export class UpdateAgent extends Command<Single<Agent>> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
    readonly changes: AgentChanges,
  ) {
    super();
  }
}

@CommandHandler(UpdateAgent)
export class UpdateAgentHandler implements ICommandHandler<UpdateAgent> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Names) private readonly names: Names,
    @Inject(Secrets) private readonly secrets: Secrets,
    @Inject(Starting) private readonly starting: Starting,
  ) {}

  execute({ context, projectId, id, changes }: UpdateAgent): Promise<Single<Agent>> {
    return this.commands.run('UpdateAgent', async () => {
      const before = await requireAgent(this.commands, projectId, id);
      const command = { type: 'UpdateAgent', changes: this.secrets.sealed(changes) } as const;
      const updated = await this.commands.plan(agent, streams.agent(id), command, context, 'guarded');
      const after = valueOf(updated);
      const renamed = after.name !== before.name;
      await this.commands.commit(
        ...(renamed ? [await this.names.claim(claimOf(projectId, id, after.name), context)] : []),
        updated,
        ...(renamed ? [await this.names.release(claimOf(projectId, id, before.name), context)] : []),
      );
      const { active } = await this.starting.occupancy({ project_id: projectId, agent_id: id }, context.now);
      const current_session_id = active.at(-1);
      return {
        resource: this.secrets.opened({ ...after, ...(current_session_id ? { current_session_id } : {}) }),
        revision: updated.tail.revision,
      };
    });
  }
}

export class DeleteAgent extends Command<void> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteAgent)
export class DeleteAgentHandler implements ICommandHandler<DeleteAgent> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Names) private readonly names: Names,
    @Inject(ActiveWork) private readonly work: ActiveWork,
  ) {}

  execute({ context, projectId, id }: DeleteAgent): Promise<void> {
    return this.commands.run('DeleteAgent', async () => {
      const { name } = await requireAgent(this.commands, projectId, id);
      const active_session_id = await this.work.ofAgent(id);
      const deleted = await this.commands.plan(
        agent,
        streams.agent(id),
        { type: 'DeleteAgent', active_session_id },
        context,
        'guarded',
      );
      await this.commands.commit(deleted, await this.names.release(claimOf(projectId, id, name), context));
    });
  }
}

/** The agent, if it is of this project. @throws {Problem} 404 */
export async function requireAgent(commands: Commands, projectId: string, id: string) {
  const { state } = await commands.journal.load(agent, streams.agent(id));
  if (state.status !== 'present' || state.value.project_id !== projectId) throw notFoundProblem('agent');
  return state.value;
}

function valueOf({ state }: Plan<AgentState>) {
  if (state.status === 'absent') throw new Error('an agent was accepted and is not there');
  return state.value;
}
