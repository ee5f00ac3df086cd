import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { streams, type Project, type ProjectChanges, type ProjectCreate } from '#contracts';
import { access, project, type ProjectState } from '#domain';
import type { Plan } from '#journal';
import type { RequestContext } from '#service';
import { ActiveWork } from '../support/active-work.js';
import { Commands } from '../support/commands.js';
import type { Single } from '../support/single.js';

export class CreateProject extends Command<Single<Project>> {
  constructor(
    readonly context: RequestContext,
    readonly fields: ProjectCreate,
  ) {
    super();
  }
}

@CommandHandler(CreateProject)
export class CreateProjectHandler implements ICommandHandler<CreateProject> {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  execute({ context, fields }: CreateProject): Promise<Single<Project>> {
    return this.commands.run('CreateProject', async () => {
      const created = await this.commands.plan(project, streams.project(fields.name), { type: 'CreateProject', fields }, context);
      const owner = await this.commands.plan(
        access,
        streams.access(fields.name),
        {
          type: 'GrantRole',
          binding: {
            role_binding_id: context.ids.ksuid('owner'),
            role_id: 'project:owner',
            scope: 'project',
            user_id: context.caller.principal.id,
            project_id: fields.name,
          },
        },
        context,
      );
      await this.commands.commit(created, owner);
      return singleOf(created);
    });
  }
}

export class UpdateProject extends Command<Single<Project>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
    readonly changes: ProjectChanges,
  ) {
    super();
  }
}

@CommandHandler(UpdateProject)
export class UpdateProjectHandler implements ICommandHandler<UpdateProject> {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  execute({ context, id, changes }: UpdateProject): Promise<Single<Project>> {
    return this.commands.run('UpdateProject', async () => {
      const plan = await this.commands.plan(project, streams.project(id), { type: 'UpdateProject', changes }, context, 'guarded');
      await this.commands.commit(plan);
      return singleOf(plan);
    });
  }
}

export class DeleteProject extends Command<void> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
  ) {
    super();
  }
}

@CommandHandler(DeleteProject)
export class DeleteProjectHandler implements ICommandHandler<DeleteProject> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(ActiveWork) private readonly work: ActiveWork,
  ) {}

  execute({ context, id }: DeleteProject): Promise<void> {
    return this.commands.run('DeleteProject', async () => {
      const active = await this.work.ofProject(id);
      const command = { type: 'DeleteProject', project_id: id, active } as const;
      const plan = await this.commands.plan(project, streams.project(id), command, context, 'guarded');
      await this.commands.commit(plan);
    });
  }
}

function singleOf({ state, tail }: Plan<ProjectState>): Single<Project> {
  if (state.status === 'absent') throw new Error('a project was accepted and is not there');
  return { resource: state.value, revision: tail.revision };
}
