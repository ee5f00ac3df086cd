/**
 * What an explanation has to say, found out the slow way: every minute is walked, events are folded by hand, all runs are searched. It shares
 * nothing with what it judges.
 */
import type { ScheduledSessionCreate } from '#contracts';
import type { ScheduledSessionEvent } from '#domain';
import { isRestricted, local, MINUTE, names, walk, type Clock } from './naive-clock.js';
import { written, type Happening, type Past } from './past.js';

const DAY = 86_400;

type Fields = ScheduledSessionCreate & { start_at?: string | null; end_at?: string | null; max_runs?: number | null };

/** The days around a change of a clock, from one second since 1970 to another. */
export class NaiveDays {
  private readonly clocks = new Map<string, Clock>();
  /** By the events of a schedule: every nominal tick. */
  private readonly nominal = new WeakMap<object, Set<number>>();

  constructor(
    readonly from: number,
    readonly to: number,
  ) {}

  private clock(zone: string): Clock {
    const known = this.clocks.get(zone) ?? walk(zone, this.from - DAY, this.to);
    this.clocks.set(zone, known);
    return known;
  }

  inExpression({ schedule, timezone }: Fields, second: number): boolean {
    const minute = this.clock(timezone!).get(second);
    if (!minute) return false;
    if (!isRestricted(schedule)) return names(schedule, minute.label);
    return (names(schedule, minute.label) && !minute.repeated) || minute.missing.some(label => names(schedule, label));
  }

  /** A tick belongs to the configuration before it. */
  isNominal(events: readonly Happening<ScheduledSessionEvent>[], second: number): boolean {
    return (this.nominal.get(events) ?? this.walkNominal(events)).has(second);
  }

  private walkNominal(events: readonly Happening<ScheduledSessionEvent>[]): Set<number> {
    const found = new Set<number>();
    for (let second = this.from; second <= this.to; second += MINUTE) {
      const fields = fold(events.filter(({ at }) => at < second * 1000));
      if (fields && this.isNominalBy(fields, second)) found.add(second);
    }
    this.nominal.set(events, found);
    return found;
  }

  isNominalBy(fields: Fields, second: number): boolean {
    return fields.enabled === true && inWindow(fields, second) === 0 && this.inExpression(fields, second);
  }

  /** The local time of a gap that the instant means, or that it stands for; or the local time that occurs there for the second time. */
  shift({ schedule, timezone }: Fields, second: number): object | undefined {
    const clock = this.clock(timezone!);
    const here = clock.get(second);
    if (!here) return undefined;
    const restricted = isRestricted(schedule);
    if (restricted && here.repeated && names(schedule, here.label)) {
      const [first] = [...clock].find(([, { label }]) => label === here.label)!;
      return { kind: 'overlap', local: local(here.label), due_at: written(first * 1000) };
    }
    for (const [at, { missing }] of clock) {
      if (missing.length === 0) continue;
      const before = clock.get(at - MINUTE)!.label - (at - MINUTE) / MINUTE;
      const after = clock.get(at)!.label - at / MINUTE;
      const meant = [before, after].map(offset => second / MINUTE + offset);
      const candidates = second === at && restricted ? missing : meant.filter(label => missing.includes(label));
      const skipped = candidates.find(label => names(schedule, label));
      if (skipped !== undefined)
        return { kind: 'gap', local: local(skipped), ...(restricted ? { due_at: written(at * 1000) } : {}) };
    }
    return undefined;
  }

  /** The tick is one whose local time occurs again: it is the first of the two. */
  isFirstOfTwo({ schedule, timezone }: Fields, second: number): object | undefined {
    const clock = this.clock(timezone!);
    const here = clock.get(second);
    if (!here || !isRestricted(schedule) || here.repeated || !names(schedule, here.label)) return undefined;
    const again = [...clock].some(([at, { label }]) => at > second && label === here.label);
    return again ? { kind: 'overlap', local: local(here.label), due_at: written(second * 1000) } : undefined;
  }
}

/** -1 before start_at, 1 after end_at. */
function inWindow({ start_at, end_at }: Fields, second: number): -1 | 0 | 1 {
  if (typeof start_at === 'string' && second * 1000 < Date.parse(start_at)) return -1;
  return typeof end_at === 'string' && second * 1000 > Date.parse(end_at) ? 1 : 0;
}

/** The fields after some events; undefined when there are none, or once the schedule is deleted. */
function fold(events: readonly Happening<ScheduledSessionEvent>[]): Fields | undefined {
  let fields: Fields | undefined;
  for (const event of events) {
    if (event.type === 'ScheduledSessionCreated') fields = { ...event.payload };
    else if (event.type === 'ScheduledSessionDeleted') fields = undefined;
    else if (event.type === 'ScheduledSessionUpdated') fields = { ...fields!, ...(event.payload.changes as Partial<Fields>) };
    else fields = { ...fields!, enabled: event.type === 'ScheduledSessionResumed' };
  }
  return fields;
}

/** The newest event that changed a field. */
function setBy(events: readonly Happening<ScheduledSessionEvent>[], ...fields: (keyof Fields)[]): string {
  let setter = events[0]!;
  for (const [index, event] of events.entries()) {
    if (index === 0) continue;
    const [before, after] = [fold(events.slice(0, index)), fold(events.slice(0, index + 1))];
    if (before && after && fields.some(field => (before[field] ?? null) !== (after[field] ?? null))) setter = event;
  }
  return setter.id;
}

export interface Opinion {
  readonly verdict: string;
  readonly reason: string;
  readonly event_id: string;
  readonly run?: string | undefined;
  readonly lateness_ms?: number | undefined;
  readonly clock?: object | undefined;
}

const REASON_OF_START: Record<string, string> = { schedule: 'on_schedule', catch_up: 'caught_up' };

/** What there is to say about an instant, in seconds since 1970. */
export function opinionOn({ schedule, runs, end }: Past, days: NaiveDays, second: number): Opinion {
  const earlier = schedule.filter(({ at }) => at < second * 1000);
  const fields = fold(earlier);
  const nominal = fields !== undefined && days.isNominalBy(fields, second);
  const byTick = runs.filter(run => 'trigger' in run.payload && ['schedule', 'catch_up'].includes(run.payload.trigger));
  const tick = written(second * 1000);

  const own = byTick.filter(run => 'scheduled_for' in run.payload && run.payload.scheduled_for === tick);
  const range = byTick.find(run => nominal && run.type === 'RunMissed' && run.payload.from <= tick && tick <= run.payload.to);
  const decided = own.at(-1) ?? range;
  const note = fields && (days.isFirstOfTwo(fields, second) ?? days.shift(fields, second));
  const noteOfTick = note && 'due_at' in note && note.due_at === tick ? note : undefined;
  if (decided) {
    const payload = decided.payload as { reason?: string; trigger: string };
    const waited = own.length > 1;
    const reason =
      decided.type === 'RunStarted'
        ? waited
          ? 'had_waited'
          : REASON_OF_START[payload.trigger]!
        : (payload.reason ?? 'active_session');
    return {
      verdict: decided.type.replace('Run', '').toLowerCase(),
      reason,
      event_id: decided.id,
      run: decided.stream.replace('scheduledSessionRun-', ''),
      lateness_ms: decided.at - second * 1000,
      clock: noteOfTick,
    };
  }

  const not = (reason: string, event_id: string, clock?: object): Opinion => ({ verdict: 'not_due', reason, event_id, clock });
  if (earlier.length === 0) return not('not_created_yet', schedule[0]!.id);
  if (!fields) return not('deleted', earlier.at(-1)!.id);
  if (!fields.enabled) return not('disabled', setBy(earlier, 'enabled'));
  if (inWindow(fields, second) < 0) return not('before_start_at', setBy(earlier, 'start_at'));
  if (inWindow(fields, second) > 0) return not('after_end_at', setBy(earlier, 'end_at'));

  const starts = byTick.filter(({ type }) => type === 'RunStarted').sort((a, b) => a.at - b.at);
  if (typeof fields.max_runs === 'number') {
    const counted = nominal ? starts : starts.filter(({ at }) => at < (second + 1) * 1000);
    const newest = starts.findLastIndex(start => (start.payload as { scheduled_for: string }).scheduled_for < tick);
    if (counted.length >= fields.max_runs) return not('max_runs_exhausted', starts[Math.max(fields.max_runs - 1, newest)]!.id);
  }
  if (!nominal) {
    const shift = days.shift(fields, second);
    if (shift) return not('kind' in shift ? `clock_${String(shift.kind)}` : '', setBy(earlier, 'schedule', 'timezone'), shift);
    for (let count = earlier.length + 1; count <= schedule.length; count++) {
      const later = fold(schedule.slice(0, count));
      const event = schedule[count - 1]!;
      if (event.type === 'ScheduledSessionUpdated' && later && days.inExpression(later, second))
        return not('changed_after', event.id);
    }
    const setter = setBy(earlier, 'schedule', 'timezone');
    const before = fold(
      earlier.slice(
        0,
        earlier.findIndex(event => event.id === setter),
      ),
    );
    return not(before && days.inExpression(before, second) ? 'changed_before' : 'not_in_expression', setter);
  }

  const event_id = setBy(earlier, 'schedule', 'timezone', 'enabled', 'start_at', 'end_at', 'max_runs');
  const now = Math.floor(end / 1000);
  if (second <= now) {
    return { verdict: 'pending', reason: 'awaiting_decision', event_id, lateness_ms: end - second * 1000, clock: noteOfTick };
  }
  let before = 0;
  for (let at = Math.ceil((now + 1) / MINUTE) * MINUTE; at < second; at += MINUTE) if (days.isNominalBy(fields, at)) before += 1;
  const enough = typeof fields.max_runs !== 'number' || before < fields.max_runs - starts.length;
  return { verdict: 'upcoming', reason: enough ? 'will_be_due' : 'will_be_due_if_runs_are_left', event_id, clock: noteOfTick };
}

/** The nominal tick before and after an instant, each by the configuration of its own time; looked for inside the walked days alone. */
export function neighbours({ schedule }: Past, days: NaiveDays, second: number): { previous?: string; next?: string } {
  const minute = Math.floor(second / MINUTE) * MINUTE;
  let previous = minute === second ? minute - MINUTE : minute;
  while (previous >= days.from && !days.isNominal(schedule, previous)) previous -= MINUTE;
  let next = minute + MINUTE;
  while (next <= days.to && !days.isNominal(schedule, next)) next += MINUTE;
  return {
    ...(previous >= days.from ? { previous: written(previous * 1000) } : {}),
    ...(next <= days.to ? { next: written(next * 1000) } : {}),
  };
}
