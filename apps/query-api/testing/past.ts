/** A random past of one schedule, for explanations to be tried on: what was configured when, and what became of its ticks. */
import { randomUUID } from 'node:crypto';
import {
  runIdOf,
  scheduledSessionDefaults,
  sessionIdOfRun,
  streams,
  type Actor,
  type DomainEvent,
  type ScheduledSessionChanges,
} from '#contracts';
import type { RunEvent, ScheduledSessionEvent } from '#domain';
import { Random } from '../../../libs/schedule/testing/random.js';

export { Random };

/** An event and when it happened; `id` as it is to stand in the log. */
export type Happening<E extends DomainEvent = DomainEvent> = E & {
  readonly stream: string;
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly actor: Actor;
};

export interface Past {
  readonly id: string;
  /** Milliseconds since 1970: the schedule is made after `start`; at `end` it is asked about. */
  readonly start: number;
  readonly end: number;
  readonly schedule: readonly Happening<ScheduledSessionEvent>[];
  readonly runs: readonly Happening<RunEvent>[];
}

/** Whether an instant (whole seconds since 1970) is a tick, by the schedule's events so far: the naive truth that the past is made with. */
export type IsNominal = (schedule: readonly Happening<ScheduledSessionEvent>[], tick: number) => boolean;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** That have ticks where clocks are changed. */
const NEAR_CHANGES = ['30 2 * * *', '30 1 * * *', '15 */2 * * *', '0,15,30 0-3 * * *', '*/20 1-4 * * *'];
const EXPRESSIONS = ['*/30 * * * *', '0 * * * *', '45 0-23 * * *', '0 9,18 * * 1-5', ...NEAR_CHANGES];

/** Zones, each with a change of its clock in 2026; and one without. */
export const CHANGES = [
  ['America/New_York', '2026-03-08T07:00:00Z'],
  ['Europe/Berlin', '2026-03-29T01:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z'],
  ['Asia/Kathmandu', '2026-05-01T00:00:00Z'],
  ['America/Santiago', '2026-09-06T04:00:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00:00Z'],
  ['America/New_York', '2026-11-01T06:00:00Z'],
] as const;
const ZONES = [...new Set(CHANGES.map(([zone]) => zone))];

const PROJECT = 'alpha';
const ANN: Actor = { id: 'ann', kind: 'user' };
const POLICY: Actor = { id: 'pause-on-failure', kind: 'policy' };
const SCHEDULER: Actor = { id: 'scheduler', kind: 'scheduler' };

/** Eight days around a change of a clock. */
export function randomPast(random: Random, id: string, change: (typeof CHANGES)[number], isNominal: IsNominal): Past {
  const [zone, changedAt] = change;
  const start = Date.parse(changedAt) - 4 * DAY;
  const end = start + 8 * DAY + random.between(0, HOUR);
  const schedule = randomConfigurations(random, id, zone, start, end);
  return { id, start, end, schedule, runs: new Runs(random, id, schedule, isNominal).of(start, end) };
}

function randomConfigurations(
  random: Random,
  id: string,
  zone: string,
  start: number,
  end: number,
): Happening<ScheduledSessionEvent>[] {
  const stream = streams.scheduledSession(id);
  const first = {
    type: 'ScheduledSessionCreated',
    payload: {
      project_id: PROJECT,
      created_by_user_id: 'ann',
      ...scheduledSessionDefaults,
      name: 'past',
      schedule: random.pick(random.between(0, 1) === 0 ? EXPRESSIONS : NEAR_CHANGES),
      timezone: zone,
      enabled: random.between(0, 5) > 0,
      ...(random.between(0, 3) === 0 ? { max_runs: random.between(5, 60) } : {}),
    },
  } as const;
  const events: Happening<ScheduledSessionEvent>[] = [
    { ...first, stream, id: randomUUID(), at: start + random.between(0, 6 * HOUR), actor: ANN },
  ];
  let enabled = first.payload.enabled;
  for (let left = random.between(3, 12); left > 0; left--) {
    // Often at an instant that may be a tick, or inside of its second.
    const minute = Math.floor(random.between(start + 7 * HOUR, end - HOUR) / (15 * MINUTE)) * 15 * MINUTE;
    const at = minute + random.pick([0, 0, 1, 999, -1, -1000, random.between(0, 15 * MINUTE)]);
    events.push({ type: 'ScheduledSessionDeleted', payload: { project_id: PROJECT }, stream, id: randomUUID(), at, actor: ANN });
  }
  events.sort((a, b) => a.at - b.at);
  const dies = random.between(0, 3) === 0;
  return events.map((event, index) => {
    if (index === 0 || (dies && index === events.length - 1)) return event;
    const toggles = enabled ? random.between(0, 3) === 0 : random.between(0, 3) > 0;
    if (!toggles) {
      const changes = randomChanges(random, event.at);
      return { ...event, type: 'ScheduledSessionUpdated', payload: { project_id: PROJECT, changes } } as const;
    }
    enabled = !enabled;
    if (enabled) return { ...event, type: 'ScheduledSessionResumed', payload: { project_id: PROJECT } } as const;
    const byPolicy = random.between(0, 1) === 0;
    const payload = { project_id: PROJECT, ...(byPolicy ? { reason: random.pick(['run_failed', 'forbidden']) } : {}) };
    return { ...event, type: 'ScheduledSessionSuspended', payload, actor: byPolicy ? POLICY : ANN } as const;
  });
}

function randomChanges(random: Random, at: number): ScheduledSessionChanges {
  const near = (from: number, to: number): string => new Date(at + random.between(from, to) * HOUR).toISOString();
  return random.pick<() => ScheduledSessionChanges>([
    () => ({ schedule: random.pick(EXPRESSIONS) }),
    () => ({ timezone: random.pick(ZONES) }),
    () => ({ schedule: random.pick(EXPRESSIONS), timezone: random.pick(ZONES) }),
    () => ({ start_at: near(-5, 20), end_at: null }),
    () => ({ end_at: near(1, 60), start_at: null }),
    () => ({ start_at: null, end_at: null }),
    () => ({ max_runs: random.pick([null, null, random.between(1, 80)]) }),
    () => ({ description: `at ${at}` }),
    () => ({ overlap_policy: random.pick(['skip', 'queue', 'replace', 'allow'] as const) }),
  ])();
}

/** What becomes of the ticks, one after the other. */
class Runs {
  private readonly happenings: Happening<RunEvent>[] = [];
  /** Ticks that fell while nothing was running. */
  private unnoticed: number[] = [];
  private decisions = 0;

  constructor(
    private readonly random: Random,
    private readonly id: string,
    private readonly schedule: readonly Happening<ScheduledSessionEvent>[],
    private readonly isNominal: IsNominal,
  ) {}

  of(start: number, end: number): Happening<RunEvent>[] {
    let outageUntil = 0;
    // The last hour of some pasts is undecided, as it is while the scheduler is down.
    const decidedUntil = end - this.random.pick([0, 0, HOUR]);
    for (let at = Math.ceil(start / MINUTE) * MINUTE; at < decidedUntil; at += MINUTE) {
      if (at >= outageUntil) this.notice(at);
      if (this.random.between(0, 2500) === 0) outageUntil = at + this.random.between(1, 12) * HOUR;
      if (this.random.between(0, 400) === 0) this.byHand(at + this.random.pick([0, 0, this.random.between(0, MINUTE - 1)]));
      if (!this.isNominal(this.schedule, at / 1000)) continue;
      if (at < outageUntil) this.unnoticed.push(at);
      else this.decide(at);
    }
    return this.happenings;
  }

  private decide(tick: number): void {
    const late = this.random.between(1, 4000);
    switch (this.random.between(0, 9)) {
      case 0:
        return this.record(tick, 'schedule', tick + late, 'RunSkipped', { reason: this.random.pick(SKIPS) });
      case 1:
        return this.record(tick, 'schedule', tick + late, 'RunDropped', {
          reason: this.random.pick(['queue_full', 'superseded']),
        });
      case 2: {
        this.record(tick, 'schedule', tick + late, 'RunQueued', {});
        if (this.random.between(0, 1) === 0) this.start(tick, 'schedule', tick + late + this.random.between(1000, HOUR));
        return;
      }
      case 3:
        return; // nobody has decided it
      default:
        return this.start(tick, 'schedule', tick + late);
    }
  }

  /** The end of an outage: what is old is missed together, the rest one by one, the newest may be caught up. */
  private notice(now: number): void {
    const ticks = this.unnoticed;
    this.unnoticed = [];
    const old = ticks.filter(tick => now - tick > 2 * HOUR && this.configuredAt(tick) === this.configuredAt(ticks[0] ?? tick));
    if (old.length > 1) {
      const range = { from: written(old[0]!), to: written(old.at(-1)!), count: old.length };
      this.record(old[0]!, 'catch_up', now, 'RunMissed', { reason: this.random.pick(MISSES), ...range });
    }
    for (const tick of old.length > 1 ? ticks.slice(old.length) : ticks) {
      if (this.random.between(0, 2) === 0) this.start(tick, 'catch_up', now);
      else {
        const range = { from: written(tick), to: written(tick), count: 1 };
        this.record(tick, 'catch_up', now, 'RunMissed', { reason: this.random.pick(MISSES), ...range });
      }
    }
  }

  private configuredAt(tick: number): number {
    return this.schedule.filter(({ at }) => at < tick).length;
  }

  private start(tick: number, trigger: 'schedule' | 'catch_up', at: number): void {
    const session_id = sessionIdOfRun(runIdOf(this.id, written(tick)), written(tick));
    this.record(tick, trigger, at, 'RunStarted', { session_id });
  }

  private byHand(at: number): void {
    const trigger = this.random.pick(['manual', 'backfill'] as const);
    const session_id = sessionIdOfRun(this.id, written(at));
    this.record(at, trigger, at + 1, 'RunStarted', { session_id, requested_by: 'ann' }, randomUUID());
  }

  private record(
    tick: number,
    trigger: 'schedule' | 'catch_up' | 'manual' | 'backfill',
    decided: number,
    type: RunEvent['type'],
    rest: object,
    runId = runIdOf(this.id, written(tick)),
  ): void {
    // No two decisions in one millisecond: their order is known.
    this.decisions += 1;
    const at = decided + this.decisions;
    const scheduled_for = written(tick);
    const decided_at = written(at);
    const facts = { project_id: PROJECT, scheduled_session_id: this.id, trigger, scheduled_for, decided_at };
    const payload = { ...facts, lateness_ms: at - tick, ...rest };
    const happening = { type, payload, stream: streams.run(runId), id: randomUUID(), at, actor: SCHEDULER };
    this.happenings.push(happening as Happening<RunEvent>);
  }
}

const SKIPS = ['active_session', 'agent_deleted', 'schedule_deleted', 'forbidden'];
const MISSES = ['catch_up_none', 'outside_catch_up_window', 'superseded_by_later_tick'];

/** As events write it. */
export const written = (at: number): string => new Date(at).toISOString();
