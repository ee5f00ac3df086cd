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
import { Scheduler, type SchedulerClock } from './scheduler.js';

/** What the scheduler stands on. */
export interface SchedulerDependencies {
  readonly eventStore: EventStore;
  readonly bus: Pick<Bus, 'publish'>;
  readonly leases: Leases;
  readonly authenticator: Authenticator;
  readonly clock: SchedulerClock;
  readonly log: Logger;
  readonly readiness: readonly ReadinessCheck[];
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

/** Starts a scheduler: it works whenever it leads its lease. */
export async function startScheduler(dependencies: SchedulerDependencies): Promise<RunningScheduler> {
  const { eventStore, bus, leases, clock, log, readiness } = dependencies;
  const stop = new AbortController();
  let leading: Scheduler | undefined;
  const led = leases.lead(
    'scheduler',
    async signal => {
      leading = new Scheduler(eventStore, bus, clock, log);
      await leading.run(signal);
    },
    stop.signal,
  );
  const following: ReadinessCheck = {
    name: 'schedules',
    check: () => Promise.resolve(leading && !leading.isLive ? 'the log is still being read' : undefined),
  };
  const app = await createHttpApp(SchedulerModule.with(dependencies, [...readiness, following]), { service: 'scheduler', log });
  return {
    app,
    stop: async () => {
      stop.abort();
      await led;
    },
  };
}
