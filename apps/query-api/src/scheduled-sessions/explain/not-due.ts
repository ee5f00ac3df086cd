/** Why no tick falls on an instant. The conditions are looked at in the order in which they were or would be lifted: existence first. */
import type { ExplanationReason } from '#contracts';
import type { Schedule } from '#domain';
import { clockShiftAt, type ClockShift } from '#schedule';
import { instant } from '#service';
import type { RunStart } from './evidence.js';
import type { Finding, Moment } from './moment.js';
import { policyOf } from './policy.js';
import { cronOf, isInExpression, setBy, tickAfter, tickBefore, valueOf, windowOf, type Configuration } from './timeline.js';
import { dayAndTime, notDue, time, timing, whenAndWho } from './words.js';

/** Undefined when the instant is due. */
export function whyNotDue(moment: Moment): Finding | undefined {
  return absence(moment) ?? suspension(moment) ?? outsideWindow(moment) ?? exhaustion(moment) ?? notInExpression(moment);
}

type Event = Finding['decidedBy'];

const finding = (
  moment: Moment,
  reason: ExplanationReason,
  decidedBy: Event,
  because: string,
  rest: Partial<Finding> = {},
): Finding => ({ verdict: 'not_due', reason, because: `${notDue(moment)}: ${because}`, policy: {}, decidedBy, ...rest });

function absence(moment: Moment): Finding | undefined {
  const { inForce, configurations } = moment;
  const [creation] = configurations;
  if (!creation) throw new Error('a schedule without events can not be explained');
  if (!inForce) {
    return finding(moment, 'not_created_yet', creation.event, `the schedule was created ${whenAndWho(creation.event)}.`);
  }
  const deletion = moment.earlier.find(({ state }) => state.status === 'deleted');
  return deletion && finding(moment, 'deleted', deletion.event, `the schedule was deleted ${whenAndWho(deletion.event)}.`);
}

function suspension(moment: Moment): Finding | undefined {
  const { present, earlier } = moment;
  const event = setBy(earlier, ['enabled']);
  if (!present || !event || present.enabled) return undefined;
  const policy = policyOf(present, 'enabled', 'suspended_reason');
  if (event.type === 'ScheduledSessionCreated') {
    return finding(moment, 'disabled', event, `the schedule was created disabled, ${whenAndWho(event)}.`, { policy });
  }
  const why = event.type === 'ScheduledSessionSuspended' ? reasonInWords(event.payload.reason) : '';
  return finding(moment, 'disabled', event, `the schedule was suspended ${whenAndWho(event)}${why}.`, { policy });
}

function reasonInWords(reason: string | undefined): string {
  switch (reason) {
    case undefined:
      return '';
    case 'run_failed':
      return ', reason run_failed: the session of a run had failed (pause_on_failure)';
    case 'forbidden':
      return ', reason forbidden: who made the schedule may no longer create sessions';
    default:
      return `, reason "${reason}"`;
  }
}

function outsideWindow(moment: Moment): Finding | undefined {
  const { present, at, earlier } = moment;
  if (!present) return undefined;
  const { from, through } = windowOf(present);
  if (at >= from && at <= through) return undefined;
  const [field, reason, rule] =
    at < from
      ? (['start_at', 'before_start_at', 'first tick of the schedule may come at its start_at'] as const)
      : (['end_at', 'after_end_at', 'last tick of the schedule may come at its end_at'] as const);
  const event = eventThatSet(earlier, field);
  const because = `the ${rule}, ${time(present[field] ?? '')}, set ${whenAndWho(event)}.`;
  return finding(moment, reason, event, because, { policy: policyOf(present, field) });
}

function exhaustion(moment: Moment): Finding | undefined {
  const { present, at, nominal, starts } = moment;
  const { reaching, newestBefore } = starts;
  if (!present || !reaching) return undefined;
  // A tick without outcome lost to those that were decided before it, even if that was later than its own time (they were caught up).
  if (!nominal && Date.parse(reaching.payload.decided_at) >= (at + 1) * 1000) return undefined;
  const last = newestBefore ? later(reaching, newestBefore) : reaching;
  const { scheduled_for, session_id } = last.payload;
  const because = `max_runs, ${present.max_runs}, had been reached: the last run was that of ${time(scheduled_for)}, session ${session_id}.`;
  return finding(moment, 'max_runs_exhausted', last, because, { policy: policyOf(present, 'max_runs') });
}

const later = (a: RunStart, b: RunStart): RunStart => (b.payload.decided_at > a.payload.decided_at ? b : a);

function notInExpression(moment: Moment): Finding | undefined {
  const { present, at, earlier, inExpression } = moment;
  if (!present || inExpression) return undefined;
  const policy = policyOf(present, 'schedule', 'timezone');
  const shift = clockShiftAt(cronOf(present), present.timezone, at);
  if (shift) {
    const because = `${shiftInWords(shift, present)}.`;
    const reason = shift.kind === 'gap' ? 'clock_gap' : 'clock_overlap';
    return finding(moment, reason, eventThatSet(earlier, 'schedule', 'timezone'), because, { policy, clock: clockOf(shift) });
  }
  const change = namedAfter(moment) ?? namedBefore(moment);
  if (change) return finding(moment, change.reason, change.event, change.because, { policy });
  const because = `${timing(present)} has no tick at ${moment.local ?? moment.instant}${neighbours(moment)}.`;
  return finding(moment, 'not_in_expression', eventThatSet(earlier, 'schedule', 'timezone'), because, { policy });
}

/** What a change of the clock does to a time of the expression, in words. */
export function shiftInWords(shift: ClockShift, { timezone }: Pick<Schedule, 'timezone'>): string {
  const [day, clock] = dayAndTime(shift.local);
  if (shift.kind === 'overlap') {
    const due = time(instant(shift.tick * 1000));
    return `${clock} comes twice in ${timezone} on ${day}, where the clock is put back, and the first time counts: ${due}`;
  }
  const gap = `${clock} does not exist in ${timezone} on ${day}, where the clock is put forward`;
  return shift.tick === undefined
    ? `${gap}, and an hour field that starts with * has no tick in its place`
    : `${gap}, so it is due at ${time(instant(shift.tick * 1000))}`;
}

export const clockOf = ({ kind, local, tick }: ClockShift): NonNullable<Finding['clock']> => ({
  kind,
  local,
  ...(tick === undefined ? {} : { due_at: instant(tick * 1000) }),
});

interface ChangeOfExpression {
  readonly reason: 'changed_after' | 'changed_before';
  readonly event: Event;
  readonly because: string;
}

/** The first later change of expression or zone that would have named the instant. */
function namedAfter({ present, configurations, earlier, at }: Moment): ChangeOfExpression | undefined {
  const change = configurations.slice(earlier.length).find(({ event, state }) => {
    const value = valueOf(state);
    return event.type === 'ScheduledSessionUpdated' && value !== undefined && isInExpression(value, at);
  });
  const value = valueOf(change?.state);
  if (!present || !change || !value) return undefined;
  const because = `${timing(present)} held until it was changed to ${timing(value)} ${whenAndWho(change.event)}, which counts for ticks after that only.`;
  return { reason: 'changed_after', event: change.event, because };
}

/** The change of expression or zone that brought the one in force, if the one before it named the instant. */
function namedBefore({ present, earlier, at }: Moment): ChangeOfExpression | undefined {
  const event = eventThatSet(earlier, 'schedule', 'timezone');
  const before = valueOf(earlier[earlier.findIndex(configuration => configuration.event === event) - 1]?.state);
  if (!present || !before || !isInExpression(before, at)) return undefined;
  const because = `${timing(before)} had been changed to ${timing(present)} ${whenAndWho(event)}.`;
  return { reason: 'changed_before', event, because };
}

function neighbours({ configurations, at }: Moment): string {
  const [before, after] = [tickBefore(configurations, at), tickAfter(configurations, at)];
  const parts = [
    before === undefined ? '' : `the tick before it is ${time(instant(before * 1000))}`,
    after === undefined ? '' : `the next one ${time(instant(after * 1000))}`,
  ].filter(part => part !== '');
  return parts.length === 0 ? '' : `; ${parts.join(', ')}`;
}

function eventThatSet(earlier: readonly Configuration[], ...fields: readonly (keyof Schedule)[]): Event {
  const event = setBy(earlier, fields);
  if (!event) throw new Error('a field of a schedule was set by no event');
  return event;
}
