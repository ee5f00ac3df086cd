/** Histories that once broke an invariant, as fast-check shrunk them, and what was wrong. */
import type { History } from './steps.js';

const AT_ONCE = [2, 5, 3, 3, 2, 5];

export const knownHistories: readonly History[] = [
  // A trigger by hand died behind its first message, then had to wait: its turn came and its start failed at that message, for ever.
  {
    isAtomic: false,
    schedules: [{ hasAgent: true, fields: {} }],
    steps: [
      { kind: 'doom', who: 1, writes: 2 },
      { kind: 'task', who: 1, task: { do: 'trigger', schedule: 0, overlap: 'queue' } },
      { kind: 'pass', seconds: 3600 },
      { kind: 'task', who: 0, task: { do: 'decide', pick: 0, keep: false } },
    ],
  },
  // Two processes decided two ticks at once: both counted no start yet, and one more than max_runs was let in.
  {
    isAtomic: true,
    schedules: [{ hasAgent: true, fields: { overlap_policy: 'queue', max_runs: 1 } }],
    steps: [
      { kind: 'pass', seconds: 1200 },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'trigger', schedule: 0, overlap: 'skip' }],
          [1, { do: 'decide', pick: 7, keep: false }],
          [0, { do: 'decide', pick: 0, keep: false }],
        ],
        order: AT_ONCE,
        death: undefined,
      },
    ],
  },
];
