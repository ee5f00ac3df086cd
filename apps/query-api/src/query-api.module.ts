import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Logger } from 'pino';
import type { Authenticator, Sealer } from '#access';
import { systemClock } from '#bus';
import type { EventStore } from '#event-store';
import { Journal } from '#journal';
import { ReadBarrier } from '#projections';
import type { ReadStore } from '#read-store';
import {
  AccessGuard,
  AUTHENTICATOR,
  CallerRoles,
  CLOCK,
  createHttpApp,
  HealthController,
  READINESS_CHECKS,
  type Clock,
  type ReadinessCheck,
} from '#service';
import { AboutController, type About } from './about/about.controller.js';
import { AccessController } from './access/access.controller.js';
import { GetRoleBindingHandler, ListRoleBindingsHandler, ListRolesHandler } from './access/access.queries.js';
import { CallerRolesController } from './access/caller-roles.controller.js';
import { RoleCatalog } from './access/roles.js';
import { GetAgentHandler, ListAgentsHandler, ListSessionsOfAgentHandler, PreviewPromptHandler } from './agents/agent.queries.js';
import { AgentsController } from './agents/agents.controller.js';
import { GetProjectHandler, ListProjectsHandler } from './projects/project.queries.js';
import { AuditController } from './audit/audit.controller.js';
import { ExportAuditHandler, ListAuditHandler, VerifyAuditHandler } from './audit/audit.queries.js';
import { ProjectLog } from './audit/project-log.js';
import { ProjectsController } from './projects/projects.controller.js';
import { EvidenceReader } from './scheduled-sessions/explain/evidence.reader.js';
import { ExplainScheduleHandler } from './scheduled-sessions/explain/explain.query.js';
import { PastProgress } from './scheduled-sessions/past-progress.js';
import { ListRunsHandler } from './scheduled-sessions/runs.query.js';
import {
  GetScheduledSessionHandler,
  ListScheduledSessionsHandler,
  ScheduledSessionHistoryHandler,
} from './scheduled-sessions/scheduled-session.queries.js';
import { ScheduledSessionsController } from './scheduled-sessions/scheduled-sessions.controller.js';
import { UpcomingTicksHandler } from './scheduled-sessions/upcoming.query.js';
import { ExportSessionHandler } from './sessions/export.query.js';
import { LastActivity } from './sessions/last-activity.js';
import { LiveMessages } from './sessions/live-messages.js';
import { FollowMessagesHandler, ListMessagesHandler } from './sessions/message.queries.js';
import { MessagesController } from './sessions/messages.controller.js';
import {
  GetSessionHandler,
  ListSessionsHandler,
  SessionDetailHandler,
  SessionHistoryHandler,
} from './sessions/session.queries.js';
import { SessionPlaceController } from './sessions/session-place.controller.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { Aggregates } from './support/aggregates.js';
import { Derived } from './support/derived.js';
import { EventStreams, type Timers } from './support/event-streams.js';
import { History } from './support/history.js';
import { keepAnswers } from './support/kept-answers.js';
import { Lists } from './support/lists.js';
import { Secrets } from './support/secrets.js';
import { ABOUT, AUDIT_RETENTION, EVENT_STORE, READ_STORE, SEALER, TIMERS } from './support/tokens.js';
import { Visibility } from './support/visibility.js';

/** What the query API stands on. */
export interface QueryApiDependencies {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly barrier: ReadBarrier;
  readonly authenticator: Authenticator;
  readonly sealer: Sealer;
  readonly clock: Clock;
  /** For the heartbeats of event streams; the machine's, unless said otherwise. */
  readonly timers?: Timers;
  /** Older days of the proxy's audit are left out of what is answered; default none. */
  readonly auditRetentionDays?: number | undefined;
  readonly log: Logger;
  readonly corsOrigins?: readonly string[];
  readonly readiness: readonly ReadinessCheck[];
  readonly version: string;
  /** The OpenAPI document. */
  readonly openapi: object;
  /** The AsyncAPI document. */
  readonly asyncapi: object;
}

@Module({})
export class QueryApiModule {
  static with(dependencies: QueryApiDependencies): DynamicModule {
    const {
      eventStore,
      readStore,
      barrier,
      authenticator,
      sealer,
      clock,
      timers = systemClock,
      readiness,
      version,
      openapi,
      asyncapi,
    } = dependencies;
    const about: About = { version, openapi: JSON.stringify(openapi), asyncapi: JSON.stringify(asyncapi) };
    return {
      module: QueryApiModule,
      imports: [CqrsModule.forRoot()],
      controllers: [
        AboutController,
        AccessController,
        AgentsController,
        CallerRolesController,
        SessionPlaceController,
        AuditController,
        HealthController,
        MessagesController,
        ProjectsController,
        ScheduledSessionsController,
        SessionsController,
      ],
      providers: [
        { provide: ABOUT, useValue: about },
        { provide: AUTHENTICATOR, useValue: authenticator },
        { provide: CLOCK, useValue: clock },
        { provide: EVENT_STORE, useValue: eventStore },
        { provide: READ_STORE, useValue: readStore },
        { provide: READINESS_CHECKS, useValue: readiness },
        { provide: SEALER, useValue: sealer },
        { provide: AUDIT_RETENTION, useValue: dependencies.auditRetentionDays },
        { provide: TIMERS, useValue: timers },
        { provide: ReadBarrier, useValue: barrier },
        { provide: Journal, useValue: new Journal(eventStore) },
        { provide: CallerRoles, useFactory: (journal: Journal) => new CallerRoles(journal), inject: [Journal] },
        { provide: APP_GUARD, useClass: AccessGuard },
        Aggregates,
        Derived,
        EventStreams,
        EvidenceReader,
        History,
        LastActivity,
        Lists,
        LiveMessages,
        PastProgress,
        ProjectLog,
        RoleCatalog,
        Secrets,
        Visibility,
        ExportAuditHandler,
        ExplainScheduleHandler,
        ExportSessionHandler,
        FollowMessagesHandler,
        GetAgentHandler,
        GetProjectHandler,
        GetRoleBindingHandler,
        GetScheduledSessionHandler,
        GetSessionHandler,
        ListAgentsHandler,
        ListAuditHandler,
        ListMessagesHandler,
        ListProjectsHandler,
        ListRoleBindingsHandler,
        ListRolesHandler,
        ListRunsHandler,
        ListScheduledSessionsHandler,
        ListSessionsHandler,
        ListSessionsOfAgentHandler,
        PreviewPromptHandler,
        ScheduledSessionHistoryHandler,
        SessionDetailHandler,
        SessionHistoryHandler,
        UpcomingTicksHandler,
        VerifyAuditHandler,
      ],
    };
  }
}

/** The query API, not yet listening. */
export async function createQueryApi(dependencies: QueryApiDependencies): Promise<NestFastifyApplication> {
  const { log, corsOrigins } = dependencies;
  const app = await createHttpApp(QueryApiModule.with(dependencies), { service: 'query', log, corsOrigins });
  keepAnswers(app.getHttpAdapter().getInstance(), dependencies);
  return app;
}
