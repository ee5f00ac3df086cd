/**
 * When the ticks of schedules fall, and by which policy they are caught up. Many schedules have the same timing, and many more the same
 * expression and zone: each is kept once, whoever has it.
 */
import { scheduledSessionDefaults } from '#contracts';
import type { Schedule, ScheduledSessionEvent } from '#domain';
import { acceptedSchedule, nextTick, previousTick, startDelay, type Schedule as Cron } from '#schedule';

/** An expression in a zone. Next times are computed once for all schedules that have it. */
export class Rhythm {
  readonly key: string;
  /** The last two answers: whatever lies in (after, next] has the same next time. The second is for those that ask for the one after. */
  private after = 0;
  private until = 0;
  private afterBefore = 0;
  private untilBefore = 0;

  constructor(
    private readonly cron: Cron,
    readonly zone: string,
  ) {
    this.key = `${cron.expression} ${zone}`;
  }

  /** The first tick after a second since 1970; Infinity when there is none. */
  next(second: number): number {
    if (second >= this.after && second < this.until) return this.until;
    if (second >= this.afterBefore && second < this.untilBefore) return this.untilBefore;
    const next = nextTick(this.cron, this.zone, second) ?? Number.POSITIVE_INFINITY;
    [this.afterBefore, this.untilBefore] = [this.after, this.until];
    [this.after, this.until] = [second, next];
    return next;
  }

  /** The newest tick up to a second since 1970; -Infinity when there is none. */
  newest(second: number): number {
    return previousTick(this.cron, this.zone, second) ?? Number.NEGATIVE_INFINITY;
  }
}

/** The fields of a schedule that a scheduler needs. */
export type Settings = Pick<
  Schedule,
  'schedule' | 'timezone' | 'start_at' | 'end_at' | 'max_runs' | 'jitter' | 'catch_up_policy' | 'catch_up_window'
>;

/** All times are whole seconds since 1970. */
export interface Timing {
  /** What it was made from. */
  readonly settings: Settings;
  readonly rhythm: Rhythm;
  /** First and last second on which a tick may fall. */
  readonly from: number;
  readonly to: number;
  /** After so many starts there are no more ticks. */
  readonly maxRuns: number;
}

/** So many are shared at most; beyond that equal ones may be kept apart, which costs memory alone. */
const SHARED = 100_000;
const rhythms = new Map<string, Rhythm>();
const timings = new Map<string, Timing>();

/** @throws {RangeError} for an expression that no command would have accepted */
export function rhythmOf(expression: string, zone: string): Rhythm {
  return shared(rhythms, `${expression} ${zone}`, () => new Rhythm(acceptedSchedule(expression), zone));
}

/** @throws {RangeError} for an expression that no command would have accepted */
export function timingOf(settings: Settings): Timing {
  return shared(timings, JSON.stringify(settings), () => ({
    settings,
    rhythm: rhythmOf(settings.schedule, settings.timezone),
    from: settings.start_at === undefined ? Number.NEGATIVE_INFINITY : Math.ceil(Date.parse(settings.start_at) / 1000),
    to: settings.end_at === undefined ? Number.POSITIVE_INFINITY : Math.floor(Date.parse(settings.end_at) / 1000),
    maxRuns: settings.max_runs ?? Number.POSITIVE_INFINITY,
  }));
}

/** When a tick is to start: at once, but for its jitter. */
export function startOf(id: string, { settings: { jitter }, rhythm }: Timing, tick: number): number {
  return jitter === 0 ? tick : tick + startDelay(id, tick, jitter, rhythm.next(tick));
}

/** The settings after an event; undefined when there is no schedule. */
export function settingsAfter(before: Settings | undefined, event: ScheduledSessionEvent): Settings | undefined {
  switch (event.type) {
    case 'ScheduledSessionCreated':
      return settingsIn({ ...scheduledSessionDefaults, ...event.payload });
    case 'ScheduledSessionUpdated':
      return before && settingsIn({ ...before, ...event.payload.changes });
    case 'ScheduledSessionSuspended':
    case 'ScheduledSessionResumed':
      return before;
    case 'ScheduledSessionDeleted':
      return undefined;
  }
}

/** Always in the same order and without what has no value: equal settings are equal texts. */
function settingsIn(fields: { readonly [K in keyof Settings]?: Settings[K] | null | undefined }): Settings {
  const { schedule, timezone, start_at, end_at, max_runs, jitter, catch_up_policy, catch_up_window } = fields;
  return {
    schedule,
    timezone,
    ...(typeof start_at === 'string' ? { start_at } : {}),
    ...(typeof end_at === 'string' ? { end_at } : {}),
    ...(typeof max_runs === 'number' ? { max_runs } : {}),
    jitter,
    catch_up_policy,
    catch_up_window,
  } as Settings;
}

function shared<T>(known: Map<string, T>, key: string, make: () => T): T {
  const there = known.get(key);
  if (there) return there;
  if (known.size >= SHARED) known.clear();
  const made = make();
  known.set(key, made);
  return made;
}
