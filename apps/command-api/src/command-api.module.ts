import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { Authenticator, Sealer } from '#access';
import { BusTransport, type Bus, type Leases } from '#bus';
import type { EventStore } from '#event-store';
import { Journal, ProxyAuditJournal } from '#journal';
import { ReadBarrier } from '#projections';
import type { ReadStore } from '#read-store';
import {
  AccessGuard,
  AUTHENTICATOR,
  CallerRoles,
  CLOCK,
  createHttpApp,
  HealthController,
  KEPT_ANSWERS,
  READINESS_CHECKS,
  type Clock,
  type ReadinessCheck,
} from '#service';
import { GrantRoleHandler, RevokeRoleHandler } from './access/role-binding.commands.js';
import { RoleBindingsController } from './access/role-bindings.controller.js';
import { CreateAgentHandler, DeleteAgentHandler, UpdateAgentHandler } from './agents/agent.commands.js';
import { AgentsController } from './agents/agents.controller.js';
import { StartAgentHandler } from './agents/start-agent.command.js';
import { AuditController } from './audit/audit.controller.js';
import { RecordProxyAuditHandler } from './audit/record-proxy-audit.command.js';
import { CutOffRuns } from './housekeeping/cut-off-runs.js';
import { Housekeeping } from './housekeeping/housekeeping.js';
import { HousekeepingLoop } from './housekeeping/housekeeping-loop.js';
import { LostTurns } from './housekeeping/lost-turns.js';
import { OverdueTicks } from './housekeeping/overdue-ticks.js';
import { SessionDeadlines } from './housekeeping/session-deadlines.js';
import { TickHoles } from './housekeeping/tick-holes.js';
import { TickNews } from './housekeeping/tick-news.js';
import { TickRepair } from './housekeeping/tick-repair.js';
import { Idempotency } from './idempotency/idempotency.js';
import { CreateProjectHandler, DeleteProjectHandler, UpdateProjectHandler } from './projects/project.commands.js';
import { ProjectsController } from './projects/projects.controller.js';
import { ActOnScheduledSessionsHandler } from './scheduled-sessions/bulk-action.command.js';
import { BackfillScheduledSessionHandler } from './scheduled-sessions/backfill.command.js';
import { DecideTickHandler } from './scheduled-sessions/decide-tick.command.js';
import { RunDecider } from './scheduled-sessions/decide-run.js';
import { NextTurns } from './scheduled-sessions/next-turns.js';
import { RunEnds } from './scheduled-sessions/run-ends.js';
import { RunStart } from './scheduled-sessions/run-start.js';
import { SchedulePolicies } from './scheduled-sessions/schedule-policies.js';
import { WaitingRuns } from './scheduled-sessions/waiting-runs.js';
import { ScheduleFields } from './scheduled-sessions/schedule-fields.js';
import { ScheduleProgressReader } from './scheduled-sessions/schedule-progress.js';
import {
  ChangeScheduledSessionHandler,
  CreateScheduledSessionHandler,
  DeleteScheduledSessionHandler,
} from './scheduled-sessions/scheduled-session.commands.js';
import { ScheduledSessionsController } from './scheduled-sessions/scheduled-sessions.controller.js';
import { SchedulesController } from './scheduled-sessions/schedules.controller.js';
import { TriggerRequestedConsumer } from './scheduled-sessions/trigger-requested.consumer.js';
import { TriggerScheduledSessionHandler } from './scheduled-sessions/trigger.command.js';
import { AppendMessageHandler } from './sessions/message.commands.js';
import {
  ChangeSessionHandler,
  CloneSessionHandler,
  CreateSessionHandler,
  DeleteSessionHandler,
  ReportStatusHandler,
  StartSessionHandler,
} from './sessions/session.commands.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { ActiveWork } from './support/active-work.js';
import { CaughtUpReads, READ_STORE } from './support/caught-up-reads.js';
import { Commands } from './support/commands.js';
import { Names } from './support/names.js';
import { Prompts } from './support/prompts.js';
import { Secrets, SEALER } from './support/secrets.js';
import { Starting } from './support/starting.js';

/** What the command API stands on. */
export interface CommandApiDependencies {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly barrier: ReadBarrier;
  readonly bus: Bus;
  /** Tell which of all command APIs keeps house. Without them this one does not. */
  readonly leases?: Leases;
  readonly authenticator: Authenticator;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly log: Logger;
  readonly corsOrigins?: readonly string[];
  readonly readiness: readonly ReadinessCheck[];
}

@Module({})
export class CommandApiModule {
  static with(dependencies: CommandApiDependencies): DynamicModule {
    return {
      module: CommandApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        AgentsController,
        AuditController,
        HealthController,
        ProjectsController,
        RoleBindingsController,
        ScheduledSessionsController,
        SchedulesController,
        SessionsController,
        TriggerRequestedConsumer,
      ],
      providers: [
        { provide: AUTHENTICATOR, useValue: dependencies.authenticator },
        { provide: CLOCK, useValue: dependencies.clock },
        { provide: SEALER, useValue: dependencies.sealer },
        { provide: READ_STORE, useValue: dependencies.readStore },
        { provide: READINESS_CHECKS, useValue: dependencies.readiness },
        { provide: ReadBarrier, useValue: dependencies.barrier },
        { provide: Journal, useValue: new Journal(dependencies.eventStore) },
        { provide: ProxyAuditJournal, useValue: new ProxyAuditJournal(dependencies.eventStore, () => dependencies.clock.now()) },
        { provide: CallerRoles, useFactory: (journal: Journal) => new CallerRoles(journal), inject: [Journal] },
        { provide: APP_GUARD, useClass: AccessGuard },
        { provide: KEPT_ANSWERS, useClass: Idempotency },
        {
          provide: HousekeepingLoop,
          useFactory: (housekeeping: Housekeeping) => new HousekeepingLoop(housekeeping, dependencies.leases),
          inject: [Housekeeping],
        },
        ActiveWork,
        CaughtUpReads,
        Commands,
        CutOffRuns,
        Housekeeping,
        LostTurns,
        Names,
        NextTurns,
        OverdueTicks,
        Prompts,
        RunDecider,
        RunEnds,
        RunStart,
        ScheduleFields,
        SchedulePolicies,
        ScheduleProgressReader,
        Secrets,
        SessionDeadlines,
        Starting,
        TickHoles,
        TickNews,
        TickRepair,
        WaitingRuns,
        ActOnScheduledSessionsHandler,
        AppendMessageHandler,
        BackfillScheduledSessionHandler,
        ChangeScheduledSessionHandler,
        ChangeSessionHandler,
        CloneSessionHandler,
        CreateAgentHandler,
        CreateProjectHandler,
        CreateScheduledSessionHandler,
        CreateSessionHandler,
        DecideTickHandler,
        DeleteAgentHandler,
        DeleteProjectHandler,
        DeleteScheduledSessionHandler,
        DeleteSessionHandler,
        GrantRoleHandler,
        RecordProxyAuditHandler,
        ReportStatusHandler,
        RevokeRoleHandler,
        StartAgentHandler,
        StartSessionHandler,
        TriggerScheduledSessionHandler,
        UpdateAgentHandler,
        UpdateProjectHandler,
      ],
    };
  }
}

/** Decisions of different schedules that are under way at once. */
const CONCURRENT_DECISIONS = 64;

/** The command API, consuming from the bus and not yet listening. */
export async function createCommandApi(dependencies: CommandApiDependencies): Promise<NestFastifyApplication> {
  const { log, corsOrigins, bus } = dependencies;
  const app = await createHttpApp(CommandApiModule.with(dependencies), { service: 'command', log, corsOrigins });
  app.connectMicroservice({
    strategy: new BusTransport(bus, {
      durable: 'command-api',
      concurrency: CONCURRENT_DECISIONS,
      backoffMs: [1000, 5000, 30_000],
      maxDeliveries: 10,
    }),
  });
  await app.startAllMicroservices();
  return app;
}
