import { Module, type DynamicModule } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { APP_GUARD } from '@nestjs/core';
import type { Logger } from 'pino';
import type { Authenticator } from '#access';
import type { Bus, Leases } from '#bus';
import type { EventStore } from '#event-store';
import { Journal } from '#journal';
import {
  AccessGuard,
  AUTHENTICATOR,
  CallerRoles,
  CLOCK,
  createHttpApp,
  HealthController,
  READINESS_CHECKS,
  type ReadinessCheck,
} from '#service';
import { leadShards } from './lead-shards.js';
import { Scheduler, type SchedulerClock } from './scheduler.js';
import { SnapshotFile } from './snapshot-file.js';

/** What the scheduler stands on. */
export interface SchedulerDependencies {
  readonly eventStore: EventStore;
  readonly bus: Pick<Bus, 'publish'>;
  readonly leases: Leases;
  readonly authenticator: Authenticator;
  readonly clock: SchedulerClock;
  readonly log: Logger;
  readonly readiness: readonly ReadinessCheck[];
  /** Into how many parts the schedules are shared out among all schedulers; 1 unless told otherwise. */
  readonly shards?: number;
  /** A folder that is there, for snapshots; without one every start reads the whole log. */
  readonly snapshotFolder?: string | undefined;
}

@Module({})
class SchedulerModule {
  static with({ eventStore, authenticator, clock }: SchedulerDependencies, readiness: readonly ReadinessCheck[]): DynamicModule {
    return {
      module: SchedulerModule,
      controllers: [HealthController],
      providers: [
        { provide: AUTHENTICATOR, useValue: authenticator },
        { provide: CLOCK, useValue: clock },
        { provide: READINESS_CHECKS, useValue: readiness },
        { provide: CallerRoles, useValue: new CallerRoles(new Journal(eventStore)) },
        { provide: APP_GUARD, useClass: AccessGuard },
      ],
    };
  }
}

export interface RunningScheduler {
  /** Health and metrics; not yet listening. */
  readonly app: NestFastifyApplication;
  /** Resolves when the scheduler has stopped. */
  stop(): Promise<void>;
}

/** Starts a scheduler: it follows the log, and asks for the ticks of the shards whose leases it holds. */
export async function startScheduler(dependencies: SchedulerDependencies): Promise<RunningScheduler> {
  const { eventStore, bus, leases, clock, log, readiness, shards = 1, snapshotFolder } = dependencies;
  const stop = new AbortController();
  const snapshots = snapshotFolder === undefined ? undefined : new SnapshotFile(snapshotFolder, log);
  const scheduler = new Scheduler({ eventStore, bus, clock, log, shards, snapshots });
  const lead = (shard: number, signal: AbortSignal): Promise<void> => scheduler.lead(shard, signal);
  const running = Promise.all([scheduler.run(stop.signal), leadShards({ shards, leases, clock, lead }, stop.signal)]);
  const following: ReadinessCheck = {
    name: 'schedules',
    check: () => Promise.resolve(scheduler.hasReadTheLog ? undefined : 'the log is still being read'),
  };
  const app = await createHttpApp(SchedulerModule.with(dependencies, [...readiness, following]), { service: 'scheduler', log });
  return {
    app,
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}
