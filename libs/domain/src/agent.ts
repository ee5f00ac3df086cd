import { hrefs, idOf, type Agent, type AgentChanges, type AgentCreate, type EventOf } from '#contracts';
import {
  absent,
  changed,
  conflict,
  deleted,
  effectiveChanges,
  notFound,
  withoutNulls,
  type Decider,
  type Lifecycle,
} from './decider.js';

/** Stream `agent-{id}`. That its name is unique in its project is the name claim's to guard. */
export type AgentEvent =
  | EventOf<'AgentCreated'>
  | EventOf<'AgentUpdated'>
  /** Its schedules go on and skip, with reason agent_deleted. */
  | EventOf<'AgentDeleted'>;

export type AgentCommand =
  | { readonly type: 'CreateAgent'; readonly project_id: string; readonly owner_user_id: string; readonly fields: AgentCreate }
  | { readonly type: 'UpdateAgent'; readonly changes: AgentChanges }
  | { readonly type: 'DeleteAgent'; readonly active_session_id?: string | undefined };

/** The agent as its own stream tells it; its current session is the occupancy's to know. */
export type AgentState = Lifecycle<Omit<Agent, 'current_session_id'>>;

export const agent: Decider<AgentState, AgentCommand, AgentEvent> = {
  initial: absent,

  decide(state, command) {
    if (command.type === 'CreateAgent') {
      if (state.status !== 'absent') return [];
      const { project_id, owner_user_id, fields } = command;
      return [{ type: 'AgentCreated', payload: { project_id, owner_user_id, ...fields } }];
    }
    if (state.status !== 'present') return notFound('agent');
    const { project_id } = state.value;
    switch (command.type) {
      case 'UpdateAgent': {
        const changes = effectiveChanges(state.value, command.changes);
        return changes ? [{ type: 'AgentUpdated', payload: { project_id, changes } }] : [];
      }
      case 'DeleteAgent':
        if (command.active_session_id)
          return conflict(`the agent has an active session, ${command.active_session_id}: stop it first`);
        return [{ type: 'AgentDeleted', payload: { project_id } }];
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'AgentCreated': {
        const id = idOf(event.stream);
        const at = event.metadata.occurred_at;
        const href = hrefs.agent(event.payload.project_id, id);
        return {
          status: 'present',
          value: withoutNulls({ id, kind: 'Agent', href, created_at: at, updated_at: at, ...event.payload }),
        };
      }
      case 'AgentUpdated':
        return changed(state, event, () => event.payload.changes as Partial<Agent>);
      case 'AgentDeleted':
        return deleted(state, event);
    }
  },
};
