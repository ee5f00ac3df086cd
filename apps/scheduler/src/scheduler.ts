/**
 * The clock of the system: follows the log, knows what every schedule owes, and asks for the decision on each tick of the shards that it
 * leads. It decides nothing, and whatever it asks twice is decided once. It follows the log also while it leads nothing, so that it takes
 * over without reading.
 */
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Bus } from '#bus';
import type { EventStore } from '#event-store';
import { metrics } from '#service';
import { Agenda } from './agenda.js';
import { Calendar } from './calendar.js';
import { Requests } from './requests.js';
import { ScheduleBook } from './schedule-book.js';
import { shardOf } from './shards.js';
import type { SnapshotFile } from './snapshot-file.js';
import type { OwedTick, TickLedger } from './tick-ledger.js';

/** The wall clock and its timers, as an argument. */
export interface SchedulerClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface SchedulerOptions {
  readonly eventStore: EventStore;
  readonly bus: Pick<Bus, 'publish'>;
  readonly clock: SchedulerClock;
  readonly log: Logger;
  /** Into how many parts the schedules are shared out; 1 unless told otherwise. */
  readonly shards?: number;
  /** None: every start reads the whole log. */
  readonly snapshots?: SnapshotFile | undefined;
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
/** From one snapshot to the next, when there is something new. */
const SAVE_EVERY_MS = 300_000;
/** After a failure, the log is followed again. */
const RETRY_MS = 1000;
/** Schedules gone through before other work of the process gets its turn: a few milliseconds. */
const AT_A_TIME = 2000;

export class Scheduler {
  private book = new ScheduleBook();
  /** Of the shards that are led: who has a tick when. */
  private readonly calendar = new Calendar<TickLedger>();
  /** Of the shards that are led: who has something else to be looked at when. */
  private readonly agenda = new Agenda<TickLedger>();
  private readonly requests: Requests;
  private readonly shards: number;
  /** By shard: what was to start up to this second was missed. */
  private readonly led = new Map<number, number>();
  private readonly live = new Set<number>();
  /** Catch-up requests of this second. */
  private readonly catchUps = new Map<TickLedger, number>();
  private catchUpSecond = 0;
  private lookedAt = 0;
  private alarm = new AbortController();
  /** Aborted when following the log has failed. */
  private failed = new AbortController();
  private read = Promise.withResolvers<void>();
  private isRead = false;
  private savedAt = Number.NEGATIVE_INFINITY;
  private savedPosition: string | undefined;
  private saving: Promise<void> | undefined;

  constructor(private readonly options: SchedulerOptions) {
    const { bus, clock, log, shards = 1 } = options;
    this.shards = shards;
    this.requests = new Requests({
      bus,
      now: () => clock.now(),
      log,
      onSent: (ledger, owed) => this.agenda.add(this.timeToAsk(owed), ledger),
      onRefused: ledger => this.agenda.add(this.seconds() + 1, ledger),
      onDefect: error => this.failed.abort(error),
    });
  }

  /** Follows the log and the clock until the signal is aborted. What fails is logged, and begun anew. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const { failed } = this;
      const either = AbortSignal.any([signal, failed.signal]);
      const work = [this.restore().then(() => this.follow(either)), this.tick(either)];
      await Promise.all(work.map(running => running.catch((error: unknown) => failed.abort(error))));
      if (signal.aborted) break;
      this.options.log.error({ err: failed.signal.reason }, 'the scheduler failed, and begins anew');
      this.requests.clear();
      this.failed = new AbortController();
      this.read = Promise.withResolvers();
      this.isRead = false;
      await this.options.clock.sleep(RETRY_MS, signal);
    }
    this.requests.clear();
    await this.saving;
    await this.save();
  }

  /** Asks for the ticks of a shard until the signal is aborted, or until following the log fails. */
  async lead(shard: number, signal: AbortSignal): Promise<void> {
    const since = this.seconds();
    const over = AbortSignal.any([signal, this.failed.signal]);
    const ended = new Promise<void>(resolve => {
      if (over.aborted) resolve();
      else over.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.read.promise, ended]);
    if (over.aborted) return;
    this.led.set(shard, since);
    await this.forAll(shard, ledger => this.look(ledger));
    this.live.add(shard);
    this.alarm.abort();
    const { position } = this.book;
    this.options.log.info({ shard, shards: this.shards, schedules: this.calendar.size, position }, 'scheduler follows the clock');
    await ended;
    this.live.delete(shard);
    this.led.delete(shard);
    await this.forAll(shard, ledger => {
      this.calendar.place(ledger, undefined, 0);
      ledger.letGo();
    });
  }

  /** True when it has read the log, whether it leads or not. */
  get hasReadTheLog(): boolean {
    return this.isRead;
  }

  /** True when it asks for what falls due in every shard that it leads, and leads one. */
  get isLive(): boolean {
    return this.led.size > 0 && this.live.size === this.led.size;
  }

  private async follow(signal: AbortSignal): Promise<void> {
    const categories = ['scheduledSession', 'scheduledSessionRun'];
    const after = this.book.position;
    for await (const { events, caughtUp } of this.options.eventStore.subscribe({ after, categories, signal, batchSize: 2000 })) {
      // A snapshot is the state after one event, and no ledger of it may be a later one.
      await this.saving;
      const changed = new Set<TickLedger>();
      for (const recorded of events) {
        const ledger = this.book.apply(recorded);
        if (ledger && this.led.size > 0) changed.add(ledger);
      }
      for (const ledger of changed) this.look(ledger);
      if (caughtUp && !this.isRead) {
        this.isRead = true;
        this.read.resolve();
      }
      // Something may be due sooner than the clock was set for.
      if (changed.size > 0) this.alarm.abort();
      metrics.schedules.set(this.calendar.size);
    }
  }

  private async tick(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // From here on: what becomes due while it looks must not be slept over.
      this.alarm = new AbortController();
      const { signal: alarm } = this.alarm;
      this.lookAtWhatIsDue();
      this.saveNowAndThen();
      const untilNext = Math.min(this.calendar.next(), this.agenda.next()) * 1000 - this.options.clock.now();
      await this.options.clock.sleep(Math.min(Math.max(untilNext, 1), LONGEST_SLEEP_MS), AbortSignal.any([signal, alarm]));
    }
  }

  private lookAtWhatIsDue(): void {
    const now = this.seconds();
    const wasSetBack = now < this.lookedAt;
    this.lookedAt = now;
    if (wasSetBack) this.calendar.setBack(now);
    for (const ledger of this.calendar.take(now)) this.look(ledger);
    for (const ledger of this.agenda.take(wasSetBack ? Number.POSITIVE_INFINITY : now)) this.look(ledger);
  }

  /** Brings a schedule up to now: its place in the calendar, what it owes, and requests for what is due and was not asked for lately. */
  private look(ledger: TickLedger): void {
    const since = this.led.get(shardOf(ledger.id, this.shards));
    if (since === undefined) return;
    const now = this.seconds();
    let again = ledger.collect(now, { since });
    this.calendar.place(ledger, ledger.timing?.rhythm, now);
    for (const owed of ledger.owing) {
      if (owed.trigger === undefined || owed.isOnItsWay) continue;
      const at = this.timeToAsk(owed);
      if (at > now) again = Math.min(again, at);
      else if (owed.trigger !== 'catch_up' || this.mayCatchUp(ledger)) this.requests.make(ledger, owed);
      else {
        again = Math.min(again, now + 1);
        break;
      }
    }
    this.agenda.add(again, ledger);
  }

  private mayCatchUp(ledger: TickLedger): boolean {
    const now = this.seconds();
    if (this.catchUpSecond !== now) this.catchUps.clear();
    this.catchUpSecond = now;
    const made = this.catchUps.get(ledger) ?? 0;
    this.catchUps.set(ledger, made + 1);
    return made < CATCH_UP_PER_SECOND;
  }

  /** The second from which on it may be asked for (again). */
  private timeToAsk({ sentAt, attempts }: OwedTick): number {
    const wait = attempts < SOON_TIMES ? ASK_AGAIN_MS : ASK_SLOWLY_MS;
    // A clock that was set by more than the wait says nothing about it.
    if (sentAt === undefined || Math.abs(this.options.clock.now() - sentAt) >= wait) return this.seconds();
    return Math.ceil((sentAt + wait) / 1000);
  }

  private async forAll(shard: number, act: (ledger: TickLedger) => void): Promise<void> {
    let count = 0;
    for (const ledger of this.book.all()) {
      if (shardOf(ledger.id, this.shards) === shard) act(ledger);
      count += 1;
      if (count % AT_A_TIME === 0) await setImmediate();
    }
  }

  private async restore(): Promise<void> {
    if (this.book.position !== undefined) return;
    const book = await this.options.snapshots?.read(this.options.eventStore);
    if (!book) return;
    this.book = book;
    this.savedAt = this.options.clock.now();
    this.savedPosition = book.position;
    this.options.log.info({ schedules: book.size, position: book.position }, 'the log is read on from the snapshot');
  }

  private saveNowAndThen(): void {
    const isTime = Math.abs(this.options.clock.now() - this.savedAt) >= SAVE_EVERY_MS;
    if (isTime && this.isRead && !this.saving) this.saving = this.save().finally(() => (this.saving = undefined));
  }

  private async save(): Promise<void> {
    const { options, book } = this;
    if (!options.snapshots || book.position === this.savedPosition) return;
    try {
      await options.snapshots.write(book);
      this.savedPosition = book.position;
    } catch (error) {
      options.log.warn({ err: error }, 'no snapshot could be written; the next start reads more of the log');
    }
    this.savedAt = options.clock.now();
  }

  private seconds(): number {
    return Math.floor(this.options.clock.now() / 1000);
  }
}
