/** What may happen in a history, and how fast-check makes one. */
import fc from 'fast-check';
import type { OverlapPolicy, Phase, ScheduledSessionChanges } from '#contracts';

/** Which of two. */
export type Which = 0 | 1;

/** What a process of the command side does, alone or while another does something. Numbers pick one of what there is. */
export type Task =
  | { readonly do: 'decide'; readonly pick: number; readonly keep: boolean }
  | { readonly do: 'trigger'; readonly schedule: Which; readonly overlap: OverlapPolicy }
  | { readonly do: 'startAgent' }
  | { readonly do: 'report'; readonly pick: number; readonly phase: Phase }
  | { readonly do: 'stop'; readonly pick: number }
  | { readonly do: 'deleteSession'; readonly pick: number }
  | { readonly do: 'edit'; readonly schedule: Which; readonly changes: ScheduledSessionChanges }
  | { readonly do: 'suspend' | 'resume' | 'deleteSchedule'; readonly schedule: Which }
  | { readonly do: 'deleteAgent' }
  | { readonly do: 'permit'; readonly isPermitted: boolean }
  | { readonly do: 'keepHouse' };

export type Step =
  | { readonly kind: 'pass'; readonly seconds: number }
  /** The wall clock is set. */
  | { readonly kind: 'set'; readonly seconds: number }
  | { readonly kind: 'deliver'; readonly who: Which }
  | { readonly kind: 'lose'; readonly pick: number }
  | { readonly kind: 'broker'; readonly isDown: boolean }
  | { readonly kind: 'lead'; readonly which: Which; readonly isLeading: boolean }
  | { readonly kind: 'restart'; readonly which: Which }
  | { readonly kind: 'hold'; readonly which: Which; readonly isHeld: boolean }
  /** A process of the command side dies when it has written to so many more streams. */
  | { readonly kind: 'doom'; readonly who: Which; readonly writes: number }
  | { readonly kind: 'task'; readonly who: Which; readonly task: Task }
  /** Several at once: `order` says whose call comes next, and behind how many calls one of them dies. */
  | {
      readonly kind: 'together';
      readonly tasks: readonly (readonly [Which, Task])[];
      readonly order: readonly number[];
      readonly death: { readonly who: Which; readonly after: number } | undefined;
    };

export interface History {
  /** An append to several streams is one transaction, as the embedded engine makes it. */
  readonly isAtomic: boolean;
  readonly schedules: readonly { readonly hasAgent: boolean; readonly fields: ScheduledSessionChanges }[];
  readonly steps: readonly Step[];
}

const CRONS = ['*/10 * * * *', '*/30 * * * *', '0 * * * *', '20,50 * * * *', '15 */2 * * *'];
const START = '2026-03-01T10:00:00.000Z';
const END = '2026-03-01T13:00:00.000Z';

const which = fc.constantFrom<Which>(0, 1);
const overlap = fc.constantFrom<OverlapPolicy>('skip', 'queue', 'replace', 'allow');
const pick = fc.nat(20);
const phase = fc.constantFrom<Phase>('Running', 'Stopping', 'Stopped', 'Completed', 'Failed');

const fields = fc.record(
  {
    schedule: fc.constantFrom(...CRONS),
    timezone: fc.constantFrom('UTC', 'Asia/Kathmandu'),
    overlap_policy: overlap,
    catch_up_policy: fc.constantFrom('none' as const, 'latest' as const, 'all' as const),
    catch_up_window: fc.constantFrom(0, 600, 3600, 86_400),
    jitter: fc.constantFrom(0, 0, 90, 600),
    start_at: fc.constantFrom(null, START),
    end_at: fc.constantFrom(null, END),
    max_runs: fc.constantFrom(null, 1, 2, 5),
    pause_on_failure: fc.boolean(),
  },
  { requiredKeys: [] },
);

const task: fc.Arbitrary<Task> = fc.oneof(
  { weight: 18, arbitrary: fc.record({ do: fc.constant('decide' as const), pick, keep: fc.boolean() }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constant('trigger' as const), schedule: which, overlap }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('startAgent' as const) }) },
  { weight: 18, arbitrary: fc.record({ do: fc.constant('report' as const), pick, phase }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'deleteSession' as const), pick }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('edit' as const), schedule: which, changes: fields }) },
  { weight: 9, arbitrary: fc.record({ do: fc.constantFrom('suspend' as const, 'resume' as const), schedule: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('deleteSchedule' as const), schedule: which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deleteAgent' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('permit' as const), isPermitted: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('keepHouse' as const) }) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      seconds: fc.constantFrom(1, 31, 60, 61, 299, 600, 600, 1200, 1800, 3600),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('set' as const),
      seconds: fc.constantFrom(-3600, -700, -61, 45, 120, 2400, 11_000),
    }),
  },
  { weight: 7, arbitrary: fc.record({ kind: fc.constant('deliver' as const), who: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), pick }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('broker' as const), isDown: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('lead' as const), which, isLeading: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('hold' as const), which, isHeld: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('doom' as const), who: which, writes: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('task' as const), who: which, task }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('together' as const),
      tasks: fc.array(fc.tuple(which, task), { minLength: 2, maxLength: 3 }),
      order: fc.array(fc.nat(6), { minLength: 1, maxLength: 24 }),
      death: fc.option(fc.record({ who: which, after: fc.nat(40) }), { nil: undefined, freq: 2 }),
    }),
  },
);

const schedule = fc.record({ hasAgent: fc.constantFrom(true, true, false), fields });

export const histories: fc.Arbitrary<History> = fc.record({
  // Whoever lives through it says on which engine.
  isAtomic: fc.constant(true),
  schedules: fc.array(schedule, { minLength: 1, maxLength: 2 }),
  steps: fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }),
});
