import type { EventOf } from '#contracts';
import type { Decider } from './decider.js';

/**
 * Stream `occupancy-{agent}` (of a schedule without agent: `occupancy-{schedule}`): the order in which sessions were let in, and the runs
 * that wait to be. Every start appends here first, expecting the revision it read: of two starts that both saw a free agent, one must look
 * again.
 */
export type OccupancyEvent =
  | EventOf<'SessionAdmitted'>
  /** A run has come to wait, or one that waited has lost its place to a later one. */
  | EventOf<'WaitingRunsChanged'>;

export type WaitingRun = EventOf<'WaitingRunsChanged'>['payload']['waiting'][number];

export type OccupancyCommand = {
  readonly project_id: string;
  readonly agent_id?: string | undefined;
  readonly scheduled_session_id?: string | undefined;
  /** Of the sessions in the state, the ones that are still active. */
  readonly still_active: readonly string[];
  /** Of the runs in the state, the ones that still wait. */
  readonly still_waiting: readonly WaitingRun[];
} & (
  | { readonly type: 'AdmitSession'; readonly session_id: string }
  | {
      readonly type: 'EnqueueRun';
      readonly run: Pick<WaitingRun, 'run_id' | 'scheduled_session_id'>;
      /** It takes the place of the run of its schedule that waits. */
      readonly replaces: boolean;
    }
);

export interface OccupancyState {
  /** Sessions that were active after the last event; some may have ended since. */
  readonly active: readonly string[];
  /** Runs that waited after the last event; some may have begun since. */
  readonly waiting: readonly WaitingRun[];
  /** When that was; RFC 3339. */
  readonly changed_at?: string;
}

export const occupancy: Decider<OccupancyState, OccupancyCommand, OccupancyEvent> = {
  initial: { active: [], waiting: [] },

  decide({ waiting: known }, command) {
    const { project_id, agent_id, scheduled_session_id, still_active, still_waiting } = command;
    const whose = { project_id, ...(agent_id === undefined ? { scheduled_session_id } : { agent_id }) };
    switch (command.type) {
      case 'AdmitSession': {
        const { session_id } = command;
        const active = [...still_active.filter(id => id !== session_id), session_id];
        return [{ type: 'SessionAdmitted', payload: { ...whose, session_id, active, waiting: [...still_waiting] } }];
      }
      case 'EnqueueRun': {
        const { run, replaces } = command;
        if (known.some(({ run_id }) => run_id === run.run_id)) return [];
        const others = still_waiting.map(other =>
          replaces && other.scheduled_session_id === run.scheduled_session_id ? { ...other, superseded: true as const } : other,
        );
        return [{ type: 'WaitingRunsChanged', payload: { ...whose, active: [...still_active], waiting: [...others, run] } }];
      }
    }
  },

  evolve(_, event) {
    return { active: event.payload.active, waiting: event.payload.waiting, changed_at: event.metadata.occurred_at };
  },
};
