/**
 * What one schedule still owes: which of its nominal ticks have passed and have no outcome yet. A fold over the schedule's own events and
 * the outcomes of its runs, in the order of the log; pure but for being updated in place. A scheduler holds a million of them, so a ledger
 * shares what it can and keeps nothing for what is not there.
 */
import { RANGE_AGE_S, type Occurred, type TriggerRequested } from '#contracts';
import type { RunEvent, ScheduledSessionEvent } from '#domain';
import { settingsAfter, startOf, timingOf, type Timing } from './timing.js';

/** A tick (or a range of old ones) that has fallen and has no outcome. All times are whole seconds since 1970. */
export interface OwedTick {
  readonly tick: number;
  /** Set for a range: its last tick. */
  readonly through?: number;
  /** When its run is to start: at the tick, or later by jitter. */
  readonly start: number;
  /** The timing by which it is due: that of its own time, whatever was changed since. */
  readonly timing: Timing;
  /** Undefined before its start: whether it is late shows then. */
  trigger?: TriggerRequested['trigger'];
  /** A request for it is on its way to the bus. */
  isOnItsWay?: boolean;
  /** When the bus last took a request for it; milliseconds since 1970. */
  sentAt?: number;
  attempts: number;
}

/** A tick that is noticed so long after its start was missed: the catch-up policy has its say. */
const LATE_AFTER_S = 30;
/** Ticks taken up at a time; the rest follows when these are decided. */
const MOST_OWED = 1000;

const NONE: readonly OwedTick[] = Object.freeze([]);
const NEVER = Number.POSITIVE_INFINITY;

/** A ledger as a snapshot keeps it. */
export interface SavedLedger {
  readonly id: string;
  readonly projectId: string;
  /** Of a suspended schedule, too; none of a deleted one. */
  readonly timing: Timing | undefined;
  readonly enabled: boolean;
  readonly starts: number;
  readonly settled: number;
  readonly newestDecided: number;
  readonly changedAt: number;
  readonly ahead: readonly (readonly [first: number, last: number])[];
  readonly owed: readonly {
    readonly tick: number;
    readonly through?: number | undefined;
    readonly start: number;
    readonly timing: Timing;
  }[];
}

export class TickLedger {
  /** Of a suspended schedule, too; none of a deleted one. */
  private kept: Timing | undefined;
  private enabled = false;
  private startsByTick = 0;
  /** Everything nominal up to here is decided or owed. */
  private settled = 0;
  /** The newest tick that is decided. */
  private newestDecided = 0;
  /** The newest change of the configuration. */
  private changedAt = 0;
  /** Outcomes that came before their turn: first tick → last tick. */
  private ahead: Map<number, number> | undefined;
  /** Oldest first. */
  private owed = NONE;

  constructor(
    readonly id: string,
    readonly projectId: string,
  ) {}

  /** When its ticks fall; undefined while it has none. */
  get timing(): Timing | undefined {
    return this.enabled && this.kept && this.startsByTick < this.kept.maxRuns ? this.kept : undefined;
  }

  /** Fallen and undecided, oldest first. */
  get owing(): readonly OwedTick[] {
    return this.owed;
  }

  /** It was deleted, and everything before that is decided: nothing will come of it any more. */
  get isClosed(): boolean {
    return this.kept === undefined && this.owed.length === 0;
  }

  /** The configuration changes: what has fallen before still is owed, under the configuration that held then. */
  configured(event: Occurred<ScheduledSessionEvent>): void {
    const at = Math.floor(Date.parse(event.metadata.occurred_at) / 1000);
    if (this.timing) this.takeUp(this.timing, at, { most: NEVER, onlyStarted: false });
    const before = this.timing;
    const settings = settingsAfter(this.kept?.settings, event);
    this.kept = settings && timingOf(settings);
    if (event.type === 'ScheduledSessionCreated') this.enabled = event.payload.enabled;
    if (event.type === 'ScheduledSessionSuspended') this.enabled = false;
    if (event.type === 'ScheduledSessionResumed') this.enabled = true;
    // After a clock that was set back, a change counts for nothing before the change that came before it (decision 006).
    if (at >= this.changedAt && at < this.settled && this.timing !== before) this.takeBack(at);
    this.changedAt = Math.max(this.changedAt, at);
    this.settled = Math.max(this.settled, at);
    for (const [first, last] of this.ahead ?? []) if (last <= this.settled) this.forgetAhead(first);
  }

  /** The change is learned of late: what fell after it and is undecided, fell by what holds no more. */
  private takeBack(changedAt: number): void {
    const before = this.owed.filter(({ tick }) => tick <= changedAt);
    this.owe(
      before.map(owed =>
        owed.through !== undefined && owed.through > changedAt
          ? { ...owed, through: owed.timing.rhythm.newest(changedAt) }
          : owed,
      ),
    );
    this.settled = Math.max(changedAt, this.newestDecided);
  }

  /** One of its runs was decided. */
  decided(event: Occurred<Exclude<RunEvent, { type: 'RunFinished' }>>): void {
    const { trigger, scheduled_for } = event.payload;
    if (trigger !== 'schedule' && trigger !== 'catch_up') return;
    if (event.type === 'RunStarted') this.startsByTick += 1;
    const first = seconds(scheduled_for);
    const last = event.type === 'RunMissed' ? seconds(event.payload.to) : first;
    this.newestDecided = Math.max(this.newestDecided, last);
    if (this.owed.length > 0) {
      this.owe(
        this.owed.flatMap(owed => {
          if (first <= (owed.through ?? owed.tick) && owed.tick <= last) return restOf(owed, first, last);
          return this.startsByTick >= owed.timing.maxRuns ? [] : [owed];
        }),
      );
    }
    if (last > this.settled) this.settleAhead(first, last);
  }

  /**
   * Takes up the ticks whose time to start has come by now.
   * @param now whole seconds since 1970
   * @param options.since what was to start up to here was missed, however recent it is: nothing was running
   * @returns when it is to be called again for a tick that has fallen and is to start later, Infinity when there is none
   */
  collect(now: number, { since = 0 }: { since?: number } = {}): number {
    const { timing } = this;
    const waiting = timing ? this.takeUp(timing, now, { most: MOST_OWED, onlyStarted: true }) : NEVER;
    let next = waiting;
    for (const owed of this.owed) {
      if (owed.trigger !== undefined) continue;
      if (owed.start > now) next = Math.min(next, owed.start);
      else owed.trigger = owed.start <= since || now - owed.start > LATE_AFTER_S ? 'catch_up' : 'schedule';
    }
    return next;
  }

  /** Forgets what was asked for: someone else asks now. */
  letGo(): void {
    this.owe(this.owed.map(({ tick, through, start, timing }) => owedTick(tick, through, start, timing)));
  }

  saved(): SavedLedger {
    return {
      id: this.id,
      projectId: this.projectId,
      timing: this.kept,
      enabled: this.enabled,
      starts: this.startsByTick,
      settled: this.settled,
      newestDecided: this.newestDecided,
      changedAt: this.changedAt,
      ahead: [...(this.ahead ?? [])],
      owed: this.owed.map(({ tick, through, start, timing }) => ({ tick, through, start, timing })),
    };
  }

  static restored({
    id,
    projectId,
    timing,
    enabled,
    starts,
    settled,
    newestDecided,
    changedAt,
    ahead,
    owed,
  }: SavedLedger): TickLedger {
    const ledger = new TickLedger(id, projectId);
    ledger.kept = timing;
    ledger.enabled = enabled;
    ledger.startsByTick = starts;
    ledger.settled = settled;
    ledger.newestDecided = newestDecided;
    ledger.changedAt = changedAt;
    if (ahead.length > 0) ledger.ahead = new Map(ahead);
    ledger.owe(owed.map(({ tick, through, start, timing }) => owedTick(tick, through, start, timing)));
    return ledger;
  }

  /** @returns the start of a tick that has fallen and is left for later, Infinity when there is none */
  private takeUp(timing: Timing, now: number, { most, onlyStarted }: { most: number; onlyStarted: boolean }): number {
    const { rhythm, to } = timing;
    const until = Math.min(now, to);
    let tick = rhythm.next(this.start(timing));
    if (tick > until) {
      this.settled = Math.max(this.settled, until);
      return NEVER;
    }
    const taken: OwedTick[] = [];
    const room = most - this.owed.length;
    if (room > 0 && now - tick > RANGE_AGE_S) {
      const range = this.rangeFrom(tick, timing, until, now);
      if (range) {
        taken.push(range);
        this.settled = range.through;
        tick = rhythm.next(this.start(timing));
      }
    }
    let waiting = NEVER;
    while (tick <= until && taken.length < room) {
      const start = startOf(this.id, timing, tick);
      if (onlyStarted && start > now) {
        if (!this.ahead?.has(tick)) waiting = start;
        break;
      }
      const decidedThrough = this.ahead?.get(tick);
      this.forgetAhead(tick);
      if (decidedThrough === undefined) taken.push(owedTick(tick, undefined, start, timing));
      this.settled = decidedThrough ?? tick;
      tick = rhythm.next(this.settled);
    }
    if (tick > until) this.settled = Math.max(this.settled, until);
    if (taken.length > 0) this.owe([...this.owed, ...taken]);
    return waiting;
  }

  /** A long outage: ticks that no policy would run, and that are too old to be on their way, are owed as one range. */
  private rangeFrom(first: number, timing: Timing, until: number, now: number): (OwedTick & { through: number }) | undefined {
    if (this.ahead) return undefined;
    const { settings, rhythm } = timing;
    const tooOld = now - RANGE_AGE_S - LATE_AFTER_S;
    const hopeless =
      settings.catch_up_policy === 'all'
        ? Math.min(tooOld, now - settings.catch_up_window - 1)
        : Math.min(tooOld, this.newestStarted(timing, until, now) - 1);
    const last = rhythm.newest(Math.min(hopeless, until));
    return last > first ? { tick: first, through: last, start: first, timing, trigger: 'catch_up', attempts: 0 } : undefined;
  }

  /** The newest tick that was missed: not one that jitter still holds back. */
  private newestStarted(timing: Timing, until: number, now: number): number {
    const newest = timing.rhythm.newest(until);
    return newest > 0 && startOf(this.id, timing, newest) > now ? timing.rhythm.newest(newest - 1) : newest;
  }

  private start({ from }: Timing): number {
    return Math.max(this.settled, from - 1);
  }

  private owe(owed: readonly OwedTick[]): void {
    this.owed = owed.length > 0 ? owed : NONE;
  }

  private settleAhead(first: number, last: number): void {
    const timing = this.enabled ? this.kept : undefined;
    // A range may begin with ticks that are settled already: of it, the rest comes next.
    const isNext = timing && (first <= this.settled || timing.rhythm.next(this.start(timing)) === first);
    if (!isNext) {
      this.ahead ??= new Map();
      this.ahead.set(first, last);
      return;
    }
    this.settled = last;
    while (this.ahead) {
      const next = timing.rhythm.next(this.start(timing));
      const decidedThrough = this.ahead.get(next);
      if (decidedThrough === undefined) return;
      this.forgetAhead(next);
      this.settled = decidedThrough;
    }
  }

  private forgetAhead(tick: number): void {
    this.ahead?.delete(tick);
    if (this.ahead?.size === 0) this.ahead = undefined;
  }
}

const owedTick = (tick: number, through: number | undefined, start: number, timing: Timing): OwedTick => ({
  tick,
  ...(through === undefined ? {} : { through }),
  start,
  timing,
  attempts: 0,
});

/** Of a range of which a part was decided by itself (another leader asked for it), what is left stays owed. */
function restOf({ tick, through, timing }: OwedTick, first: number, last: number): OwedTick[] {
  if (through === undefined) return [];
  const { rhythm } = timing;
  const rest = [
    [tick, rhythm.newest(first - 1)],
    [rhythm.next(last), through],
  ] as const;
  return rest
    .filter(([from, to]) => from <= to)
    .map(([from, to]) => ({ ...owedTick(from, to > from ? to : undefined, from, timing), trigger: 'catch_up' as const }));
}

const seconds = (at: string): number => Math.floor(Date.parse(at) / 1000);
