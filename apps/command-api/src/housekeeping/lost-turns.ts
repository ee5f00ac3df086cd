import { Inject, Injectable, Logger } from '@nestjs/common';
import { streams, type Run } from '#contracts';
import { run } from '#domain';
import { Journal } from '#journal';
import { runs } from '#projections';
import { allOf, equals } from '#read-store';
import { instant, metrics } from '#service';
import { WaitingRuns } from '../scheduled-sessions/waiting-runs.js';
import { CaughtUpReads } from '../support/caught-up-reads.js';
import { forEach } from './each.js';
import { is, pagesById } from './pages.js';

/** Who has just come to wait is about to be looked after by whoever made it wait. */
const GRACE_MS = 60_000;

/** Runs that wait for an agent that is free: whoever should have given them their turn has died. */
@Injectable()
export class LostTurns {
  private readonly logger = new Logger(LostTurns.name);

  constructor(
    @Inject(CaughtUpReads) private readonly reads: CaughtUpReads,
    @Inject(Journal) private readonly journal: Journal,
    @Inject(WaitingRuns) private readonly waiting: WaitingRuns,
  ) {}

  /** @param now milliseconds since 1970 */
  async give(now: number, signal: AbortSignal): Promise<void> {
    const waiting = allOf(
      equals('outcome', 'queued'),
      { kind: 'isNull', field: 'finished_at' },
      is('decided_at', 'le', instant(now - GRACE_MS)),
    );
    for await (const page of pagesById(this.reads, runs.name, waiting)) {
      const queued = page.map(({ json = '' }) => JSON.parse(json) as Run);
      // They take their turns in the order in which they came, whichever of them is looked at.
      const byOccupant = Map.groupBy(queued, ({ agent_id, scheduled_session_id }) => agent_id ?? scheduled_session_id);
      await forEach([...byOccupant.values()], ofOne => this.settle(ofOne, now), {
        what: ([first]) => `the turn of run ${first?.id}`,
        logger: this.logger,
        signal,
      });
      if (signal.aborted) return;
    }
  }

  private async settle(queued: readonly Run[], now: number): Promise<void> {
    const [first] = queued;
    if (!first) return;
    await this.waiting.settle(first, now);
    for (const { id } of queued) {
      const { outcome } = (await this.journal.load(run, streams.run(id))).state;
      if (outcome === 'queued') continue;
      metrics.housekeeping.inc({ work: 'turn_given' });
      this.logger.warn(`run ${id} waited for an agent that was free; now it is ${outcome}`);
    }
  }
}
