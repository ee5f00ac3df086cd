import { idOf, type Occurred, type Run } from '#contracts';
import { withoutNulls, type RunEvent } from '#domain';
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
  return {
    body: resourceAfter(before?.body, event, session),
    state: { revision: event.revision, project_id: event.payload.project_id },
  };
}

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
    case 'RunQueued':
      return { id, ...event.payload, outcome: 'queued' };
    case 'RunDropped':
      return { id, ...event.payload, outcome: 'dropped' };
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

/**
 * The resource that the API answers, from all events of the run's stream. How its session does is the caller's to add.
 * @throws {Error} when there is none: a run begins with its outcome
 */
export function presentRun(events: readonly Occurred[]): Run {
  let run: RunDocument | undefined;
  for (const event of events) run = runDocument(run, event as Occurred<RunEvent>, undefined);
  if (!run?.body) throw new Error('a run without events has no outcome to present');
  return run.body;
}
