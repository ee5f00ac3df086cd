/** What routes answer that is not a resource by itself. Each export is a named schema of the OpenAPI document. */
import Type from 'typebox';
import { listOf } from '../fields.js';
import * as r from '../resources/index.js';

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

export const UpcomingTicks = Type.Object({
  schedule: Type.String(),
  timezone: Type.String(),
  description: Type.String({ description: 'The cron expression in words.' }),
  items: Type.Array(Type.Object({ scheduled_for: Type.String(), local: Type.String() })),
});

export const EventList = Type.Object({
  kind: Type.Literal('EventList'),
  size: Type.Integer(),
  items: Type.Array(
    Type.Object({
      stream: Type.String(),
      revision: Type.Integer(),
      type: Type.String(),
      payload: Type.Record(Type.String(), Type.Unknown()),
      actor: Type.Object({ id: Type.String(), kind: Type.String() }),
      occurred_at: Type.String(),
      hash: Type.String(),
      metadata: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
});

export const SessionExport = Type.Object({
  session: r.Session,
  messages: Type.Array(r.SessionMessage),
  history: Type.Array(Type.Unknown()),
  export_at: Type.String(),
  version: Type.Literal('1'),
});

export const SessionWorkflowMetadata = Type.Object({ workflow: Type.Union([r.SessionWorkflow, Type.Null()]) });
