import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type { Schedule } from '#domain';
import { NO_PROGRESS, scheduledSessions, scheduleProgressOf, type ScheduleProgress } from '#projections';
import { acceptedSchedule, describe, localTicks, type LocalTick } from '#schedule';
import { Aggregates } from '../support/aggregates.js';
import { Derived } from '../support/derived.js';
import { scheduleIn } from './scheduled-session.queries.js';

export interface Upcoming {
  readonly schedule: string;
  readonly timezone: string;
  /** The cron expression in words. */
  readonly description: string;
  readonly items: readonly LocalTick[];
}

/** The next ticks of a schedule. */
export class UpcomingTicks extends Query<Upcoming> {
  constructor(
    readonly projectId: string,
    readonly id: string,
    /** Ticks at most. */
    readonly count: number,
    /** Exclusive, milliseconds since 1970. */
    readonly after: number,
  ) {
    super();
  }
}

@QueryHandler(UpcomingTicks)
export class UpcomingTicksHandler implements IQueryHandler<UpcomingTicks> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(Derived) private readonly derived: Derived,
  ) {}

  async execute({ projectId, id, count, after }: UpcomingTicks): Promise<Upcoming> {
    const { document } = await this.derived.read(scheduledSessions, id);
    const { value } = await this.aggregates.present(scheduleIn(projectId, id));
    const { schedule, timezone } = value;
    const items = upcoming(value, document ? scheduleProgressOf(document) : NO_PROGRESS, { count, after });
    return { schedule, timezone, description: describe(schedule), items };
  }
}

/** None while disabled, only within start_at and end_at (both included), no more than max_runs leaves. */
function upcoming(
  schedule: Schedule,
  progress: ScheduleProgress,
  { count, after }: { count: number; after: number },
): LocalTick[] {
  const { enabled, timezone, start_at, end_at, max_runs = Infinity } = schedule;
  const left = Math.min(count, max_runs - progress.scheduled_runs);
  if (!enabled || left <= 0) return [];
  const from = start_at === undefined ? after / 1000 : Math.max(after / 1000, Math.ceil(Date.parse(start_at) / 1000) - 1);
  const through = end_at === undefined ? Infinity : Date.parse(end_at) / 1000;
  return localTicks(acceptedSchedule(schedule.schedule), timezone, from, through, left);
}
