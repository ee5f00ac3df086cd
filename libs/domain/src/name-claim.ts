import type { EventOf } from '#contracts';
import { conflict, type Decider } from './decider.js';

/** Stream `nameClaim-{hash of project, kind and name}`: who holds a name that must be unique in its project. */
export type NameClaimEvent = EventOf<'NameClaimed'> | EventOf<'NameReleased'>;

type Claim = EventOf<'NameClaimed'>['payload'];

export type NameClaimCommand =
  | {
      readonly type: 'ClaimName';
      readonly claim: Claim;
      /** True when the present holder is known not to exist. */ readonly holder_gone: boolean;
    }
  | { readonly type: 'ReleaseName'; readonly claim: Claim };

export interface NameClaimState {
  readonly holder_id?: string;
  /** RFC 3339. */
  readonly claimed_at?: string;
}

export const nameClaim: Decider<NameClaimState, NameClaimCommand, NameClaimEvent> = {
  initial: {},

  decide({ holder_id }, { type, ...command }) {
    const { claim } = command;
    switch (type) {
      case 'ClaimName':
        if (holder_id === claim.holder_id) return [];
        if (holder_id && !('holder_gone' in command && command.holder_gone)) {
          return conflict(`name ${JSON.stringify(claim.name)} is taken in project ${claim.project_id}`);
        }
        return [{ type: 'NameClaimed', payload: claim }];
      case 'ReleaseName':
        return holder_id === claim.holder_id ? [{ type: 'NameReleased', payload: claim }] : [];
    }
  },

  evolve(_, event) {
    switch (event.type) {
      case 'NameClaimed':
        return { holder_id: event.payload.holder_id, claimed_at: event.metadata.occurred_at };
      case 'NameReleased':
        return {};
    }
  },
};
