/** Which ticks a schedule had by its whole history, and how those without an outcome are asked for. Times are whole seconds since 1970. */
import { RANGE_AGE_S } from '#contracts';
import { scheduledSession, type Fact, type Schedule, type ScheduledSessionEvent, type ScheduleState } from '#domain';
import { acceptedSchedule, countTicks, nextTick, previousTick, startOfTick } from '#schedule';

/** So long after its start (its tick and jitter) a tick is left to the scheduler, which asks again after 30 s by itself. */
export const GRACE_S = 120;
/** A range is asked for only when all of it is surely old enough, whatever the time of the decision. */
const MARGIN_S = 30;

/** After the one, up to and with the other. */
export interface Stretch {
  readonly after: number;
  readonly through: number;
}

/** A stretch of time in which one configuration held, and had ticks. */
export interface Span extends Stretch {
  readonly schedule: Schedule;
}

/** A tick without outcome, or the first of a range of them. */
export interface OwedTick {
  /** By which it is due. */
  readonly schedule: Schedule;
  readonly tick: number;
  /** Set for a range: its last tick. */
  readonly through?: number;
  readonly count: number;
}

/**
 * When a schedule had ticks, and by which configuration: the one that held just before each (docs/decisions/006).
 * @param events all of the schedule's stream
 */
export function spansOf(events: readonly Fact<ScheduledSessionEvent>[]): Span[] {
  const spans: Span[] = [];
  let state: ScheduleState = scheduledSession.initial;
  // A clock may have been set back between two events: what came first holds until the time of the next.
  let since = Number.NEGATIVE_INFINITY;
  for (const [index, event] of events.entries()) {
    state = scheduledSession.evolve(state, event);
    since = Math.max(since, seconds(event.metadata.occurred_at));
    const next = events[index + 1];
    const span = spanOf(state, since, next ? seconds(next.metadata.occurred_at) : Number.POSITIVE_INFINITY);
    if (span && span.after < span.through) spans.push(span);
  }
  return spans;
}

function spanOf(state: ScheduleState, since: number, through: number): Span | undefined {
  if (state.status !== 'present' || !state.value.enabled) return undefined;
  const schedule = state.value;
  const { start_at, end_at, ticks_after } = schedule;
  const beforeStart = start_at === undefined ? since : Math.ceil(Date.parse(start_at) / 1000) - 1;
  return {
    schedule,
    after: Math.max(since, seconds(ticks_after), beforeStart),
    through: end_at === undefined ? through : Math.min(through, seconds(end_at)),
  };
}

/** The newest tick up to a second, and the configuration that made it one. */
export function newestTick(spans: readonly Span[], through: number): Pick<OwedTick, 'schedule' | 'tick'> | undefined {
  for (const { schedule, after, through: end } of spans.toReversed()) {
    const tick = previousTick(acceptedSchedule(schedule.schedule), schedule.timezone, Math.min(through, end));
    if (tick !== undefined && tick > after) return { schedule, tick };
  }
  return undefined;
}

/** When the run of a tick was to start. */
export const startOf = ({ schedule, tick }: Pick<OwedTick, 'schedule' | 'tick'>): number =>
  startOfTick(schedule.id, acceptedSchedule(schedule.schedule), schedule.timezone, tick, schedule.jitter);

/**
 * The ticks of a stretch that are to be decided now, oldest first: as the scheduler would ask for them, those that no policy would run and
 * that are old enough as ranges.
 * @param decided stretches of ticks that have an outcome, oldest first
 */
export function* owedTicks(
  spans: readonly Span[],
  { after, through }: Stretch,
  decided: readonly Stretch[],
  now: number,
): Generator<OwedTick> {
  for (const span of spans) {
    const part = { after: Math.max(after, span.after), through: Math.min(through, span.through, now - GRACE_S) };
    for (const undecided of without(part, decided)) yield* owedBy(span.schedule, undecided, now);
  }
}

function* without({ after, through }: Stretch, decided: readonly Stretch[]): Generator<Stretch> {
  let from = after;
  for (const outcome of decided) {
    if (outcome.through <= from) continue;
    if (outcome.after > from) yield { after: from, through: Math.min(outcome.after, through) };
    from = outcome.through;
    if (from >= through) return;
  }
  yield { after: from, through };
}

function* owedBy(schedule: Schedule, { after, through }: Stretch, now: number): Generator<OwedTick> {
  const { timezone } = schedule;
  const cron = acceptedSchedule(schedule.schedule);
  let tick = nextTick(cron, timezone, after);
  const last = previousTick(cron, timezone, Math.min(through, newestHopeless(schedule, now)));
  if (tick !== undefined && last !== undefined && last > tick) {
    yield { schedule, tick, through: last, count: countTicks(cron, timezone, after, last) };
    tick = nextTick(cron, timezone, last);
  }
  for (; tick !== undefined && tick <= through; tick = nextTick(cron, timezone, tick)) {
    if (startOf({ schedule, tick }) > now - GRACE_S) return;
    yield { schedule, tick, count: 1 };
  }
}

/** Up to here no policy runs a tick, and none can still be on its way by itself. */
function newestHopeless(schedule: Schedule, now: number): number {
  const { catch_up_policy, catch_up_window, end_at, timezone } = schedule;
  const tooOld = now - RANGE_AGE_S - MARGIN_S;
  if (catch_up_policy === 'all') return Math.min(tooOld, now - catch_up_window - 1);
  const newest = previousTick(
    acceptedSchedule(schedule.schedule),
    timezone,
    end_at === undefined ? now : Math.min(now, seconds(end_at)),
  );
  return Math.min(tooOld, (newest ?? now) - 1);
}

/** Of RFC 3339; parts of a second are cut off. */
export const seconds = (at: string): number => Math.floor(Date.parse(at) / 1000);
