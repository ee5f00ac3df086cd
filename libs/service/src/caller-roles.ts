import { permit, type Principal } from '#access';
import { streams, type Need, type RoleId } from '#contracts';
import { access, project, rolesOf, session, type SessionValue } from '#domain';
import type { Journal } from '#journal';

/** Looks up, always on the latest events, what a caller is in a project. */
export class CallerRoles {
  constructor(private readonly journal: Journal) {}

  /** Roles that hold everywhere. */
  async onPlatform(principal: Principal): Promise<readonly RoleId[]> {
    if (principal.roles.includes('platform:admin')) return principal.roles;
    const { state } = await this.journal.load(access, streams.platformAccess);
    return [...principal.roles, ...rolesOf(state, principal.id)];
  }

  /** Roles that hold in a project, those that hold everywhere included. */
  async inProject(principal: Principal, projectId: string): Promise<readonly RoleId[]> {
    const everywhere = await this.onPlatform(principal);
    if (everywhere.includes('platform:admin')) return everywhere;
    const { state } = await this.journal.load(access, streams.access(projectId));
    return [...everywhere, ...rolesOf(state, principal.id)];
  }

  /**
   * True when a user's bindings no longer allow something that they once may have: one of them was revoked. Of a user whose rights came with
   * a token alone the log knows nothing, and nothing is lost.
   */
  async hasLost(need: Need, userId: string, projectId: string): Promise<boolean> {
    const states = await Promise.all(
      [streams.access(projectId), streams.platformAccess].map(async stream => (await this.journal.load(access, stream)).state),
    );
    const left = states.flatMap(state => rolesOf(state, userId));
    return permit(need, left) !== 'granted' && states.some(({ revoked }) => revoked.includes(userId));
  }

  /** Roles that hold for a session: those of its project; one without project belongs to who made it. */
  async forSession(
    principal: Principal,
    value: Pick<SessionValue, 'project_id' | 'created_by_user_id'>,
  ): Promise<readonly RoleId[]> {
    if (value.project_id !== undefined) return this.inProject(principal, value.project_id);
    const everywhere = await this.onPlatform(principal);
    return value.created_by_user_id === principal.id ? [...everywhere, 'project:owner'] : everywhere;
  }

  /** @param deletedToo also one that was deleted counts */
  async projectExists(projectId: string, deletedToo = false): Promise<boolean> {
    const { status } = (await this.journal.load(project, streams.project(projectId))).state;
    return status === 'present' || (deletedToo && status === 'deleted');
  }

  /** The session, deleted or not; undefined when there never was one. */
  async session(id: string): Promise<SessionValue | undefined> {
    const { state } = await this.journal.load(session, streams.session(id));
    return state.status === 'absent' ? undefined : state.value;
  }
}
