/**
 * What one schedule still owes: which of its nominal ticks have passed and have no outcome yet. A fold over the schedule's own events and
 * the outcomes of its runs, in the order of the log; pure but for being updated in place.
 */
import { RANGE_AGE_S, type Occurred, type TriggerRequested } from '#contracts';
import { scheduledSession, type RunEvent, type Schedule, type ScheduledSessionEvent, type ScheduleState } from '#domain';
import { nextTick, parseSchedule, previousTick, ticksBetween, type Schedule as Cron } from '#schedule';

/** A tick (or a range of old ones) that is due and has no outcome. All times are whole seconds since 1970. */
export interface OwedTick {
  readonly tick: number;
  /** Set for a range: its last tick. */
  readonly through?: number;
  readonly trigger: TriggerRequested['trigger'];
  /** The timing by which it is due: that of its own time, whatever was changed since. */
  readonly timing: Timing;
  /** When the bus last took a request for it; milliseconds since 1970. */
  sentAt?: number;
  attempts: number;
}

/** A tick that is noticed later than this was missed: the catch-up policy has its say. */
const LATE_AFTER_S = 30;
/** Ticks taken up at a time; the rest follows when these are decided. */
const MOST_OWED = 1000;

export interface Timing {
  readonly cron: Cron;
  readonly zone: string;
  /** First and last second on which a tick may fall. */
  readonly from: number;
  readonly to: number;
  /** After so many starts there are no more ticks. */
  readonly maxRuns: number;
}

export class TickLedger {
  private state: ScheduleState = scheduledSession.initial;
  private startsByTick = 0;
  /** Everything nominal up to here is decided or owed. */
  private settled = Number.NEGATIVE_INFINITY;
  /** Outcomes that came before their turn: first tick → last tick. */
  private readonly ahead = new Map<number, number>();
  private readonly owed = new Map<number, OwedTick>();
  private timingNow: Timing | undefined;

  constructor(readonly id: string) {}

  get schedule(): Schedule | undefined {
    return this.state.status === 'present' ? this.state.value : undefined;
  }

  get projectId(): string {
    return this.state.status === 'absent' ? '' : this.state.value.project_id;
  }

  /** When its ticks fall; undefined while it has none. */
  get timing(): Timing | undefined {
    return this.timingNow && this.startsByTick < this.timingNow.maxRuns ? this.timingNow : undefined;
  }

  /** Due and undecided, oldest first. */
  get owing(): Iterable<OwedTick> {
    return this.owed.values();
  }

  /** The configuration changes: what was due before still is, under the configuration that held then. */
  configured(event: Occurred<ScheduledSessionEvent>, { missed }: { missed: boolean }): void {
    const at = Math.floor(Date.parse(event.metadata.occurred_at) / 1000);
    this.collect(at, { missed, most: Number.POSITIVE_INFINITY });
    this.state = scheduledSession.evolve(this.state, event);
    this.settled = Math.max(this.settled, at);
    this.timingNow = this.schedule?.enabled ? timingOf(this.schedule) : undefined;
  }

  /** One of its runs was decided. */
  decided(event: Occurred<Exclude<RunEvent, { type: 'RunFinished' }>>): void {
    const { trigger, scheduled_for } = event.payload;
    if (trigger !== 'schedule' && trigger !== 'catch_up') return;
    if (event.type === 'RunStarted') this.startsByTick += 1;
    const first = seconds(scheduled_for);
    const last = event.type === 'RunMissed' ? seconds(event.payload.to) : first;
    for (const owed of this.owed.values()) {
      const overlaps = first <= (owed.through ?? owed.tick) && owed.tick <= last;
      if (overlaps) this.takeOut(owed, first, last);
      else if (this.startsByTick >= owed.timing.maxRuns) this.owed.delete(owed.tick);
    }
    if (last > this.settled) this.ahead.set(first, last);
    this.settleAhead();
  }

  /**
   * Takes up the ticks that have fallen by now.
   * @param now whole seconds since 1970
   * @param options.missed they fell while nothing was running, however recent they are
   * @param options.most leave the rest for later when so many are owed
   */
  collect(now: number, { missed, most = MOST_OWED }: { missed: boolean; most?: number }): void {
    const { timing, schedule } = this;
    if (!timing || !schedule || this.owed.size >= most) return;
    const until = Math.min(now, timing.to);
    this.collectRange(timing, schedule, until, now);
    const room = most - this.owed.size;
    const ticks = ticksBetween(timing.cron, timing.zone, this.start(timing), until, room);
    for (const tick of ticks) {
      if (tick <= this.settled) continue;
      const decidedThrough = this.ahead.get(tick);
      this.ahead.delete(tick);
      if (decidedThrough === undefined) {
        this.owed.set(tick, {
          tick,
          trigger: missed || now - tick > LATE_AFTER_S ? 'catch_up' : 'schedule',
          timing,
          attempts: 0,
        });
      }
      this.settled = decidedThrough ?? tick;
    }
    if (ticks.length < room) this.settled = Math.max(this.settled, until);
  }

  /** A long outage: ticks that no policy would run, and that are too old to be on their way, are owed as one range. */
  private collectRange(timing: Timing, schedule: Schedule, until: number, now: number): void {
    const first = nextTick(timing.cron, timing.zone, this.start(timing));
    const newest = previousTick(timing.cron, timing.zone, until);
    if (first === undefined || newest === undefined) return;
    const tooOld = now - RANGE_AGE_S - LATE_AFTER_S;
    const hopeless =
      schedule.catch_up_policy === 'all' ? Math.min(tooOld, now - schedule.catch_up_window - 1) : Math.min(tooOld, newest - 1);
    const last = previousTick(timing.cron, timing.zone, hopeless);
    if (last === undefined || last <= first || this.ahead.size > 0) return;
    this.owed.set(first, { tick: first, through: last, trigger: 'catch_up', timing, attempts: 0 });
    this.settled = last;
  }

  /** Of a range of which a part was decided by itself (another leader asked for it), what is left stays owed. */
  private takeOut({ tick, through, trigger, timing }: OwedTick, first: number, last: number): void {
    this.owed.delete(tick);
    if (through === undefined) return;
    const { cron, zone } = timing;
    const rest = [
      [tick, previousTick(cron, zone, first - 1)],
      [nextTick(cron, zone, last), through],
    ] as const;
    for (const [from, to] of rest) {
      if (from === undefined || to === undefined || from > to) continue;
      this.owed.set(from, { tick: from, ...(to > from ? { through: to } : {}), trigger, timing, attempts: 0 });
    }
    const oldestFirst = [...this.owed.values()].sort((a, b) => a.tick - b.tick);
    this.owed.clear();
    for (const owed of oldestFirst) this.owed.set(owed.tick, owed);
  }

  private start({ from }: Timing): number {
    return Math.max(this.settled, from - 1);
  }

  private settleAhead(): void {
    const timing = this.timingNow;
    if (!timing) return;
    for (
      let next = this.ahead.size > 0 ? nextTick(timing.cron, timing.zone, this.start(timing)) : undefined;
      next !== undefined;
    ) {
      const last = this.ahead.get(next);
      if (last === undefined) return;
      this.ahead.delete(next);
      this.settled = last;
      next = this.ahead.size > 0 ? nextTick(timing.cron, timing.zone, last) : undefined;
    }
  }
}

function timingOf(schedule: Schedule): Timing {
  const parsed = parseSchedule(schedule.schedule);
  if (!parsed.ok) throw new Error(`schedule ${schedule.id} does not parse: ${parsed.reason}`);
  return {
    cron: parsed.schedule,
    zone: schedule.timezone,
    from: schedule.start_at === undefined ? Number.NEGATIVE_INFINITY : Math.ceil(Date.parse(schedule.start_at) / 1000),
    to: schedule.end_at === undefined ? Number.POSITIVE_INFINITY : seconds(schedule.end_at),
    maxRuns: schedule.max_runs ?? Number.POSITIVE_INFINITY,
  };
}

const seconds = (at: string): number => Math.floor(Date.parse(at) / 1000);
