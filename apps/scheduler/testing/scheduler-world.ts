/** A scheduler over a real event store, with a clock that a test sets and a bus that shows what was asked. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { until } from '#bus/testing';
import { runIdOf, sessionIdOfRun, streams, type ScheduledSessionCreate } from '#contracts';
import { run, scheduledSession, type ScheduledSessionCommand } from '#domain';
import { SqliteEventStore } from '#event-store';
import { Journal, type Cause } from '#journal';
import { instant } from '#service';
import { Scheduler } from '../src/scheduler.js';
import { SnapshotFile } from '../src/snapshot-file.js';
import { RecordingBus } from './recording-bus.js';
import { SetClock } from './set-clock.js';

export const PROJECT = 'blue';

export class SchedulerWorld {
  readonly bus = new RecordingBus(() => this.clock.now());
  private readonly journal: Journal;
  private stopped = new AbortController();
  private running: Promise<unknown> | undefined;
  /** Every line that schedulers have logged. */
  readonly lines: string[] = [];

  private constructor(
    readonly clock: SetClock,
    readonly store: SqliteEventStore,
    readonly folder: string,
  ) {
    this.journal = new Journal(store);
  }

  static async at(time: string): Promise<SchedulerWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'scheduler-'));
    const store = await SqliteEventStore.open({ path: join(folder, 'events.db') });
    return new SchedulerWorld(new SetClock(Date.parse(time)), store, folder);
  }

  /** Starts a scheduler that leads some shards, and waits until it follows the clock. */
  async start({
    shards = 1,
    leads = [0],
    snapshots = false,
  }: { shards?: number; leads?: number[]; snapshots?: boolean } = {}): Promise<void> {
    const { store: eventStore, bus, clock, folder } = this;
    const log = pino({ level: 'debug' }, { write: line => void this.lines.push(line) });
    const file = snapshots ? new SnapshotFile(folder, log) : undefined;
    const scheduler = new Scheduler({ eventStore, bus, clock, log, shards, snapshots: file });
    this.stopped = new AbortController();
    const { signal } = this.stopped;
    const sleeps = clock.sleeps;
    this.running = Promise.all([scheduler.run(signal), ...leads.map(shard => scheduler.lead(shard, signal))]);
    await until(() => (leads.length > 0 ? scheduler.isLive : scheduler.hasReadTheLog));
    await this.noticed(sleeps);
  }

  /** Stops the scheduler; the log and the bus stay. */
  async stop(): Promise<void> {
    this.stopped.abort();
    await this.running;
    this.running = undefined;
  }

  async end(): Promise<void> {
    await this.stop();
    await this.store.close();
    await rm(this.folder, { recursive: true });
  }

  create(id: string, fields: Omit<ScheduledSessionCreate, 'name'>): Promise<void> {
    return this.change(id, {
      type: 'CreateScheduledSession',
      project_id: PROJECT,
      created_by_user_id: 'ann',
      fields: { name: id, ...fields },
    });
  }

  async change(id: string, command: ScheduledSessionCommand): Promise<void> {
    const sleeps = this.clock.sleeps;
    await this.journal.commit(await this.journal.plan(scheduledSession, streams.scheduledSession(id), command, this.cause()));
    await this.noticed(sleeps);
  }

  /** The command side starts a session for a tick. */
  async decide(id: string, scheduled_for: string): Promise<void> {
    const sleeps = this.clock.sleeps;
    const runId = runIdOf(id, scheduled_for);
    const command = {
      type: 'DecideRun',
      facts: {
        project_id: PROJECT,
        scheduled_session_id: id,
        trigger: 'schedule',
        scheduled_for,
        decided_at: instant(this.clock.now()),
      },
      situation: { agent: 'none', schedule_deleted: false, overlap_policy: 'allow' },
      session_id: sessionIdOfRun(runId, scheduled_for),
    } as const;
    await this.journal.commit(await this.journal.plan(run, streams.run(runId), command, this.cause()));
    await this.noticed(sleeps);
  }

  /** What was asked so far, as `[when asked, for which tick]`. */
  get asked(): [string, string][] {
    return this.bus.sent.map(({ at, request }) => [instant(at), request.scheduled_for]);
  }

  /** A running scheduler has taken in what was appended: it goes to sleep anew. */
  private async noticed(sleeps: number): Promise<void> {
    if (this.running) await until(() => this.clock.sleeps > sleeps);
  }

  private cause(): Cause {
    return {
      actor: { id: 'ann', kind: 'user' },
      occurred_at: instant(this.clock.now()),
      correlation_id: 'test',
      causation_id: 'test',
    };
  }
}
