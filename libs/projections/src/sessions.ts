import type { Occurred, Session } from '#contracts';
import { session, withoutNulls, type MessageEvent, type SessionEvent, type SessionValue } from '#domain';
import { evolved, type SessionDocument, type SessionState } from './documents.js';

/** The session after one more event of its stream. */
export function sessionDocument(before: SessionDocument | undefined, event: Occurred<SessionEvent>): SessionDocument {
  const after = evolved(session, { value: before && valueOf(before), revision: before?.state.revision }, event);
  return {
    body: after && presented(after, before?.body?.last_activity_at ?? firstSaid(event)),
    state: { ...linksOf(before, event), revision: event.revision },
  };
}

/** The session after one more message: only the conversation shows whether anything happens in it. */
export function sessionAfterMessage(before: SessionDocument, event: Occurred<MessageEvent>): SessionDocument {
  return before.body ? { ...before, body: { ...before.body, last_activity_at: event.metadata.occurred_at } } : before;
}

/** A prompt is also the first message, which is appended just before the session. */
function firstSaid(event: Occurred<SessionEvent>): string | undefined {
  return event.type === 'SessionCreated' && event.payload.prompt ? event.metadata.occurred_at : undefined;
}

function presented({ run_id: _, ...resource }: SessionValue, last_activity_at: string | undefined): Session {
  return withoutNulls({ ...resource, last_activity_at });
}

function valueOf({ body, state }: SessionDocument): SessionValue | undefined {
  if (!body) return undefined;
  const { last_activity_at: _, ...value } = body;
  return { ...value, run_id: state.run_id };
}

/** Where a session belongs is said once, at its creation. */
function linksOf(before: SessionDocument | undefined, event: SessionEvent): Omit<SessionState, 'revision'> {
  if (event.type !== 'SessionCreated') return before?.state ?? {};
  const { project_id, agent_id, run_id } = event.payload;
  return withoutNulls({ project_id, agent_id, run_id });
}
