/** What routes answer that is not a resource by itself. Each export is a named schema of the OpenAPI document. */
import Type from 'typebox';
import { Ksuid, listOf } from '../fields.js';
import * as r from '../resources/index.js';

export { EventReference, Explanation } from './explanation.js';

export const ProjectList = listOf('ProjectList', r.Project);
export const AgentList = listOf('AgentList', r.Agent);
export const ScheduledSessionList = listOf('ScheduledSessionList', r.ScheduledSession);
export const SessionList = listOf('SessionList', r.Session);
export const RoleList = listOf('RoleList', r.Role);
export const RoleBindingList = listOf('RoleBindingList', r.RoleBinding);

/** A run as a list item: its session, or what stands for it, with the run itself. Existing clients know it as a SessionList. */
export const RunList = listOf(
  'SessionList',
  Type.Object({ id: Type.String(), name: Type.String(), phase: Type.String(), run: r.Run }),
);

export const AgentStarted = Type.Object({ session: r.Session, starting_prompt: Type.String(), created: Type.Boolean() });

export const Triggered = Type.Object({
  status: Type.Enum(['triggered', 'skipped', 'queued']),
  reason: Type.Optional(Type.String()),
  run: r.Run,
  session: Type.Optional(r.Session),
});

/** A nominal tick: the instant in UTC, and in the offset of the schedule's zone. */
export const Tick = Type.Object({ scheduled_for: Type.String(), local: Type.String() });

const ticks = {
  description: Type.String({ description: 'The cron expression in words.' }),
  items: Type.Array(Tick),
};

export const UpcomingTicks = Type.Object({ schedule: Type.String(), timezone: Type.String(), ...ticks });

/** One thing that is wrong with a field. */
export const FieldError = Type.Object({ path: Type.String(), message: Type.String() });

export const ScheduleValidation = Type.Union([
  Type.Object({ valid: Type.Literal(true), ...ticks }),
  Type.Object({ valid: Type.Literal(false), errors: Type.Array(FieldError) }),
]);

export const Backfilled = Type.Object({
  ticks: Type.Array(Tick),
  runs: Type.Array(r.Run, {
    description: 'What became of each tick, in their order, without the prompt, which is one for all. Empty after a dry run.',
  }),
});

/** What an action did to each schedule that was found, oldest schedule first. */
export const ScheduledSessionActions = Type.Object({
  kind: Type.Literal('ScheduledSessionActions'),
  action: r.ScheduledSessionAction.properties.action,
  total: Type.Integer({ minimum: 0 }),
  succeeded: Type.Integer({ minimum: 0, description: 'All that did not fail.' }),
  failed: Type.Integer({ minimum: 0 }),
  items: Type.Array(
    Type.Object({
      id: Ksuid,
      name: Type.String(),
      result: Type.Enum(['changed', 'unchanged', 'triggered', 'skipped', 'queued', 'deleted', 'failed']),
      run_id: Type.Optional(Type.String({ format: 'uuid' })),
      error: Type.Optional(Type.String({ description: 'Why it failed.' })),
    }),
  ),
});

export const EventActor = Type.Object({ id: Type.String(), kind: Type.String() });

const storedEvent = {
  stream: Type.String(),
  revision: Type.Integer(),
  type: Type.String(),
  payload: Type.Record(Type.String(), Type.Unknown()),
  actor: EventActor,
  occurred_at: Type.String(),
  hash: Type.String(),
  metadata: Type.Record(Type.String(), Type.Unknown()),
};

export const EventList = Type.Object({
  kind: Type.Literal('EventList'),
  size: Type.Integer(),
  items: Type.Array(Type.Object(storedEvent)),
});

export const AuditList = Type.Object({
  kind: Type.Literal('AuditList'),
  size: Type.Integer(),
  items: Type.Array(
    Type.Object({ ...storedEvent, position: Type.String({ description: 'Where the event stands in the log.' }) }),
  ),
  next: Type.Optional(
    Type.String({ description: 'There is more of the log to look at: ask again with this as `after`. Absent at its end.' }),
  ),
});

export const AuditVerification = Type.Object({
  streams: Type.Integer({ description: 'Streams whose chain was recomputed.' }),
  events: Type.Integer(),
  valid: Type.Boolean(),
  first_bad: Type.Optional(Type.Object({ stream: Type.String(), revision: Type.Integer(), problem: Type.String() })),
});

export const SessionExport = Type.Object({
  session: r.Session,
  messages: Type.Array(r.SessionMessage),
  history: Type.Array(Type.Unknown()),
  export_at: Type.String(),
  version: Type.Literal('1'),
});

export const SessionWorkflowMetadata = Type.Object({ workflow: Type.Union([r.SessionWorkflow, Type.Null()]) });
