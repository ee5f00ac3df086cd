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
  // A tick died between its session and its run. The next one did not count it, and used max_runs up: nobody asked for the first again.
  {
    isAtomic: false,
    schedules: [{ hasAgent: true, fields: { max_runs: 1 } }],
    steps: [
      { kind: 'pass', seconds: 3600 },
      { kind: 'task', who: 0, task: { do: 'trigger', schedule: 0, overlap: 'skip' } },
      { kind: 'doom', who: 0, writes: 4 },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'report', pick: 0, phase: 'Stopped' }],
          [0, { do: 'decide', pick: 0, keep: false }],
        ],
        order: [0],
        death: undefined,
      },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'suspend', schedule: 0 }],
          [0, { do: 'deleteSession', pick: 0 }],
        ],
        order: [0],
        death: undefined,
      },
      { kind: 'task', who: 0, task: { do: 'decide', pick: 7, keep: false } },
      { kind: 'pass', seconds: 3600 },
      { kind: 'pass', seconds: 1200 },
      { kind: 'set', seconds: -700 },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'decide', pick: 0, keep: false }],
          [0, { do: 'keepHouse' }],
        ],
        order: [0],
        death: undefined,
      },
      { kind: 'deliver', who: 0 },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'trigger', schedule: 0, overlap: 'skip' }],
          [0, { do: 'decide', pick: 0, keep: false }],
        ],
        order: [0],
        death: undefined,
      },
    ],
  },
  // A failed run suspended its schedule and was not told its end, and someone resumed the schedule: it was to suspend it again, for ever.
  {
    isAtomic: false,
    schedules: [{ hasAgent: true, fields: { max_runs: 1, pause_on_failure: true } }],
    steps: [
      { kind: 'pass', seconds: 600 },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'decide', pick: 0, keep: false }],
          [0, { do: 'decide', pick: 0, keep: false }],
        ],
        order: [0],
        death: undefined,
      },
      { kind: 'doom', who: 0, writes: 1 },
      { kind: 'deliver', who: 0 },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'report', pick: 0, phase: 'Failed' }],
          [0, { do: 'decide', pick: 0, keep: false }],
        ],
        order: [0],
        death: undefined,
      },
      { kind: 'doom', who: 0, writes: 1 },
      { kind: 'pass', seconds: 600 },
      { kind: 'deliver', who: 0 },
      { kind: 'deliver', who: 0 },
      { kind: 'task', who: 0, task: { do: 'keepHouse' } },
      {
        kind: 'together',
        tasks: [
          [0, { do: 'deleteAgent' }],
          [0, { do: 'resume', schedule: 0 }],
        ],
        order: [0],
        death: undefined,
      },
    ],
  },
];
