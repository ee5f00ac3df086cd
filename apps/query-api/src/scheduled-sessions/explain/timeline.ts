/** The configurations of one schedule, one after the other. */
import type { Occurred } from '#contracts';
import { scheduledSession, type Schedule, type ScheduledSessionEvent, type ScheduleState } from '#domain';
import { acceptedSchedule, isTick, nextTick, previousTick, type Schedule as Cron } from '#schedule';

type ScheduleEvent = Occurred<ScheduledSessionEvent>;

/** What one event of the schedule brought about. It holds for the ticks in (`since`, `until`]: a tick belongs to the configuration before it. */
export interface Configuration {
  readonly event: ScheduleEvent;
  readonly state: ScheduleState;
  /** Milliseconds since 1970, as `until`. */
  readonly since: number;
  readonly until: number;
}

/** The configurations that the events brought about, oldest first. */
export function configurationsOf(events: readonly ScheduleEvent[]): readonly Configuration[] {
  let state = scheduledSession.initial;
  let since = Number.NEGATIVE_INFINITY;
  return events.map((event, index) => {
    state = scheduledSession.evolve(state, event);
    since = Math.max(since, timeOf(event));
    const next = events[index + 1];
    return { event, state, since, until: next ? Math.max(since, timeOf(next)) : Number.POSITIVE_INFINITY };
  });
}

/** How many of the configurations came into force before an instant (milliseconds since 1970): the last of those holds for its tick. */
export function countBefore(configurations: readonly Configuration[], instant: number): number {
  const first = configurations.findIndex(({ event }) => timeOf(event) >= instant);
  return first < 0 ? configurations.length : first;
}

/** The newest event that changed one of the fields; the first one, which set them, when none did. Undefined when there is no event. */
export function setBy(configurations: readonly Configuration[], fields: readonly (keyof Schedule)[]): ScheduleEvent | undefined {
  return configurations.findLast(({ state }, index) => {
    const [now, before] = [valueOf(state), valueOf(configurations[index - 1]?.state)];
    return !before || fields.some(field => now?.[field] !== before[field]);
  })?.event;
}

/** A schedule's ticks are told by this alone: enabled, inside start_at and end_at (both included), named by the expression. */
export function isNominal({ state }: Configuration, tick: number): boolean {
  if (state.status !== 'present' || !state.value.enabled) return false;
  const { from, through } = windowOf(state.value);
  return tick >= from && tick <= through && isInExpression(state.value, tick);
}

export const isInExpression = (schedule: Schedule, tick: number): boolean => isTick(cronOf(schedule), schedule.timezone, tick);

/** The first nominal tick after an instant, whole seconds as the answer, by the configuration of its own time; `max_runs` aside. */
export function tickAfter(configurations: readonly Configuration[], instant: number): number | undefined {
  for (const { state, since, until } of configurations) {
    if (until <= instant * 1000 || state.status !== 'present' || !state.value.enabled) continue;
    const { from, through } = windowOf(state.value);
    const after = Math.max(instant, Math.floor(since / 1000), from - 1);
    const tick = nextTick(cronOf(state.value), state.value.timezone, after);
    if (tick !== undefined && tick <= through && tick * 1000 <= until) return tick;
  }
  return undefined;
}

/** The last one before an instant, likewise. */
export function tickBefore(configurations: readonly Configuration[], instant: number): number | undefined {
  for (const { state, since, until } of configurations.toReversed()) {
    if (since >= instant * 1000 || state.status !== 'present' || !state.value.enabled) continue;
    const { from, through } = windowOf(state.value);
    const last = Math.min(instant - 1, Math.floor(until / 1000), through);
    const tick = previousTick(cronOf(state.value), state.value.timezone, last);
    if (tick !== undefined && tick >= from && tick * 1000 > since) return tick;
  }
  return undefined;
}

/** The schedule in a state, deleted or not. */
export const valueOf = (state: ScheduleState | undefined): Schedule | undefined =>
  state === undefined || state.status === 'absent' ? undefined : state.value;

/** @throws {RangeError} for an expression that no command would have accepted */
export const cronOf = ({ schedule }: Pick<Schedule, 'schedule'>): Cron => acceptedSchedule(schedule);

/** First and last second of start_at and end_at. */
export function windowOf({ start_at, end_at }: Schedule): { readonly from: number; readonly through: number } {
  return {
    from: start_at === undefined ? Number.NEGATIVE_INFINITY : Math.ceil(Date.parse(start_at) / 1000),
    through: end_at === undefined ? Number.POSITIVE_INFINITY : Math.floor(Date.parse(end_at) / 1000),
  };
}

const timeOf = ({ metadata }: ScheduleEvent): number => Date.parse(metadata.occurred_at);
