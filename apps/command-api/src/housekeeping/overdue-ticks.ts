import { Inject, Injectable, Logger } from '@nestjs/common';
import type { ScheduledSession } from '#contracts';
import { scheduledSessions } from '#projections';
import { allOf, equals, type Document, type Filter } from '#read-store';
import { instant } from '#service';
import { CaughtUpReads } from '../support/caught-up-reads.js';
import { forEach } from './each.js';
import { GRACE_S, seconds } from './nominal-ticks.js';
import { is } from './pages.js';
import { TickRepair } from './tick-repair.js';

const PAGE = 500;
/** Of jitter, seconds: who may be held back so long is looked at so much later, and not each minute until then. */
const JITTERS = [0, 60, 600, 3600];

/** Schedules whose next tick without outcome should have had one: nobody asks for it. */
@Injectable()
export class OverdueTicks {
  private readonly logger = new Logger(OverdueTicks.name);

  constructor(
    @Inject(CaughtUpReads) private readonly reads: CaughtUpReads,
    @Inject(TickRepair) private readonly ticks: TickRepair,
  ) {}

  /**
   * @param now milliseconds since 1970
   * @param isAtWork tells whether others decide ticks of a schedule: one that catches up is left to them
   */
  async repair(now: number, isAtWork: (scheduleId: string) => boolean, signal: AbortSignal): Promise<void> {
    for await (const page of this.overdue(now)) {
      await forEach(
        page.filter(({ id }) => !isAtWork(id)),
        document => this.repairOne(document, now),
        { what: ({ id }) => `the overdue tick of schedule ${id}`, logger: this.logger, signal },
      );
      if (signal.aborted) return;
    }
  }

  private async repairOne(document: Document, now: number): Promise<void> {
    const next = nextRunOf(document);
    const stretch = { after: seconds(next) - 1, through: Math.floor(now / 1000) };
    await this.ticks.repair(await this.ticks.spansOf(document.id), stretch, [], now);
  }

  /** Longest overdue first. What is repaired leaves the search, so a page begins behind the last one's end. */
  private async *overdue(now: number): AsyncGenerator<readonly Document[], void, undefined> {
    const search = overdueAt(now);
    let rest: Filter = search;
    for (;;) {
      const { documents } = await this.reads.find({
        collection: scheduledSessions.name,
        filter: rest,
        orderBy: [{ field: 'next_run_at', direction: 'asc' }],
        offset: 0,
        limit: PAGE,
      });
      const last = documents.at(-1);
      if (!last) return;
      yield documents;
      if (documents.length < PAGE) return;
      rest = allOf(search, isBehind(last));
    }
  }
}

function overdueAt(now: number): Filter {
  const before = (s: number): Filter => is('next_run_at', 'lt', instant(now - s * 1000));
  const held = JITTERS.map(jitter => allOf(is('jitter', 'le', jitter), before(GRACE_S + jitter)));
  return allOf(before(GRACE_S), { kind: 'or', filters: held });
}

function isBehind(last: Document): Filter {
  const at = nextRunOf(last);
  const later: Filter = {
    kind: 'or',
    filters: [is('next_run_at', 'gt', at), allOf(equals('next_run_at', at), is('id', 'gt', last.id))],
  };
  return allOf(is('next_run_at', 'ge', at), later);
}

function nextRunOf({ id, json = '{}' }: Document): string {
  const { next_run_at } = JSON.parse(json) as Partial<ScheduledSession>;
  if (next_run_at === undefined) throw new Error(`schedule ${id} was found by its next_run_at and has none`);
  return next_run_at;
}
