import type { Occurred, ScheduledSession } from '#contracts';
import { scheduledSession, withoutNulls, type RunEvent, type Schedule, type ScheduledSessionEvent } from '#domain';
import type { Document } from '#read-store';
import { evolved, type ScheduledSessionDocument, type ScheduledSessionState, type ScheduleProgress } from './documents.js';
import { nextRunAt } from './next-run.js';

/** Of a schedule that never ran. */
export const NO_PROGRESS: ScheduleProgress = { runs_count: 0, scheduled_runs: 0 };

/** An event that decides what becomes of a tick or a trigger. */
export type OutcomeEvent = Exclude<RunEvent, { type: 'RunFinished' }>;

/** The resource that the API answers, from the schedule and what its runs have made of it. */
export function presentSchedule(schedule: Schedule, progress: ScheduleProgress): ScheduledSession {
  const { ticks_after: _, ...resource } = schedule;
  const { last_run_at, runs_count } = progress;
  return withoutNulls({ ...resource, last_run_at, next_run_at: nextRunAt(schedule, progress), runs_count });
}

/** The schedule after one more event of its own stream. */
export function scheduleDocument(
  before: ScheduledSessionDocument | undefined,
  event: Occurred<ScheduledSessionEvent>,
): ScheduledSessionDocument {
  const schedule = evolved(scheduledSession, { value: before && scheduleOf(before), revision: before?.state.revision }, event);
  const { revision } = event;
  const { project_id } = event.payload;
  const progress = progressOf(before?.state ?? NO_PROGRESS);
  const ticks_after = schedule?.ticks_after ?? before?.state.ticks_after ?? event.metadata.occurred_at;
  return { body: schedule && presentSchedule(schedule, progress), state: { ...progress, revision, project_id, ticks_after } };
}

/** The schedule after one of its runs was decided. A deleted schedule still counts. */
export function scheduleAfterRun(before: ScheduledSessionDocument, event: Occurred<OutcomeEvent>): ScheduledSessionDocument {
  const progress = progressAfter(before.state, event);
  const schedule = scheduleOf(before);
  return { body: schedule && presentSchedule(schedule, progress), state: { ...before.state, ...progress } };
}

/** What the runs have made of the schedule of a stored document. */
export function scheduleProgressOf({ state }: Pick<Document, 'state'>): ScheduleProgress {
  return progressOf(JSON.parse(state) as ScheduledSessionState);
}

function progressOf({ runs_count, scheduled_runs, last_run_at, decided_through }: ScheduleProgress): ScheduleProgress {
  return withoutNulls({ runs_count, scheduled_runs, last_run_at, decided_through });
}

function progressAfter(before: ScheduleProgress, { type, payload }: OutcomeEvent): ScheduleProgress {
  const started = type === 'RunStarted' ? 1 : 0;
  const byTick = payload.trigger === 'schedule' || payload.trigger === 'catch_up';
  const through = type === 'RunMissed' ? payload.to : payload.scheduled_for;
  return withoutNulls({
    runs_count: before.runs_count + started,
    scheduled_runs: before.scheduled_runs + (byTick ? started : 0),
    last_run_at: started ? newest(before.last_run_at, payload.decided_at) : before.last_run_at,
    decided_through: byTick ? newest(before.decided_through, through) : before.decided_through,
  });
}

/** Times of the log compare as text. */
const newest = (a: string | undefined, b: string): string => (a !== undefined && a > b ? a : b);

function scheduleOf({ body, state }: ScheduledSessionDocument): Schedule | undefined {
  if (!body) return undefined;
  const { last_run_at: _last, next_run_at: _next, runs_count: _count, ...schedule } = body;
  return { ...schedule, ticks_after: state.ticks_after };
}
