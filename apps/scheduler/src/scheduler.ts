/**
 * The clock of the system: follows the log, knows what every schedule owes, and asks for the decision on each tick. It decides nothing, and
 * whatever it asks twice is decided once.
 */
import type { Logger } from 'pino';
import { BusUnavailable, type Bus } from '#bus';
import { categoryOf, deterministicUuid, idOf, runIdOf, triggerSubject, type Occurred, type TriggerRequested } from '#contracts';
import type { RunEvent, ScheduledSessionEvent } from '#domain';
import type { EventStore } from '#event-store';
import { decode } from '#journal';
import { instant, metrics } from '#service';
import { Calendar } from './calendar.js';
import { TickLedger, type OwedTick } from './tick-ledger.js';

/** The wall clock and its timers, as an argument. */
export interface SchedulerClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A request whose tick has no outcome so long after the bus took it is made again: the broker may have lost it. */
const ASK_AGAIN_MS = 30_000;
/** After so many requests it is more likely that no one decides than that the broker lost them all: then they come more slowly. */
const SOON_TIMES = 10;
const ASK_SLOWLY_MS = 300_000;
/** Catch-up requests for one schedule in one second. */
const CATCH_UP_PER_SECOND = 10;
/** It looks at the wall clock at least this often: timers do not follow a clock that is set. */
const LONGEST_SLEEP_MS = 1000;

export class Scheduler {
  private readonly ledgers = new Map<string, TickLedger>();
  private readonly calendar = new Calendar();
  /** Schedules that owe something. */
  private readonly debtors = new Set<string>();
  /** Catch-up requests of this second, by schedule. */
  private readonly catchUps = new Map<string, number>();
  private catchUpSecond = 0;
  private alarm = new AbortController();
  private live = false;
  private startedAt = 0;

  constructor(
    private readonly eventStore: EventStore,
    private readonly bus: Pick<Bus, 'publish'>,
    private readonly clock: SchedulerClock,
    private readonly log: Logger,
  ) {}

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    this.startedAt = this.seconds();
    const failure = new AbortController();
    const both = AbortSignal.any([signal, failure.signal]);
    const work = [this.follow(both), this.tick(both)].map(async running => {
      try {
        await running;
      } catch (error) {
        failure.abort(error);
        throw error;
      }
    });
    await Promise.all(work);
  }

  /** True when it has read the log and asks for what falls due. */
  get isLive(): boolean {
    return this.live;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const categories = ['scheduledSession', 'scheduledSessionRun'];
    for await (const { events, caughtUp } of this.eventStore.subscribe({ categories, signal, batchSize: 2000 })) {
      const changed = new Set<string>();
      for (const recorded of events) changed.add(this.apply(decode(recorded)));
      if (this.live) for (const id of changed) this.take(id);
      if (caughtUp && !this.live) this.goLive();
      // Something may be due sooner than the clock was set for.
      if (this.live && changed.size > 0) this.alarm.abort();
      metrics.schedules.set(this.calendar.size);
    }
  }

  private apply(event: Occurred): string {
    if (categoryOf(event.stream) === 'scheduledSession') {
      const ledger = this.ledgerOf(idOf(event.stream));
      ledger.configured(event as Occurred<ScheduledSessionEvent>, { missed: !this.live });
      return ledger.id;
    }
    const run = event as Occurred<RunEvent>;
    const ledger = this.ledgerOf(run.payload.scheduled_session_id);
    if (run.type !== 'RunFinished') ledger.decided(run);
    return ledger.id;
  }

  private ledgerOf(id: string): TickLedger {
    const known = this.ledgers.get(id);
    if (known) return known;
    const ledger = new TickLedger(id);
    this.ledgers.set(id, ledger);
    return ledger;
  }

  private goLive(): void {
    this.live = true;
    for (const ledger of this.ledgers.values()) {
      ledger.collect(this.startedAt, { missed: true });
      this.take(ledger.id);
    }
    this.alarm.abort();
    this.log.info({ schedules: this.calendar.size }, 'scheduler follows the clock');
  }

  /** Brings a schedule up to now: its place in the calendar, and what it owes. */
  private take(id: string): void {
    const ledger = this.ledgerOf(id);
    const now = this.seconds();
    ledger.collect(now, { missed: false });
    this.calendar.place(id, ledger.timing, now);
    if (ledger.owing[Symbol.iterator]().next().done) this.debtors.delete(id);
    else this.debtors.add(id);
  }

  private async tick(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // From here on: what becomes due while requests are made must not be slept over.
      this.alarm = new AbortController();
      const { signal: alarm } = this.alarm;
      if (this.live) {
        for (const id of this.calendar.take(this.seconds())) this.take(id);
        await this.ask();
      }
      const untilNext = this.calendar.next() * 1000 - this.clock.now();
      await this.clock.sleep(Math.min(Math.max(untilNext, 1), LONGEST_SLEEP_MS), AbortSignal.any([signal, alarm]));
    }
  }

  /** Asks for the decision on everything that is owed and was not asked for lately. */
  private async ask(): Promise<void> {
    const requests: Promise<void>[] = [];
    for (const id of this.debtors) {
      const ledger = this.ledgerOf(id);
      for (const owed of ledger.owing) {
        if (!this.isTimeToAsk(owed)) continue;
        if (owed.trigger === 'catch_up' && !this.mayCatchUp(id)) break;
        requests.push(this.request(ledger, owed));
      }
    }
    await Promise.all(requests);
  }

  private mayCatchUp(id: string): boolean {
    if (this.catchUpSecond !== this.seconds()) this.catchUps.clear();
    this.catchUpSecond = this.seconds();
    const made = this.catchUps.get(id) ?? 0;
    this.catchUps.set(id, made + 1);
    return made < CATCH_UP_PER_SECOND;
  }

  private isTimeToAsk({ sentAt, attempts }: OwedTick): boolean {
    if (sentAt === undefined) return true;
    const wait = attempts < SOON_TIMES ? ASK_AGAIN_MS : ASK_SLOWLY_MS;
    return Math.abs(this.clock.now() - sentAt) >= wait;
  }

  private async request(ledger: TickLedger, owed: OwedTick): Promise<void> {
    const now = this.clock.now();
    const scheduled_for = instant(owed.tick * 1000);
    const message: TriggerRequested = {
      scheduled_session_id: ledger.id,
      project_id: ledger.projectId,
      scheduled_for,
      trigger: owed.trigger,
      requested_at: instant(now),
      ...(owed.through === undefined ? {} : { missed_through: instant(owed.through * 1000) }),
    };
    const runId = runIdOf(ledger.id, scheduled_for);
    try {
      await this.bus.publish({
        subject: triggerSubject(message),
        id: owed.attempts === 0 ? runId : deterministicUuid(runId, String(owed.attempts)),
        data: JSON.stringify(message),
        headers: cloudEvent(runId, message),
      });
      owed.sentAt = this.clock.now();
      owed.attempts += 1;
      if (owed.trigger === 'schedule' && owed.attempts === 1)
        metrics.tickLateness.observe(Math.max(0, owed.sentAt - owed.tick * 1000));
      if (owed.attempts > 3)
        this.log.warn({ schedule: ledger.id, scheduled_for, attempts: owed.attempts }, 'a tick is still without outcome');
    } catch (error) {
      if (!(error instanceof BusUnavailable)) throw error;
      this.log.warn({ schedule: ledger.id, scheduled_for }, 'the bus did not take a request; it will be made again');
    }
  }

  private seconds(): number {
    return Math.floor(this.clock.now() / 1000);
  }
}

/** CloudEvents 1.0 attributes, as headers (binary mode). */
const cloudEvent = (id: string, message: TriggerRequested): Record<string, string> => ({
  'ce-specversion': '1.0',
  'ce-id': id,
  'ce-source': '/ambient/scheduler',
  'ce-type': 'ambient.trigger.requested.v1',
  'ce-time': message.requested_at,
  'ce-subject': message.scheduled_session_id,
  'content-type': 'application/json',
});
