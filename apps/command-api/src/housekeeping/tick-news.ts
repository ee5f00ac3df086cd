/** What the log tells of schedules and their ticks since it was last read, without the scheduler's knowledge of it. */
import { Inject, Injectable, Logger } from '@nestjs/common';
import { categoryOf, idOf, type Occurred } from '#contracts';
import type { RunEvent, ScheduledSessionEvent } from '#domain';
import type { Position, RecordedEvent } from '#event-store';
import { decode, Journal } from '#journal';
import { seconds } from './nominal-ticks.js';

/** Who begins looks so far back: what the one before had seen and not repaired is seen again. */
const LOOK_BACK_MS = 3_600_000;
const PAGE = 1000;
const CATEGORIES = ['scheduledSession', 'scheduledSessionRun'];

/** A point of a schedule's time: what is nominal up to it (whole seconds since 1970, itself included) should have an outcome soon. */
export interface Boundary {
  readonly scheduleId: string;
  readonly through: number;
  /** Of the run whose outcome makes it one; undefined: the configuration has changed. */
  readonly runId?: string;
  /** Of the event, milliseconds since 1970. */
  readonly at: number;
}

@Injectable()
export class TickNews {
  private readonly logger = new Logger(TickNews.name);
  private readUpTo: { readonly position: Position | undefined } | undefined;

  constructor(@Inject(Journal) private readonly journal: Journal) {}

  /** Each page counts as read when the next one is asked for: what fails before is told again. */
  async *read(now: number): AsyncGenerator<readonly Boundary[], void, undefined> {
    if (!this.readUpTo) yield* this.lately(now);
    for (;;) {
      const after = this.readUpTo?.position;
      const page = await this.journal.store.readAll({
        ...(after === undefined ? {} : { after }),
        categories: CATEGORIES,
        limit: PAGE,
      });
      if (page.length > 0) yield this.boundariesIn(page);
      this.readUpTo = { position: page.at(-1)?.position ?? after };
      if (page.length < PAGE) return;
    }
  }

  /** Newest first, an hour back from the newest: the system may have stood still since. */
  private async *lately(now: number): AsyncGenerator<readonly Boundary[], void, undefined> {
    let newest: Position | undefined;
    let before: Position | undefined;
    let since = Number.POSITIVE_INFINITY;
    for (;;) {
      const page = await this.journal.store.readAll({
        ...(before === undefined ? {} : { after: before }),
        direction: 'backwards',
        categories: CATEGORIES,
        limit: PAGE,
      });
      newest ??= page[0]?.position;
      if (page[0]) since = Math.min(since, now - LOOK_BACK_MS, timeOf(page[0]) - LOOK_BACK_MS);
      const last = page.at(-1);
      if (last) yield this.boundariesIn(page);
      if (!last || page.length < PAGE || timeOf(last) < since) break;
      before = last.position;
    }
    this.readUpTo = { position: newest };
  }

  private boundariesIn(page: readonly RecordedEvent[]): Boundary[] {
    return page.flatMap(recorded => {
      try {
        return boundaryOf(decode(recorded));
      } catch (error) {
        this.logger.error(new Error(`event ${recorded.revision} of ${recorded.stream} can't be read`, { cause: error }));
        return [];
      }
    });
  }
}

function boundaryOf(event: Occurred): Boundary[] {
  const at = Date.parse(event.metadata.occurred_at);
  if (categoryOf(event.stream) === 'scheduledSession') {
    const { type, stream, metadata } = event as Occurred<ScheduledSessionEvent>;
    if (type === 'ScheduledSessionCreated') return [];
    return [{ scheduleId: idOf(stream), through: seconds(metadata.occurred_at), at }];
  }
  const { type, stream, payload } = event as Occurred<RunEvent>;
  if (type === 'RunFinished' || (payload.trigger !== 'schedule' && payload.trigger !== 'catch_up')) return [];
  return [{ scheduleId: payload.scheduled_session_id, through: seconds(payload.scheduled_for) - 1, runId: idOf(stream), at }];
}

const timeOf = ({ metadata }: RecordedEvent): number =>
  Date.parse((JSON.parse(metadata) as { readonly occurred_at: string }).occurred_at);
