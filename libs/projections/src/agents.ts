import { idOf, isTerminal, type Occurred } from '#contracts';
import { agent, withoutNulls, type AgentEvent, type SessionEvent } from '#domain';
import { evolved, type AgentDocument } from './documents.js';

/** The agent after one more event of its stream. */
export function agentDocument(before: AgentDocument | undefined, event: Occurred<AgentEvent>): AgentDocument {
  const { current_session_id, ...value } = before?.body ?? {};
  const present = before?.body && (value as Omit<typeof before.body, 'current_session_id'>);
  const after = evolved(agent, { value: present, revision: before?.state.revision }, event);
  return {
    body: after && withoutNulls({ ...after, current_session_id }),
    state: { revision: event.revision, project_id: event.payload.project_id },
  };
}

/** The agent after an event of one of its sessions: the one it started last is current for as long as it is active. */
export function agentAfterSession(before: AgentDocument, event: Occurred<SessionEvent>): AgentDocument {
  if (!before.body) return before;
  const sessionId = idOf(event.stream);
  const { current_session_id, ...rest } = before.body;
  if (event.type === 'SessionStarted') return { ...before, body: { ...rest, current_session_id: sessionId } };
  return endsSession(event) && current_session_id === sessionId ? { ...before, body: rest } : before;
}

function endsSession(event: SessionEvent): boolean {
  if (event.type === 'SessionDeleted') return true;
  return event.type === 'SessionStatusReported' && isTerminal(event.payload.changes.phase ?? '');
}
