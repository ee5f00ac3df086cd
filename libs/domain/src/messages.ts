import type { EventOf, SessionMessage } from '#contracts';
import type { Decider } from './decider.js';

/** Stream `sessionMessages-{session}`: the conversation. `seq` is 1, 2, 3 … without gaps, one more than the event's revision. */
export type MessageEvent = EventOf<'SessionMessageAppended'>;

export interface MessageCommand {
  readonly type: 'AppendMessage';
  readonly session_id: string;
  readonly project_id?: string | undefined;
  readonly message_id: string;
  readonly event_type: string;
  readonly payload: string;
}

export interface MessagesState {
  readonly last?: SessionMessage;
}

export const messages: Decider<MessagesState, MessageCommand, MessageEvent> = {
  initial: {},

  decide({ last }, { session_id, project_id, message_id, event_type, payload }) {
    if (last?.id === message_id) return [];
    const where = project_id === undefined ? {} : { project_id };
    const seq = (last?.seq ?? 0) + 1;
    return [{ type: 'SessionMessageAppended', payload: { ...where, session_id, message_id, seq, event_type, payload } }];
  },

  evolve(_, event) {
    return { last: messageOf(event) };
  },
};

/** The message as the API answers it. */
export function messageOf(event: MessageEvent & { readonly metadata: { readonly occurred_at: string } }): SessionMessage {
  const { message_id, session_id, seq, event_type, payload } = event.payload;
  return { id: message_id, session_id, seq, event_type, payload, created_at: event.metadata.occurred_at };
}
