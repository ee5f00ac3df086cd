/** A tick that is due and has no outcome: it is being decided, or its time is still to come. */
import type { Schedule } from '#domain';
import { countTicks, startOfTick } from '#schedule';
import { instant } from '#service';
import type { Finding, Moment } from './moment.js';
import { policyOf } from './policy.js';
import { cronOf, setBy, windowOf } from './timeline.js';
import { inBrackets, late, ofAgent, time } from './words.js';

export function undecided(moment: Moment): Finding {
  const { earlier, present, at } = moment;
  const decidedBy = setBy(earlier, ['schedule', 'timezone', 'enabled', 'start_at', 'end_at', 'max_runs']);
  if (!present || !decidedBy) throw new Error(`${moment.instant} is due by no configuration`);
  const delayed = present.jitter > 0;
  const start = delayed ? startOfTick(present.id, cronOf(present), present.timezone, at, present.jitter) : at;
  const policy = policyOf(present, 'overlap_policy', ...(delayed ? (['jitter'] as const) : []));
  const due = { present, start, prospect: prospect(moment, present, start) };
  const found = moment.when === 'future' ? upcoming(moment, due) : pending(moment, due);
  return { ...found, policy: { ...policy, ...found.policy }, starts_at: instant(start * 1000), decidedBy };
}

interface Due {
  /** The schedule by which it is due. */
  readonly present: Schedule;
  /** When its run is to start, whole seconds since 1970. */
  readonly start: number;
  readonly prospect: string;
}

type Undecided = Pick<Finding, 'verdict' | 'reason' | 'because' | 'policy' | 'lateness_ms'>;

function pending({ now, at }: Moment, { present, start, prospect }: Due): Undecided {
  const lateness_ms = Math.max(0, now - at * 1000);
  if (now < start * 1000) {
    const because = `It is due, and starts ${start - at} s after its tick (jitter ${present.jitter}). ${prospect}`;
    return { verdict: 'pending', reason: 'delayed_by_jitter', because, policy: {}, lateness_ms };
  }
  const policy = policyOf(present, 'catch_up_policy', 'catch_up_window');
  const because = `It is due and not decided yet, ${late(lateness_ms)}. ${prospect} If it is found to have been missed, the catch-up policy decides${inBrackets(policy)}.`;
  return { verdict: 'pending', reason: 'awaiting_decision', because, policy, lateness_ms };
}

function upcoming(moment: Moment, { present, prospect }: Due): Undecided {
  const { max_runs = Number.POSITIVE_INFINITY } = present;
  const left = max_runs - moment.starts.count;
  const before = ticksBefore(moment, present);
  if (before < left) {
    return { verdict: 'upcoming', reason: 'will_be_due', because: `It will be due. ${prospect}`, policy: {} };
  }
  const because = `It will be due unless max_runs, ${max_runs}, is reached before: ${left} more may start, and ${before} ticks come first. ${prospect}`;
  return { verdict: 'upcoming', reason: 'will_be_due_if_runs_are_left', because, policy: policyOf(present, 'max_runs') };
}

/** Ticks from now to the instant, that one left out, as things stand. */
function ticksBefore({ at, now }: Moment, present: Schedule): number {
  const from = Math.max(Math.floor(now / 1000), windowOf(present).from - 1);
  return from < at ? countTicks(cronOf(present), present.timezone, from, at - 1) : 0;
}

/** What the overlap policy will make of it. */
function prospect(moment: Moment, { overlap_policy }: Schedule, start: number): string {
  const when = start > moment.at ? ` at ${time(instant(start * 1000))}` : '';
  const session = `A session${ofAgent(moment)} starts${when}`;
  switch (overlap_policy) {
    case 'skip':
      return `${session}, unless another one is active then (overlap_policy skip).`;
    case 'queue':
      return `${session}; while another one is active it waits, or is dropped if a run waits already (overlap_policy queue).`;
    case 'replace':
      return `${session}; another one that is active then is asked to stop first (overlap_policy replace).`;
    case 'allow':
      return `${session}, whatever else is running (overlap_policy allow).`;
  }
}
