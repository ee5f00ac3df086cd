import { Inject, Injectable } from '@nestjs/common';
import type { Run } from '#contracts';
import { runs, type ScheduleProgress } from '#projections';
import { allOf, equals, type Filter, type ReadStore } from '#read-store';
import { instant } from '#service';
import { Derived } from '../support/derived.js';
import { bodyOf } from '../support/lists.js';
import { READ_STORE } from '../support/tokens.js';

const STARTED = equals('outcome', 'started');
const BY_TICK: Filter = { kind: 'in', field: 'trigger', values: ['schedule', 'catch_up'] };

/** What the runs of a schedule had made of it at an earlier time. */
@Injectable()
export class PastProgress {
  constructor(
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(Derived) private readonly derived: Derived,
  ) {}

  /** @param asOf milliseconds since 1970 */
  async of(scheduledSessionId: string, asOf: number): Promise<ScheduleProgress> {
    await this.derived.caughtUp();
    const decided = allOf(equals('scheduled_session_id', scheduledSessionId), {
      kind: 'compare',
      field: 'decided_at',
      operator: 'le',
      value: instant(asOf),
    });
    const [started, startedByTick, byTick] = await Promise.all([
      this.#newest(allOf(decided, STARTED), 'decided_at'),
      this.#newest(allOf(decided, STARTED, BY_TICK), 'decided_at'),
      this.#newest(allOf(decided, BY_TICK), 'scheduled_for'),
    ]);
    return {
      runs_count: started.total,
      scheduled_runs: startedByTick.total,
      last_run_at: started.run?.decided_at,
      decided_through: byTick.run?.missed_through ?? byTick.run?.scheduled_for,
    };
  }

  async #newest(filter: Filter, field: 'decided_at' | 'scheduled_for'): Promise<{ total: number; run?: Run }> {
    const { total, documents } = await this.reads.live.find({
      collection: runs.name,
      filter,
      orderBy: [{ field, direction: 'desc' }],
      offset: 0,
      limit: 1,
    });
    const [newest] = documents;
    return { total, ...(newest ? { run: JSON.parse(bodyOf(newest)) as Run } : {}) };
  }
}
