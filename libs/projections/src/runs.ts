import { idOf, type Occurred, type Run } from '#contracts';
import { withoutNulls, type RunEvent, type SessionEvent } from '#domain';
import type { RunDocument, SessionDocument } from './documents.js';

/**
 * The run after one more event of its stream.
 * @param session the session that it started, where that is known already: run and session are appended one after the other
 */
export function runDocument(
  before: RunDocument | undefined,
  event: Occurred<RunEvent>,
  session: SessionDocument | undefined,
): RunDocument {
  return { body: resourceAfter(before?.body, event, session), state: { revision: event.revision, project_id: event.payload.project_id } };
}

/** The events after which a session may have another phase. */
export type PhaseEvent = Extract<
  SessionEvent,
  { type: 'SessionCreated' | 'SessionStarted' | 'SessionStatusReported' | 'SessionStopRequested' }
>;

/** The run after its session has moved on. */
export function runAfterSession(before: RunDocument, session: SessionDocument | undefined): RunDocument {
  return before.body && session?.body ? { ...before, body: { ...before.body, session_phase: session.body.phase } } : before;
}

function resourceAfter(before: Run | undefined, event: Occurred<RunEvent>, session: SessionDocument | undefined): Run {
  const id = idOf(event.stream);
  switch (event.type) {
    case 'RunStarted':
      return withoutNulls({ id, ...event.payload, outcome: 'started', session_phase: session?.body?.phase });
    case 'RunSkipped':
      return { id, ...event.payload, outcome: 'skipped' };
    case 'RunMissed': {
      const { from: _, to, count, ...facts } = event.payload;
      return { id, ...facts, outcome: 'missed', ...(count > 1 ? { missed_through: to, missed_count: count } : {}) };
    }
    case 'RunFinished': {
      if (!before) throw new Error(`${event.stream} is finished and has no outcome before`);
      return { ...before, finished_at: event.payload.finished_at };
    }
  }
}
