import type { Schedule } from '#domain';
import { nextTick, parseSchedule } from '#schedule';
import type { ScheduleProgress } from './documents.js';

/**
 * The next nominal tick that has no outcome yet, RFC 3339: inside start_at and end_at, both included. Undefined while the schedule is
 * disabled, after its last tick, and once `max_runs` runs were started by ticks. It follows from the log alone: no clock.
 * @throws {Error} for a cron expression or time zone that no command would have accepted
 */
export function nextRunAt(schedule: Schedule, progress: ScheduleProgress): string | undefined {
  if (!schedule.enabled) return undefined;
  if (schedule.max_runs !== undefined && progress.scheduled_runs >= schedule.max_runs) return undefined;
  const parsed = parseSchedule(schedule.schedule);
  if (!parsed.ok) throw new Error(`schedule ${schedule.id}: ${parsed.reason}`);
  const tick = nextTick(parsed.schedule, schedule.timezone, lastExcluded(schedule, progress));
  if (tick === undefined) return undefined;
  const at = tick * 1000;
  return schedule.end_at !== undefined && at > Date.parse(schedule.end_at) ? undefined : new Date(at).toISOString();
}

/** The newest whole second (since 1970) whose tick does not count any more, or not yet. */
function lastExcluded({ ticks_after, start_at }: Schedule, { decided_through }: ScheduleProgress): number {
  const followed = Math.floor(Date.parse(ticks_after) / 1000);
  const decided = decided_through === undefined ? followed : Math.floor(Date.parse(decided_through) / 1000);
  const beforeStart = start_at === undefined ? followed : Math.ceil(Date.parse(start_at) / 1000) - 1;
  return Math.max(followed, decided, beforeStart);
}
