import type { EventOf } from '#contracts';
import type { Decider } from './decider.js';

/**
 * Stream `occupancy-{agent}` (of a schedule without agent: `occupancy-{schedule}`): the order in which sessions were let in. Every start
 * appends here first, expecting the revision it read: of two starts that both saw a free agent, one must look again.
 */
export type OccupancyEvent = EventOf<'SessionAdmitted'>;

export interface OccupancyCommand {
  readonly type: 'AdmitSession';
  readonly project_id: string;
  readonly agent_id?: string | undefined;
  readonly scheduled_session_id?: string | undefined;
  readonly session_id: string;
  /** Of those in the state, the ones that are still active. */
  readonly still_active: readonly string[];
}

export interface OccupancyState {
  /** Sessions that were active after the last admission; some may have ended since. */
  readonly active: readonly string[];
  /** RFC 3339. */
  readonly admitted_at?: string;
}

export const occupancy: Decider<OccupancyState, OccupancyCommand, OccupancyEvent> = {
  initial: { active: [] },

  decide(_, { project_id, agent_id, scheduled_session_id, session_id, still_active }) {
    const active = [...still_active.filter(id => id !== session_id), session_id];
    const whose = agent_id === undefined ? { scheduled_session_id } : { agent_id };
    return [{ type: 'SessionAdmitted', payload: { project_id, ...whose, session_id, active } }];
  },

  evolve(_, event) {
    return { active: event.payload.active, admitted_at: event.metadata.occurred_at };
  },
};
