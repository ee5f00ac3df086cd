/** Every event there is: its stream's category, the version of its schema, its payload. A type's meaning never changes. */
import Type, { type Static, type TSchema } from 'typebox';
import { Instant, Ksuid, ProjectName, Timestamp, createdOf, changesOf } from '../fields.js';
import { proxyDecisionFields } from '../audit/proxy-decision.js';
import { agentFields } from '../resources/agent.js';
import { projectFields } from '../resources/project.js';
import { RoleId, SCOPES } from '../resources/role-binding.js';
import { RunTrigger, scheduledSessionFields } from '../resources/scheduled-session.js';
import { Phase, SessionRepo, sessionFields, SessionStatus, SessionWorkflow } from '../resources/session.js';

const event = <P extends TSchema>(category: string, payload: P, version = 1) => ({ category, version, payload });

/** Sealed values are longer than what they hold, so events do not repeat the limits of the API's fields. */
const Sealed = Type.String({ description: 'A JSON object as text whose values are sealed (AES-256-GCM).' });

const inProject = { project_id: ProjectName };
/** A session may belong to no project. */
const maybeInProject = { project_id: Type.Optional(ProjectName) };

const agentChanges = { ...agentFields, nullable: { ...agentFields.nullable, environment_variables: Sealed } };
const sessionConfiguration = { ...sessionFields, nullable: { ...sessionFields.nullable, environment_variables: Sealed } };

const run = {
  ...inProject,
  scheduled_session_id: Ksuid,
  agent_id: Type.Optional(Type.String()),
  trigger: RunTrigger,
  scheduled_for: Timestamp,
  decided_at: Timestamp,
  lateness_ms: Type.Integer({ description: 'Milliseconds from scheduled_for to decided_at.' }),
  requested_by: Type.Optional(Type.String()),
};

const occupant = { ...inProject, agent_id: Type.Optional(Ksuid), scheduled_session_id: Type.Optional(Ksuid) };

/** A run that waits until no session is active. */
const WaitingRun = Type.Object({
  run_id: Type.String({ format: 'uuid' }),
  scheduled_session_id: Ksuid,
  superseded: Type.Optional(Type.Literal(true, { description: 'A later run took its place: it never starts.' })),
});

const occupancy = {
  active: Type.Array(Ksuid, { description: 'All sessions that are active after this event.' }),
  waiting: Type.Array(WaitingRun, { description: 'All runs that wait after this event, first come first.' }),
};

const nameClaim = {
  ...inProject,
  resource_kind: Type.Enum(['Agent', 'ScheduledSession']),
  name: Type.String(),
  holder_id: Ksuid,
};

const roleBinding = {
  role_binding_id: Ksuid,
  role_id: RoleId,
  scope: Type.Enum([...SCOPES]),
  user_id: Type.String(),
  project_id: Type.Optional(ProjectName),
};

export const EVENTS = {
  ProjectCreated: event('project', Type.Object({ ...inProject, ...createdOf(projectFields) })),
  ProjectUpdated: event('project', Type.Object({ ...inProject, changes: changesOf({ ...projectFields, required: {} }) })),
  ProjectDeleted: event('project', Type.Object(inProject)),

  AgentCreated: event('agent', Type.Object({ ...inProject, owner_user_id: Type.String(), ...createdOf(agentChanges) })),
  AgentUpdated: event('agent', Type.Object({ ...inProject, changes: changesOf(agentChanges) })),
  AgentDeleted: event('agent', Type.Object(inProject)),

  ScheduledSessionCreated: event(
    'scheduledSession',
    Type.Object({ ...inProject, created_by_user_id: Type.String(), ...createdOf(scheduledSessionFields) }),
  ),
  ScheduledSessionUpdated: event('scheduledSession', Type.Object({ ...inProject, changes: changesOf(scheduledSessionFields) })),
  ScheduledSessionSuspended: event('scheduledSession', Type.Object({ ...inProject, reason: Type.Optional(Type.String()) })),
  ScheduledSessionResumed: event('scheduledSession', Type.Object({ ...inProject, reason: Type.Optional(Type.String()) })),
  ScheduledSessionDeleted: event('scheduledSession', Type.Object(inProject)),

  RunStarted: event('scheduledSessionRun', Type.Object({ ...run, session_id: Ksuid, prompt: Type.Optional(Type.String()) })),
  RunSkipped: event(
    'scheduledSessionRun',
    Type.Object({ ...run, reason: Type.String(), session_id: Type.Optional(Ksuid), prompt: Type.Optional(Type.String()) }),
  ),
  RunMissed: event(
    'scheduledSessionRun',
    Type.Object({
      ...run,
      reason: Type.String(),
      from: Timestamp,
      to: Timestamp,
      count: Type.Integer({ minimum: 1, description: 'Nominal ticks from `from` to `to`, both included.' }),
    }),
  ),
  RunQueued: event(
    'scheduledSessionRun',
    Type.Object({ ...run, session_id: Type.Optional(Ksuid), prompt: Type.Optional(Type.String()) }),
  ),
  RunDropped: event(
    'scheduledSessionRun',
    Type.Object({ ...run, reason: Type.String(), session_id: Type.Optional(Ksuid), prompt: Type.Optional(Type.String()) }),
  ),
  RunFinished: event(
    'scheduledSessionRun',
    Type.Object({ ...inProject, scheduled_session_id: Ksuid, session_id: Ksuid, phase: Phase, finished_at: Timestamp }),
  ),

  SessionCreated: event(
    'session',
    Type.Object({
      ...maybeInProject,
      agent_id: Type.Optional(Ksuid),
      created_by_user_id: Type.String(),
      scheduled_session_id: Type.Optional(Ksuid),
      scheduled_for: Type.Optional(Timestamp),
      run_id: Type.Optional(Type.String({ format: 'uuid' })),
      ...createdOf(sessionConfiguration),
    }),
  ),
  SessionUpdated: event('session', Type.Object({ ...maybeInProject, changes: changesOf(sessionConfiguration) })),
  SessionStarted: event(
    'session',
    Type.Object({
      ...maybeInProject,
      agent_id: Type.Optional(Ksuid),
      starting_prompt: Type.String({ description: 'Project prompt, agent prompt and task, as the runtime gets them.' }),
    }),
  ),
  SessionStatusReported: event('session', Type.Object({ ...maybeInProject, changes: SessionStatus })),
  SessionStopRequested: event('session', Type.Object({ ...maybeInProject, reason: Type.Optional(Type.String()) })),
  SessionRepoAdded: event('session', Type.Object({ ...maybeInProject, repo: SessionRepo })),
  SessionRepoRemoved: event('session', Type.Object({ ...maybeInProject, name: Type.String() })),
  SessionWorkflowSet: event('session', Type.Object({ ...maybeInProject, workflow: SessionWorkflow })),
  SessionModelSet: event('session', Type.Object({ ...maybeInProject, model: Type.String() })),
  SessionRenamed: event('session', Type.Object({ ...maybeInProject, name: Type.String() })),
  SessionDeleted: event('session', Type.Object(maybeInProject)),

  SessionMessageAppended: event(
    'sessionMessages',
    Type.Object({
      ...maybeInProject,
      session_id: Ksuid,
      message_id: Ksuid,
      seq: Type.Integer({ minimum: 1 }),
      event_type: Type.String(),
      payload: Type.String(),
    }),
  ),

  SessionAdmitted: event('occupancy', Type.Object({ ...occupant, session_id: Ksuid, ...occupancy }), 2),
  WaitingRunsChanged: event('occupancy', Type.Object({ ...occupant, ...occupancy })),

  NameClaimed: event('nameClaim', Type.Object(nameClaim)),
  NameReleased: event('nameClaim', Type.Object(nameClaim)),

  RoleGranted: event('access', Type.Object(roleBinding)),
  RoleRevoked: event('access', Type.Object(roleBinding)),

  ProxyRequestDecided: event('proxyAudit', Type.Object({ ...proxyDecisionFields, ...maybeInProject })),

  RequestAccepted: event(
    'idempotency',
    Type.Object({ caller: Type.String(), body_hash: Type.String(), accepted_at: Instant, seed: Type.String() }),
  ),
  RequestAnswered: event(
    'idempotency',
    Type.Object({ status: Type.Integer(), etag: Type.Optional(Type.String()), sealed_body: Type.String() }),
  ),
} as const;

export type EventType = keyof typeof EVENTS;
export type PayloadOf<T extends EventType> = Static<(typeof EVENTS)[T]['payload']>;
/** An event as the domain decides it. */
export type EventOf<T extends EventType> = { readonly [K in T]: { readonly type: K; readonly payload: PayloadOf<K> } }[T];
export type DomainEvent = EventOf<EventType>;
