import { Inject, Injectable, Logger } from '@nestjs/common';
import { runIdOf, type Run } from '#contracts';
import { runs } from '#projections';
import { allOf, equals, type Filter } from '#read-store';
import { instant } from '#service';
import { ActiveWork } from '../support/active-work.js';
import { CaughtUpReads } from '../support/caught-up-reads.js';
import { forEach } from './each.js';
import { GRACE_S, newestTick, seconds, startOf, type OwedTick, type Stretch } from './nominal-ticks.js';
import { is } from './pages.js';
import { TickNews, type Boundary } from './tick-news.js';
import { TickRepair } from './tick-repair.js';

const GRACE_MS = GRACE_S * 1000;
/** Outcomes in one hole that are looked at; when others have made more of them meanwhile, they are at it. */
const MOST_OUTCOMES = 1000;
const BY_TICK: Filter = { kind: 'in', field: 'trigger', values: ['schedule', 'catch_up'] };

/** Ticks without outcome before one that has its outcome, or before a change of the configuration. */
interface Hole extends Stretch {
  readonly scheduleId: string;
  /** Milliseconds since 1970. Until then whoever decides out of order, or asks again for what the broker lost, may fill it. */
  notBefore: number;
}

/** A boundary's last tick, which should have an outcome. */
type Expected = Pick<OwedTick, 'schedule' | 'tick'> & { readonly runId: string };

/**
 * Ticks that no `next_run_at` tells of, since a later one was decided, or the configuration has changed since. For each outcome the tick
 * before it is looked up, so what this costs follows from what has happened, not from how many schedules there are.
 */
@Injectable()
export class TickHoles {
  private readonly logger = new Logger(TickHoles.name);
  private readonly holes = new Map<string, Hole>();
  /** By schedule: when others last decided one of its ticks. Kept as long as the grace. */
  private readonly decidedAt = new Map<string, number>();

  constructor(
    @Inject(TickNews) private readonly news: TickNews,
    @Inject(CaughtUpReads) private readonly reads: CaughtUpReads,
    @Inject(ActiveWork) private readonly work: ActiveWork,
    @Inject(TickRepair) private readonly ticks: TickRepair,
  ) {}

  /** True when others have decided a tick of the schedule a short while ago. */
  readonly isAtWork = (scheduleId: string): boolean => this.decidedAt.has(scheduleId);

  /** Finds new holes, and fills those that nobody else has. @param now milliseconds since 1970 */
  async repair(now: number, signal: AbortSignal): Promise<void> {
    for (const [id, at] of this.decidedAt) if (now - at > GRACE_MS) this.decidedAt.delete(id);
    for await (const boundaries of this.news.read(now)) {
      this.noteOthers(boundaries, now);
      await this.lookBehind(boundaries, now, signal);
      if (signal.aborted) return;
    }
    const due = [...this.holes].filter(([, { notBefore }]) => notBefore <= now);
    await forEach(due, ([key, hole]) => this.fill(key, hole, now), {
      what: ([, { scheduleId }]) => `the ticks that schedule ${scheduleId} has no outcome for`,
      logger: this.logger,
      signal,
    });
  }

  private noteOthers(boundaries: readonly Boundary[], now: number): void {
    for (const { scheduleId, runId, at } of boundaries) {
      if (runId !== undefined && now - at <= GRACE_MS && !this.ticks.isOwn(runId)) this.decidedAt.set(scheduleId, at);
    }
  }

  private async lookBehind(boundaries: readonly Boundary[], now: number, signal: AbortSignal): Promise<void> {
    const decided = new Set(boundaries.flatMap(({ runId }) => runId ?? []));
    const expected: Expected[] = [];
    await forEach(
      [...Map.groupBy(boundaries, ({ scheduleId }) => scheduleId)],
      async ([scheduleId, own]) => {
        const spans = await this.ticks.spansOf(scheduleId);
        for (const through of new Set(own.map(boundary => boundary.through))) {
          const last = newestTick(spans, through);
          if (!last) continue;
          const runId = runIdOf(scheduleId, instant(last.tick * 1000));
          if (!decided.has(runId)) expected.push({ ...last, runId });
        }
      },
      { what: ([scheduleId]) => `schedule ${scheduleId}`, logger: this.logger, signal },
    );
    const ids = [...new Set(expected.map(({ runId }) => runId))];
    const found = new Set((await this.reads.get(runs.name, ids)).map(({ id }) => id));
    await forEach(
      expected.filter(({ runId }) => !found.has(runId)),
      tick => this.noticeHole(tick, now),
      { what: ({ schedule }) => `schedule ${schedule.id}`, logger: this.logger, signal },
    );
  }

  private async noticeHole({ schedule, tick }: Expected, now: number): Promise<void> {
    const { id, max_runs } = schedule;
    const through = await this.decidedThrough(id, tick);
    // It may be within a range, or have come after the last one that was allowed.
    if (through >= tick || (max_runs !== undefined && (await this.work.scheduledStarts(id)) >= max_runs)) return;
    const notBefore = Math.max(now, startOf({ schedule, tick }) * 1000) + GRACE_MS;
    const key = `${id} ${tick}`;
    if (!this.holes.has(key)) this.holes.set(key, { scheduleId: id, after: through, through: tick, notBefore });
  }

  /** The end of the newest outcome that begins at a tick or before it; whole seconds since 1970. */
  private async decidedThrough(scheduleId: string, tick: number): Promise<number> {
    const { documents } = await this.reads.find({
      collection: runs.name,
      filter: allOf(equals('scheduled_session_id', scheduleId), is('scheduled_for', 'le', instant(tick * 1000)), BY_TICK),
      orderBy: [{ field: 'scheduled_for', direction: 'desc' }],
      offset: 0,
      limit: 1,
    });
    const [newest] = documents.map(stretchOf);
    return newest?.through ?? Number.NEGATIVE_INFINITY;
  }

  private async fill(key: string, hole: Hole, now: number): Promise<void> {
    const { total, documents } = await this.reads.find({
      collection: runs.name,
      filter: allOf(
        equals('scheduled_session_id', hole.scheduleId),
        ...(Number.isFinite(hole.after) ? [is('scheduled_for', 'gt', instant(hole.after * 1000))] : []),
        is('scheduled_for', 'le', instant(hole.through * 1000)),
        BY_TICK,
      ),
      orderBy: [{ field: 'scheduled_for', direction: 'asc' }],
      offset: 0,
      limit: MOST_OUTCOMES,
    });
    if (total > documents.length) {
      hole.notBefore = now + GRACE_MS;
      return;
    }
    const spans = await this.ticks.spansOf(hole.scheduleId);
    if (await this.ticks.repair(spans, hole, documents.map(stretchOf), now)) this.holes.delete(key);
  }
}

/** What a run decides: its tick, or its range of them. */
function stretchOf({ json = '' }: { readonly json: string | undefined }): Stretch {
  const { scheduled_for, missed_through = scheduled_for } = JSON.parse(json) as Run;
  return { after: seconds(scheduled_for) - 1, through: seconds(missed_through) };
}
