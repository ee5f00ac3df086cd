/** What the door asks about a caller, and the answer from a log in the same process. */
import type { Principal } from '#access';
import type { RoleId } from '#contracts';
import type { CallerRoles as RolesInLog } from '#service';

/** Roles for a session; `project_id` is absent where it belongs to no project. */
export interface SessionRoles {
  readonly roles: readonly RoleId[];
  readonly project_id?: string | undefined;
}

/** Rejects when it can't be told now. */
export interface CallerRoles {
  /** Those that hold everywhere. */
  onPlatform(principal: Principal): readonly RoleId[] | Promise<readonly RoleId[]>;
  /** Those that hold in a project, platform-wide ones included. In a project that is not there only platform-wide ones hold. */
  inProject(principal: Principal, projectId: string): readonly RoleId[] | Promise<readonly RoleId[]>;
  /** Those that hold for a session; undefined where there never was one. */
  forSession(principal: Principal, sessionId: string): Promise<SessionRoles | undefined>;
}

/** Always the latest events. */
export class CallerRolesInProcess implements CallerRoles {
  constructor(private readonly log: RolesInLog) {}

  onPlatform(principal: Principal): Promise<readonly RoleId[]> {
    return this.log.onPlatform(principal);
  }

  async inProject(principal: Principal, projectId: string): Promise<readonly RoleId[]> {
    const { log } = this;
    return (await log.projectExists(projectId)) ? log.inProject(principal, projectId) : log.onPlatform(principal);
  }

  async forSession(principal: Principal, sessionId: string): Promise<SessionRoles | undefined> {
    const session = await this.log.session(sessionId);
    return session && { roles: await this.log.forSession(principal, session), project_id: session.project_id };
  }
}
