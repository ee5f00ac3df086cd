import type { EventOf, RoleId } from '#contracts';
import { conflict, notFound, type Decider } from './decider.js';

/** Stream `access-{project}`, and `access-_platform` for bindings of scope global: who may do what. */
export type AccessEvent = EventOf<'RoleGranted'> | EventOf<'RoleRevoked'>;

export type Binding = EventOf<'RoleGranted'>['payload'] & { readonly created_at: string };

export type AccessCommand =
  | { readonly type: 'GrantRole'; readonly binding: EventOf<'RoleGranted'>['payload'] }
  | { readonly type: 'RevokeRole'; readonly role_binding_id: string };

export interface AccessState {
  readonly bindings: Readonly<Record<string, Binding>>;
  /** Users who lost a role here. */
  readonly revoked: readonly string[];
}

export const access: Decider<AccessState, AccessCommand, AccessEvent> = {
  initial: { bindings: {}, revoked: [] },

  decide({ bindings }, command) {
    switch (command.type) {
      case 'GrantRole': {
        const { binding } = command;
        const same = Object.values(bindings).find(held => held.user_id === binding.user_id && held.role_id === binding.role_id);
        if (same?.role_binding_id === binding.role_binding_id) return [];
        if (same) return conflict(`${binding.user_id} has role ${binding.role_id} already, by binding ${same.role_binding_id}`);
        return [{ type: 'RoleGranted', payload: binding }];
      }
      case 'RevokeRole': {
        const binding = bindings[command.role_binding_id];
        if (!binding) return notFound('role binding');
        const owners = Object.values(bindings).filter(held => held.role_id === 'project:owner' && held.scope === 'project');
        if (owners.length === 1 && owners[0] === binding) {
          return conflict(`${binding.user_id} is the last owner of project ${binding.project_id}: grant another owner first`);
        }
        const { created_at: _, ...payload } = binding;
        return [{ type: 'RoleRevoked', payload }];
      }
    }
  },

  evolve({ bindings, revoked }, event) {
    const { role_binding_id, user_id } = event.payload;
    const { [role_binding_id]: _, ...others } = bindings;
    switch (event.type) {
      case 'RoleGranted':
        return {
          bindings: { ...others, [role_binding_id]: { ...event.payload, created_at: event.metadata.occurred_at } },
          revoked,
        };
      case 'RoleRevoked':
        return { bindings: others, revoked: revoked.includes(user_id) ? revoked : [...revoked, user_id] };
    }
  },
};

/** The roles that the bindings of one stream give a user. */
export const rolesOf = ({ bindings }: AccessState, userId: string): RoleId[] =>
  Object.values(bindings)
    .filter(binding => binding.user_id === userId)
    .map(binding => binding.role_id);
