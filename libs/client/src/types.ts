/** The schemas of the HTTP contract by name. */
import type { components, operations } from './generated/api.js';

type Schemas = components['schemas'];

export type Project = Schemas['Project'];
export type ProjectCreate = Schemas['ProjectCreate'];
export type ProjectChanges = Schemas['ProjectChanges'];
export type ProjectList = Schemas['ProjectList'];

export type Agent = Schemas['Agent'];
export type AgentCreate = Schemas['AgentCreate'];
export type AgentChanges = Schemas['AgentChanges'];
export type AgentList = Schemas['AgentList'];
export type AgentStarted = Schemas['AgentStarted'];

export type ScheduledSession = Schemas['ScheduledSession'];
export type ScheduledSessionCreate = Schemas['ScheduledSessionCreate'];
export type ScheduledSessionChanges = Schemas['ScheduledSessionChanges'];
export type ScheduledSessionList = Schemas['ScheduledSessionList'];
export type OverlapPolicy = Schemas['OverlapPolicy'];
export type CatchUpPolicy = Schemas['CatchUpPolicy'];
export type Trigger = Schemas['Trigger'];
export type Triggered = Schemas['Triggered'];
export type Run = Schemas['Run'];
export type RunList = Schemas['RunList'];
export type RunItem = RunList['items'][number];
export type Backfill = Schemas['Backfill'];
export type Backfilled = Schemas['Backfilled'];
export type Explanation = Schemas['Explanation'];
export type ScheduledSessionAction = Schemas['ScheduledSessionAction'];
export type ScheduledSessionActions = Schemas['ScheduledSessionActions'];
export type ScheduleValidate = Schemas['ScheduleValidate'];
export type ScheduleValidation = Schemas['ScheduleValidation'];
export type UpcomingTicks = Schemas['UpcomingTicks'];

export type Session = Schemas['Session'];
export type SessionCreate = Schemas['SessionCreate'];
export type SessionChanges = Schemas['SessionChanges'];
export type SessionStatus = Schemas['SessionStatus'];
export type SessionList = Schemas['SessionList'];
export type SessionMessage = Schemas['SessionMessage'];
export type SessionMessageCreate = Schemas['SessionMessageCreate'];
export type SessionRepoCreate = Schemas['SessionRepoCreate'];
export type SessionWorkflowSet = Schemas['SessionWorkflowSet'];
export type SessionWorkflowMetadata = Schemas['SessionWorkflowMetadata'];
export type SessionExport = Schemas['SessionExport'];
export type Phase = Session['phase'];

export type Role = Schemas['Role'];
export type RoleList = Schemas['RoleList'];
export type RoleBinding = Schemas['RoleBinding'];
export type RoleBindingCreate = Schemas['RoleBindingCreate'];
export type RoleBindingList = Schemas['RoleBindingList'];

export type EventList = Schemas['EventList'];
/** An event of the log, with what its hash was taken over. */
export type LogEvent = EventList['items'][number];

export type AuditList = Schemas['AuditList'];
export type AuditEvent = AuditList['items'][number];
export type AuditVerification = Schemas['AuditVerification'];
export type AuditQuery = NonNullable<operations['audit.list']['parameters']['query']>;

/** What lists take: page, size, orderBy, fields, search, consistency. */
export type ListQuery = NonNullable<operations['projects.list']['parameters']['query']>;
export type SessionQuery = NonNullable<operations['sessions.list']['parameters']['query']>;
export type UpcomingQuery = NonNullable<operations['scheduledSessions.upcoming']['parameters']['query']>;
/** Of a whole list: the pages are this client's business. */
export type AllQuery<Q> = Omit<Q, 'page' | 'size'>;
