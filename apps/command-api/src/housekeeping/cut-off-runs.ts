import { Inject, Injectable, Logger } from '@nestjs/common';
import { streams, type Run } from '#contracts';
import { session } from '#domain';
import { retrying } from '#journal';
import { runs } from '#projections';
import { allOf, equals } from '#read-store';
import { metrics } from '#service';
import { NextTurns } from '../scheduled-sessions/next-turns.js';
import { byPolicy, contextOfRun } from '../support/run-context.js';
import { RunEnds } from '../scheduled-sessions/run-ends.js';
import { CaughtUpReads } from '../support/caught-up-reads.js';
import { Commands } from '../support/commands.js';
import { forEach } from './each.js';
import { pagesById } from './pages.js';

/** Whoever reported the end has so long to say so to the run as well. */
const GRACE_MS = 60_000;

/** Runs whose session has ended and that were not told, because whoever was about to has died. */
@Injectable()
export class CutOffRuns {
  private readonly logger = new Logger(CutOffRuns.name);

  constructor(
    @Inject(CaughtUpReads) private readonly reads: CaughtUpReads,
    @Inject(Commands) private readonly commands: Commands,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(NextTurns) private readonly turns: NextTurns,
  ) {}

  /** @param now milliseconds since 1970 */
  async finish(now: number, signal: AbortSignal): Promise<void> {
    for (const phase of ['Stopped', 'Completed', 'Failed']) {
      const unfinished = allOf(
        equals('outcome', 'started'),
        { kind: 'isNull', field: 'finished_at' },
        equals('session_phase', phase),
      );
      for await (const page of pagesById(this.reads, runs.name, unfinished)) {
        await forEach(page, ({ id, json = '' }) => this.finishOne(id, (JSON.parse(json) as Run).session_id, now), {
          what: ({ id }) => `the end of run ${id}`,
          logger: this.logger,
          signal,
        });
        if (signal.aborted) return;
      }
    }
  }

  private async finishOne(runId: string, sessionId: string | undefined, now: number): Promise<void> {
    if (sessionId === undefined) return;
    const { state } = await this.commands.journal.load(session, streams.session(sessionId));
    if (state.status === 'absent' || now - Date.parse(state.value.updated_at) < GRACE_MS) return;
    const context = byPolicy(contextOfRun(runId, now), 'housekeeping');
    const finished = await retrying(async () => {
      const plans = await this.ends.plansFor(state.value, context);
      await this.commands.commit(...plans);
      return plans.length > 0;
    });
    if (!finished) return;
    metrics.housekeeping.inc({ work: 'run_finished' });
    this.logger.warn(`run ${runId} was not told that its session ${sessionId} has ended; now it is`);
    await this.turns.after(state.value, now);
  }
}
