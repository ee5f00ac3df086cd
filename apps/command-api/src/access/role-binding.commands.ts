import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { isBindable, mayGrant, mayRevoke } from '#access';
import { hrefs, streams, type RoleBinding, type RoleBindingCreate, type RoleId } from '#contracts';
import { access } from '#domain';
import { ReadBarrier } from '#projections';
import type { ReadStore } from '#read-store';
import { Caller, CallerRoles, instant, invalidProblem, notFoundProblem, Problem, type RequestContext } from '#service';
import { READ_STORE } from '../support/caught-up-reads.js';
import { Commands } from '../support/commands.js';

export class GrantRole extends Command<RoleBinding> {
  constructor(
    readonly context: RequestContext,
    readonly fields: RoleBindingCreate,
  ) {
    super();
  }
}

@CommandHandler(GrantRole)
export class GrantRoleHandler implements ICommandHandler<GrantRole> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(CallerRoles) private readonly callerRoles: CallerRoles,
  ) {}

  execute({ context, fields }: GrantRole): Promise<RoleBinding> {
    return this.commands.run('GrantRole', async () => {
      const { role_id, scope, project_id } = fields;
      demandScope(fields);
      if (!mayGrant(await this.rolesFor(context, project_id), role_id, scope)) {
        throw new Problem(4, `your roles do not allow to grant ${role_id} in scope ${scope}`);
      }
      const id = context.ids.ksuid('roleBinding');
      const binding = { role_binding_id: id, ...fields };
      await this.commands.commit(await this.commands.plan(access, streamOf(project_id), { type: 'GrantRole', binding }, context));
      const at = instant(context.now);
      return { id, kind: 'RoleBinding', href: hrefs.roleBinding(id), created_at: at, updated_at: at, ...fields };
    });
  }

  /** The caller's roles where the binding is to be. @throws {Problem} 404 for a project that the caller can't see */
  private async rolesFor({ caller }: RequestContext, projectId: string | undefined): Promise<readonly RoleId[]> {
    if (projectId === undefined) return caller.roles;
    const roles = await this.callerRoles.inProject(caller.principal, projectId);
    if (!new Caller(caller.principal, roles).may('viewer') || !(await this.callerRoles.projectExists(projectId))) {
      throw notFoundProblem('project');
    }
    return roles;
  }
}

export class RevokeRole extends Command<void> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
  ) {
    super();
  }
}

const PATIENCE_MS = 5000;

@CommandHandler(RevokeRole)
export class RevokeRoleHandler implements ICommandHandler<RevokeRole> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(CallerRoles) private readonly callerRoles: CallerRoles,
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(ReadBarrier) private readonly barrier: ReadBarrier,
  ) {}

  execute({ context, id }: RevokeRole): Promise<void> {
    return this.commands.run('RevokeRole', async () => {
      const binding = await this.find(id);
      const { caller } = context;
      const roles =
        binding.project_id === undefined ? caller.roles : await this.callerRoles.inProject(caller.principal, binding.project_id);
      if (!mayRevoke(roles, binding.role_id, binding.scope)) {
        const mayLook = binding.user_id === caller.principal.id || new Caller(caller.principal, roles).may('owner');
        throw mayLook ? new Problem(4, `your roles do not allow to revoke ${binding.role_id}`) : notFoundProblem('role binding');
      }
      const command = { type: 'RevokeRole', role_binding_id: id } as const;
      await this.commands.commit(await this.commands.plan(access, streamOf(binding.project_id), command, context));
    });
  }

  private async find(id: string): Promise<RoleBinding> {
    await this.barrier.waitForHead(PATIENCE_MS);
    const [document] = await this.reads.live.get('role_bindings', [id]);
    if (document?.json === undefined) throw notFoundProblem('role binding');
    return JSON.parse(document.json) as RoleBinding;
  }
}

const streamOf = (projectId: string | undefined): string =>
  projectId === undefined ? streams.platformAccess : streams.access(projectId);

/** @throws {Problem} 400 for a scope that does not go with the role or the project */
function demandScope({ role_id, scope, project_id }: RoleBindingCreate): void {
  if (scope === 'project' && project_id === undefined) {
    throw invalidProblem([{ path: 'project_id', message: 'project_id is required in scope project' }]);
  }
  if (scope === 'global' && project_id !== undefined) {
    throw invalidProblem([{ path: 'project_id', message: 'project_id must be left out in scope global' }]);
  }
  if (!isBindable(role_id, scope)) {
    throw invalidProblem([{ path: 'scope', message: `scope: role ${role_id} can not be bound in scope ${scope}` }]);
  }
}
