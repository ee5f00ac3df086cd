import type { Actor, RoleId } from '#contracts';

/** Who is asking. */
export interface Principal {
  /** User name; for a service its name. */
  readonly id: string;
  readonly kind: Actor['kind'];
  /** Roles that the credential itself gives, in every project. Role bindings add to them. */
  readonly roles: readonly RoleId[];
}
