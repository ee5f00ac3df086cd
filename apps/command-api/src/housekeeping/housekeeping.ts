/** Work that no request asks for: what a crash, a lost message or a runtime that is gone has left undone. */
import { Inject, Injectable, Logger } from '@nestjs/common';
import { CLOCK, metrics, type Clock } from '#service';
import { CutOffRuns } from './cut-off-runs.js';
import { LostTurns } from './lost-turns.js';
import { OverdueTicks } from './overdue-ticks.js';
import { SessionDeadlines } from './session-deadlines.js';
import { TickHoles } from './tick-holes.js';

@Injectable()
export class Housekeeping {
  private readonly logger = new Logger(Housekeeping.name);

  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CutOffRuns) private readonly cutOffRuns: CutOffRuns,
    @Inject(SessionDeadlines) private readonly deadlines: SessionDeadlines,
    @Inject(LostTurns) private readonly turns: LostTurns,
    @Inject(TickHoles) private readonly holes: TickHoles,
    @Inject(OverdueTicks) private readonly overdue: OverdueTicks,
  ) {}

  /**
   * Does once what there is to do. Never rejects: what fails is logged, and done by the next pass.
   * @returns the names of the duties that failed
   */
  async pass(signal: AbortSignal): Promise<readonly string[]> {
    const failed: string[] = [];
    const duties: readonly (readonly [string, (now: number) => Promise<void>])[] = [
      // Sessions first: their ends free agents, for those that wait and for ticks.
      ['ends of runs', now => this.cutOffRuns.finish(now, signal)],
      ['deadlines of sessions', now => this.deadlines.keep(now, signal)],
      ['turns of waiting runs', now => this.turns.give(now, signal)],
      // Holes first: they tell who else is at work.
      ['holes among ticks', now => this.holes.repair(now, signal)],
      ['overdue ticks', now => this.overdue.repair(now, this.holes.isAtWork, signal)],
    ];
    for (const [name, duty] of duties) {
      if (signal.aborted) break;
      try {
        await duty(this.clock.now());
      } catch (error) {
        failed.push(name);
        this.logger.error(new Error(`housekeeping failed at ${name}, and tries again with its next pass`, { cause: error }));
      }
    }
    metrics.housekeepingPasses.inc({ result: failed.length === 0 ? 'done' : 'failed' });
    return failed;
  }
}
