import type { RunItem, ScheduledSession, ScheduledSessionActions, UpcomingTicks } from '#client';
import type { Shape } from '../output/shape.js';

export const scheduleShape: Shape<ScheduledSession> = {
  noun: 'scheduled session',
  nameOf: ({ name }) => name,
  zoneOf: ({ timezone }) => timezone,
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'SCHEDULE', of: ({ schedule }) => schedule },
    { title: 'TIMEZONE', of: ({ timezone }) => timezone },
    { title: 'STATE', of: ({ enabled }) => (enabled ? 'enabled' : 'suspended') },
    { title: 'NEXT RUN', of: ({ next_run_at, timezone }, times) => times.show(next_run_at, timezone) },
    { title: 'LAST RUN', of: ({ last_run_at, timezone }, times) => times.show(last_run_at, timezone) },
    { title: 'RUNS', of: ({ runs_count }) => String(runs_count) },
    { title: 'ID', of: ({ id }) => id, wide: true },
    { title: 'AGENT', of: ({ agent_id }) => agent_id, wide: true },
    { title: 'OVERLAP', of: ({ overlap_policy }) => overlap_policy, wide: true },
    { title: 'CATCH-UP', of: ({ catch_up_policy }) => catch_up_policy, wide: true },
    { title: 'REASON', of: ({ suspended_reason }) => suspended_reason, wide: true },
  ],
};

/** Runs of a schedule in this zone. */
export const runShape = (zone: string): Shape<RunItem> => ({
  noun: 'run',
  nameOf: ({ run }) => run.id,
  zoneOf: () => zone,
  columns: [
    { title: 'SCHEDULED FOR', of: ({ run }, times) => times.show(run.scheduled_for, zone) },
    { title: 'TRIGGER', of: ({ run }) => run.trigger },
    { title: 'OUTCOME', of: ({ run }) => run.outcome },
    { title: 'REASON', of: ({ run }) => reasonOf(run) },
    { title: 'PHASE', of: ({ run }) => run.session_phase },
    { title: 'SESSION', of: ({ run }) => run.session_id },
    { title: 'LATENESS', of: ({ run }) => `${run.lateness_ms} ms`, wide: true },
    { title: 'FINISHED', of: ({ run }, times) => times.show(run.finished_at, zone), wide: true },
    { title: 'REQUESTED BY', of: ({ run }) => run.requested_by, wide: true },
    { title: 'RUN', of: ({ run }) => run.id, wide: true },
  ],
});

/** A range of missed ticks is one run. */
const reasonOf = ({ reason, missed_count }: RunItem['run']): string | undefined =>
  missed_count === undefined || missed_count === 1 ? reason : `${reason ?? ''} (${missed_count} ticks)`.trim();

type Tick = UpcomingTicks['items'][number];

export const tickShape = (zone: string): Shape<Tick> => ({
  noun: 'tick',
  nameOf: ({ scheduled_for }) => scheduled_for,
  columns: [
    { title: 'TIME', of: ({ scheduled_for }, times) => times.show(scheduled_for, zone) },
    { title: 'UTC', of: ({ scheduled_for }) => scheduled_for, wide: true },
  ],
});

type Bulk = ScheduledSessionActions['items'][number];

export const bulkShape: Shape<Bulk> = {
  noun: 'scheduled session',
  nameOf: ({ name }) => name,
  columns: [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'RESULT', of: ({ result }) => result },
    { title: 'ERROR', of: ({ error }) => error },
    { title: 'ID', of: ({ id }) => id, wide: true },
    { title: 'RUN', of: ({ run_id }) => run_id, wide: true },
  ],
};
