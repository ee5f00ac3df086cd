import { Controller, Inject, Query } from '@nestjs/common';
import type { Principal } from '#access';
import { CALLER_ROLES, type CallerRolesAnswer } from '#contracts';
import { badRequest, CallerRoles, HandlesRoute } from '#service';
import { textOf, type Parameters } from '../support/parameters.js';

/** For proxies alone: the door lets no one else through to it. */
@Controller()
export class CallerRolesController {
  constructor(@Inject(CallerRoles) private readonly callerRoles: CallerRoles) {}

  @HandlesRoute(CALLER_ROLES)
  async roles(@Query() parameters: Parameters): Promise<CallerRolesAnswer> {
    const user = textOf(parameters, 'user');
    const projectId = textOf(parameters, 'project_id');
    const sessionId = textOf(parameters, 'session_id');
    if (user === undefined || (projectId !== undefined && sessionId !== undefined)) {
      throw badRequest('user must be given, and project_id or session_id or none of them');
    }
    // What the credential gives beside the bindings is known to who asks.
    const principal: Principal = { id: user, kind: 'user', roles: [] };
    if (sessionId !== undefined) return this.ofSession(principal, sessionId);
    if (projectId !== undefined) return this.ofProject(principal, projectId);
    return { found: true, roles: [...(await this.callerRoles.onPlatform(principal))] };
  }

  private async ofProject(principal: Principal, projectId: string): Promise<CallerRolesAnswer> {
    const found = await this.callerRoles.projectExists(projectId);
    const roles = found ? await this.callerRoles.inProject(principal, projectId) : await this.callerRoles.onPlatform(principal);
    return { found, roles: [...roles] };
  }

  private async ofSession(principal: Principal, sessionId: string): Promise<CallerRolesAnswer> {
    const session = await this.callerRoles.session(sessionId);
    if (!session) return { found: false, roles: [...(await this.callerRoles.onPlatform(principal))] };
    const { project_id } = session;
    const roles = [...(await this.callerRoles.forSession(principal, session))];
    return project_id === undefined ? { found: true, roles } : { found: true, roles, project_id };
  }
}
