/** Which documents an event concerns, and which projection makes what of it. */
import { categoryOf, idOf, type Occurred } from '#contracts';
import type { SessionEvent } from '#domain';
import { agentAfterSession, agentDocument } from './agents.js';
import type { DocumentKind, DocumentKinds, SessionState, Target } from './documents.js';
import { projectDocument } from './projects.js';
import { roleBindingDocument } from './role-bindings.js';
import { runAfterSession, runDocument } from './runs.js';
import { scheduleAfterRun, scheduleDocument } from './scheduled-sessions.js';
import { sessionAfterMessage, sessionDocument } from './sessions.js';

/** The documents as they stand while an event is projected. */
export interface Documents {
  get<K extends DocumentKind>(collection: K, id: string): DocumentKinds[K] | undefined;
  /** Changes a document, unless it has seen the event already. */
  change<K extends DocumentKind>(
    collection: K,
    id: string,
    after: (before: DocumentKinds[K] | undefined) => DocumentKinds[K],
  ): void;
}

const PROJECTED: ReadonlySet<string> = new Set([
  'project',
  'agent',
  'scheduledSession',
  'scheduledSessionRun',
  'session',
  'sessionMessages',
  'access',
]);

/** False for streams that no read model follows: their events need not even be read. */
export const isProjected = (stream: string): boolean => PROJECTED.has(categoryOf(stream));

/** The documents that an event names; those behind a session's links come from {@link linkedDocuments}. */
export function namedDocuments(event: Occurred): Target[] {
  const id = idOf(event.stream);
  switch (event.type) {
    case 'ProjectCreated':
    case 'ProjectUpdated':
    case 'ProjectDeleted':
      return [{ collection: 'projects', id }];
    case 'AgentCreated':
    case 'AgentUpdated':
    case 'AgentDeleted':
      return [{ collection: 'agents', id }];
    case 'ScheduledSessionCreated':
    case 'ScheduledSessionUpdated':
    case 'ScheduledSessionSuspended':
    case 'ScheduledSessionResumed':
    case 'ScheduledSessionDeleted':
      return [{ collection: 'scheduled_sessions', id }];
    case 'RunStarted':
      return [...runTargets(event), { collection: 'sessions', id: event.payload.session_id }];
    case 'RunSkipped':
    case 'RunMissed':
    case 'RunQueued':
    case 'RunDropped':
      return runTargets(event);
    case 'RunFinished':
      return [{ collection: 'runs', id }];
    case 'SessionCreated':
      return [{ collection: 'sessions', id }, ...linkedDocuments(event.payload)];
    case 'SessionUpdated':
    case 'SessionStarted':
    case 'SessionStatusReported':
    case 'SessionStopRequested':
    case 'SessionRepoAdded':
    case 'SessionRepoRemoved':
    case 'SessionWorkflowSet':
    case 'SessionModelSet':
    case 'SessionRenamed':
    case 'SessionDeleted':
    case 'SessionMessageAppended':
      return [{ collection: 'sessions', id }];
    case 'RoleGranted':
    case 'RoleRevoked':
      return [{ collection: 'role_bindings', id: event.payload.role_binding_id }];
    case 'SessionAdmitted':
    case 'WaitingRunsChanged':
    case 'NameClaimed':
    case 'NameReleased':
    case 'ProxyRequestDecided':
    case 'RequestAccepted':
    case 'RequestAnswered':
      return [];
  }
}

const runTargets = (event: Occurred & { payload: { scheduled_session_id: string } }): Target[] => [
  { collection: 'runs', id: idOf(event.stream) },
  { collection: 'scheduled_sessions', id: event.payload.scheduled_session_id },
];

/** The documents that follow a session: its agent and the run that started it. */
export function linkedDocuments({ agent_id, run_id }: Pick<SessionState, 'agent_id' | 'run_id'>): Target[] {
  const targets: Target[] = [];
  if (agent_id !== undefined) targets.push({ collection: 'agents', id: agent_id });
  if (run_id !== undefined) targets.push({ collection: 'runs', id: run_id });
  return targets;
}

/** Folds an event into the documents that it concerns. */
export function project(event: Occurred, documents: Documents): void {
  const id = idOf(event.stream);
  switch (event.type) {
    case 'ProjectCreated':
    case 'ProjectUpdated':
    case 'ProjectDeleted':
      return documents.change('projects', id, before => projectDocument(before, event));
    case 'AgentCreated':
    case 'AgentUpdated':
    case 'AgentDeleted':
      return documents.change('agents', id, before => agentDocument(before, event));
    case 'ScheduledSessionCreated':
    case 'ScheduledSessionUpdated':
    case 'ScheduledSessionSuspended':
    case 'ScheduledSessionResumed':
    case 'ScheduledSessionDeleted':
      return documents.change('scheduled_sessions', id, before => scheduleDocument(before, event));
    case 'RunStarted':
    case 'RunSkipped':
    case 'RunMissed':
    case 'RunQueued':
    case 'RunDropped': {
      const session = event.type === 'RunStarted' ? documents.get('sessions', event.payload.session_id) : undefined;
      documents.change('runs', id, before => runDocument(before, event, session));
      return changeKnown(documents, 'scheduled_sessions', event.payload.scheduled_session_id, before =>
        scheduleAfterRun(before, event),
      );
    }
    case 'RunFinished':
      return documents.change('runs', id, before => runDocument(before, event, undefined));
    case 'SessionCreated':
    case 'SessionUpdated':
    case 'SessionStarted':
    case 'SessionStatusReported':
    case 'SessionStopRequested':
    case 'SessionRepoAdded':
    case 'SessionRepoRemoved':
    case 'SessionWorkflowSet':
    case 'SessionModelSet':
    case 'SessionRenamed':
    case 'SessionDeleted':
      return projectSession(event, documents);
    case 'SessionMessageAppended':
      return changeKnown(documents, 'sessions', id, before => sessionAfterMessage(before, event));
    case 'RoleGranted':
    case 'RoleRevoked':
      return documents.change('role_bindings', event.payload.role_binding_id, () => roleBindingDocument(event));
    case 'SessionAdmitted':
    case 'WaitingRunsChanged':
    case 'NameClaimed':
    case 'NameReleased':
    case 'ProxyRequestDecided':
    case 'RequestAccepted':
    case 'RequestAnswered':
      return;
    default:
      event satisfies never;
  }
}

function projectSession(event: Occurred<SessionEvent>, documents: Documents): void {
  const id = idOf(event.stream);
  documents.change('sessions', id, before => sessionDocument(before, event));
  const session = documents.get('sessions', id);
  const { agent_id, run_id } = session?.state ?? {};
  if (agent_id !== undefined) changeKnown(documents, 'agents', agent_id, before => agentAfterSession(before, event));
  if (run_id !== undefined && mayChangePhase(event))
    changeKnown(documents, 'runs', run_id, before => runAfterSession(before, session));
}

/** By the event alone, so that the run's position is the same whatever its phase was before. */
function mayChangePhase(event: SessionEvent): boolean {
  switch (event.type) {
    case 'SessionCreated':
    case 'SessionStarted':
    case 'SessionStopRequested':
      return true;
    case 'SessionStatusReported':
      return event.payload.changes.phase !== undefined;
    default:
      return false;
  }
}

/** A document that others' events only add to: where there is none, its own stream has not been projected. */
function changeKnown<K extends DocumentKind>(
  documents: Documents,
  collection: K,
  id: string,
  after: (before: DocumentKinds[K]) => DocumentKinds[K],
): void {
  const known = documents.get(collection, id);
  if (known) documents.change(collection, id, before => after(before ?? known));
}
