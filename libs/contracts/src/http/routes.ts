/**
 * The HTTP contract as data: every native route, once. Controllers bind to a row by its id, the guard takes its permission from it, the
 * proxy its destination, the OpenAPI document its text, and the isolation test its cases. A route that is not here does not exist.
 */
import Type, { type TSchema } from 'typebox';
import { ProjectName } from '../fields.js';
import * as r from '../resources/index.js';
import * as a from './answers.js';

export const BASE_PATH = '/api/ambient/v1';
/** Media type of one JSON value a line. */
export const LINES = 'application/x-ndjson';

/**
 * Who may: `public` anyone; `user` anyone authenticated; a project role and those above it; `runtime` the runtime (and a platform:admin);
 * `writer` for messages: an editor or the runtime; `service` another service of the project with its own credential, which no role replaces.
 */
export type Need = 'public' | 'user' | 'viewer' | 'editor' | 'owner' | 'runtime' | 'writer' | 'service';

/**
 * Where the project of a request is found: nowhere; in the path (`{project_id}`); through the session in the path (`{id}`);
 * in the request itself (body, query or header), so that the handler has to check.
 */
export type ProjectScope = 'none' | 'path' | 'session' | 'request';

export interface Route {
  readonly id: string;
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Under the base path unless it starts with `//` (from the root). Parameters in braces. */
  readonly path: string;
  readonly service: 'command' | 'query';
  readonly needs: Need;
  readonly scope: ProjectScope;
  readonly summary: string;
  readonly status: number;
  readonly body?: TSchema;
  /** An action: it accepts no body and no Content-Type. */
  readonly bodyOptional?: boolean;
  readonly answer?: TSchema;
  readonly contentType?: string;
  /** Takes page, size, orderBy, fields, search. */
  readonly list?: boolean;
  /** Other query parameters, all optional. */
  readonly query?: Readonly<Record<string, TSchema>>;
  /** With `Accept: text/event-stream` the answer is a live stream. */
  readonly eventStream?: boolean;
  /** With `Accept: application/x-ndjson` the answer is a stream of JSON, one value a line. */
  readonly lines?: boolean;
  /** Also answers for a project that was deleted: what it held stays readable. */
  readonly ofDeleted?: boolean;
}

/** Query parameters beside those of a list. */
const Query = {
  asOf: { as_of: Type.String({ format: 'instant', description: 'The state as it was at this instant.' }) },
  upcoming: {
    count: Type.Integer({ minimum: 1, maximum: 1000, default: 10, description: 'How many ticks.' }),
    after: Type.String({ format: 'instant', description: 'Only ticks after this instant; default now.' }),
  },
  explain: { at: Type.String({ format: 'instant', description: 'The instant to explain, by whole seconds; default now.' }) },
  history: {
    after: Type.Integer({ minimum: -1, description: 'Only events after this revision.' }),
    limit: Type.Integer({ minimum: 1, description: 'How many events at most.' }),
  },
  audit: {
    after: Type.String({ description: 'Only events after this position: `next` of an answer, or `position` of an event.' }),
    from: Type.String({ format: 'instant', description: 'Only events that occurred at this instant or later.' }),
    to: Type.String({ format: 'instant', description: 'Only events that occurred at this instant or earlier.' }),
    actor: Type.String({ description: 'Only events that this user or service caused.' }),
    type: Type.String({ description: 'Only events of this type, for example `SessionStarted`.' }),
    limit: Type.Integer({
      minimum: 1,
      maximum: 1000,
      default: 100,
      description: 'How many events at most; all of them go out as lines.',
    }),
  },
  messages: { after_seq: Type.Integer({ minimum: 0, description: 'Only messages after this one.' }) },
  project: { project_id: ProjectName },
} as const;

const command = { service: 'command' } as const;
const query = { service: 'query', method: 'GET', status: 200 } as const;
const P = '/projects/{project_id}';
const A = `${P}/agents`;
const B = `${P}/scheduled-sessions`;

// One row, one line: a table is read in columns.
// prettier-ignore
const table = [
  // Public
  { id: 'root', path: '//api/ambient', needs: 'public', scope: 'none', summary: 'What answers here', ...query },
  { id: 'version', path: '/version', needs: 'public', scope: 'none', summary: 'Version of the service', ...query },
  { id: 'openapi', path: '/openapi', needs: 'public', scope: 'none', summary: 'This document', ...query },
  { id: 'asyncapi', path: '/asyncapi', needs: 'public', scope: 'none', summary: 'The messages over NATS, as an AsyncAPI document', ...query },

  // Projects
  { id: 'projects.list', path: '/projects', needs: 'user', scope: 'none', list: true, answer: a.ProjectList, summary: 'Projects the caller may see', ...query },
  { id: 'projects.get', path: P, needs: 'viewer', scope: 'path', answer: r.Project, summary: 'A project', ...query },
  { id: 'projects.create', method: 'POST', path: '/projects', needs: 'user', scope: 'none', body: r.ProjectCreate, status: 201, answer: r.Project, summary: 'Create a project; the creator becomes its owner', ...command },
  { id: 'projects.update', method: 'PATCH', path: P, needs: 'owner', scope: 'path', body: r.ProjectChanges, status: 200, answer: r.Project, summary: 'Change a project', ...command },
  { id: 'projects.delete', method: 'DELETE', path: P, needs: 'owner', scope: 'path', status: 204, summary: 'Delete a project', ...command },

  // Agents
  { id: 'agents.list', path: A, needs: 'viewer', scope: 'path', list: true, answer: a.AgentList, summary: 'Agents of a project', ...query },
  { id: 'agents.get', path: `${A}/{agent_id}`, needs: 'viewer', scope: 'path', answer: r.Agent, summary: 'An agent', ...query },
  { id: 'agents.create', method: 'POST', path: A, needs: 'editor', scope: 'path', body: r.AgentCreate, status: 201, answer: r.Agent, summary: 'Create an agent', ...command },
  { id: 'agents.update', method: 'PATCH', path: `${A}/{agent_id}`, needs: 'editor', scope: 'path', body: r.AgentChanges, status: 200, answer: r.Agent, summary: 'Change an agent', ...command },
  { id: 'agents.delete', method: 'DELETE', path: `${A}/{agent_id}`, needs: 'owner', scope: 'path', status: 204, summary: 'Delete an agent', ...command },
  { id: 'agents.start', method: 'POST', path: `${A}/{agent_id}/start`, needs: 'editor', scope: 'path', body: r.AgentStart, bodyOptional: true, status: 200, answer: a.AgentStarted, summary: 'The active session of the agent, or a new one', ...command },
  { id: 'agents.preview', path: `${A}/{agent_id}/start`, needs: 'viewer', scope: 'path', contentType: 'text/plain', summary: 'Preview of the starting prompt', ...query },
  { id: 'agents.sessions', path: `${A}/{agent_id}/sessions`, needs: 'viewer', scope: 'path', list: true, answer: a.SessionList, summary: 'Sessions of an agent', ...query },

  // Scheduled sessions
  { id: 'scheduledSessions.list', path: B, needs: 'viewer', scope: 'path', list: true, answer: a.ScheduledSessionList, summary: 'Schedules of a project', ...query },
  { id: 'scheduledSessions.actions', method: 'POST', path: `${B}/actions`, needs: 'editor', scope: 'path', body: r.ScheduledSessionAction, status: 200, answer: a.ScheduledSessionActions, summary: 'Suspend, resume, trigger or (as owner) delete all schedules that a search finds', ...command },
  { id: 'scheduledSessions.get', path: `${B}/{id}`, needs: 'viewer', scope: 'path', answer: r.ScheduledSession, query: Query.asOf, summary: 'A schedule, now or as of an instant', ...query },
  { id: 'scheduledSessions.create', method: 'POST', path: B, needs: 'editor', scope: 'path', body: r.ScheduledSessionCreate, status: 201, answer: r.ScheduledSession, summary: 'Create a schedule', ...command },
  { id: 'scheduledSessions.update', method: 'PATCH', path: `${B}/{id}`, needs: 'editor', scope: 'path', body: r.ScheduledSessionChanges, status: 200, answer: r.ScheduledSession, summary: 'Change a schedule', ...command },
  { id: 'scheduledSessions.delete', method: 'DELETE', path: `${B}/{id}`, needs: 'owner', scope: 'path', status: 204, summary: 'Delete a schedule', ...command },
  { id: 'scheduledSessions.suspend', method: 'POST', path: `${B}/{id}/suspend`, needs: 'editor', scope: 'path', body: r.WithReason, bodyOptional: true, status: 200, answer: r.ScheduledSession, summary: 'Stop firing', ...command },
  { id: 'scheduledSessions.resume', method: 'POST', path: `${B}/{id}/resume`, needs: 'editor', scope: 'path', body: r.WithReason, bodyOptional: true, status: 200, answer: r.ScheduledSession, summary: 'Fire again', ...command },
  { id: 'scheduledSessions.trigger', method: 'POST', path: `${B}/{id}/trigger`, needs: 'editor', scope: 'path', body: r.Trigger, bodyOptional: true, status: 200, answer: a.Triggered, summary: 'Fire now', ...command },
  { id: 'scheduledSessions.backfill', method: 'POST', path: `${B}/{id}/backfill`, needs: 'editor', scope: 'path', body: r.Backfill, status: 200, answer: a.Backfilled, summary: 'Runs for ticks of the past', ...command },
  { id: 'scheduledSessions.runs', path: `${B}/{id}/runs`, needs: 'viewer', scope: 'path', list: true, answer: a.RunList, summary: 'What became of each tick and trigger, newest first', ...query },
  { id: 'scheduledSessions.upcoming', path: `${B}/{id}/upcoming`, needs: 'viewer', scope: 'path', answer: a.UpcomingTicks, query: Query.upcoming, summary: 'The next ticks', ...query },
  { id: 'scheduledSessions.explain', path: `${B}/{id}/explain`, needs: 'viewer', scope: 'path', answer: a.Explanation, query: Query.explain, summary: 'Whether it was, is or will be due at an instant, what became of it, and why', ...query },
  { id: 'scheduledSessions.history', path: `${B}/{id}/history`, needs: 'viewer', scope: 'path', answer: a.EventList, query: Query.history, summary: 'Events of a schedule, oldest first', ...query },
  { id: 'schedules.validate', method: 'POST', path: '/schedules/validate', needs: 'user', scope: 'none', body: r.ScheduleValidate, status: 200, answer: a.ScheduleValidation, summary: 'Whether an expression and a zone are right, and when they would fire', ...command },

  // Sessions
  { id: 'sessions.list', path: '/sessions', needs: 'user', scope: 'request', list: true, answer: a.SessionList, query: Query.project, summary: 'Sessions the caller may see', ...query },
  { id: 'sessions.get', path: '/sessions/{id}', needs: 'viewer', scope: 'session', answer: r.Session, query: Query.asOf, summary: 'A session, now or as of an instant', ...query },
  { id: 'sessions.create', method: 'POST', path: '/sessions', needs: 'user', scope: 'request', body: r.SessionCreate, status: 201, answer: r.Session, summary: 'Create a session', ...command },
  { id: 'sessions.update', method: 'PATCH', path: '/sessions/{id}', needs: 'editor', scope: 'session', body: r.SessionChanges, status: 200, answer: r.Session, summary: 'Change a session', ...command },
  { id: 'sessions.delete', method: 'DELETE', path: '/sessions/{id}', needs: 'owner', scope: 'session', status: 204, summary: 'Delete a session', ...command },
  { id: 'sessions.status', method: 'PATCH', path: '/sessions/{id}/status', needs: 'runtime', scope: 'session', body: r.SessionStatus, status: 200, answer: r.Session, summary: 'Report of the runtime', ...command },
  { id: 'sessions.start', method: 'POST', path: '/sessions/{id}/start', needs: 'editor', scope: 'session', bodyOptional: true, status: 200, answer: r.Session, summary: 'Start', ...command },
  { id: 'sessions.stop', method: 'POST', path: '/sessions/{id}/stop', needs: 'editor', scope: 'session', bodyOptional: true, status: 200, answer: r.Session, summary: 'Ask to stop', ...command },
  { id: 'sessions.clone', method: 'POST', path: '/sessions/{id}/clone', needs: 'editor', scope: 'session', body: r.SessionClone, bodyOptional: true, status: 201, answer: r.Session, summary: 'A new session with the same configuration', ...command },
  { id: 'sessions.addRepo', method: 'POST', path: '/sessions/{id}/repos', needs: 'editor', scope: 'session', body: r.SessionRepoCreate, status: 200, answer: r.Session, summary: 'Add a repository', ...command },
  { id: 'sessions.removeRepo', method: 'DELETE', path: '/sessions/{id}/repos/{name}', needs: 'editor', scope: 'session', status: 200, answer: r.Session, summary: 'Remove a repository', ...command },
  { id: 'sessions.setWorkflow', method: 'POST', path: '/sessions/{id}/workflow', needs: 'editor', scope: 'session', body: r.SessionWorkflowSet, status: 200, answer: r.Session, summary: 'Set the workflow', ...command },
  { id: 'sessions.workflow', path: '/sessions/{id}/workflow/metadata', needs: 'viewer', scope: 'session', answer: a.SessionWorkflowMetadata, summary: 'The workflow', ...query },
  { id: 'sessions.setModel', method: 'POST', path: '/sessions/{id}/model', needs: 'editor', scope: 'session', body: r.SessionModelSet, status: 200, answer: r.Session, summary: 'Set the model', ...command },
  { id: 'sessions.rename', method: 'PATCH', path: '/sessions/{id}/displayname', needs: 'editor', scope: 'session', body: r.SessionRename, status: 200, answer: r.Session, summary: 'Rename', ...command },
  { id: 'sessions.export', path: '/sessions/{id}/export', needs: 'viewer', scope: 'session', answer: a.SessionExport, summary: 'Session, messages and history in one document', ...query },
  { id: 'sessions.podEvents', path: '/sessions/{id}/pod-events', needs: 'viewer', scope: 'session', answer: Type.Array(Type.Unknown()), summary: 'Conditions that the runtime reported, oldest first', ...query },
  { id: 'sessions.history', path: '/sessions/{id}/history', needs: 'viewer', scope: 'session', answer: a.EventList, query: Query.history, summary: 'Events of a session, oldest first', ...query },
  { id: 'sessions.messages', path: '/sessions/{id}/messages', needs: 'viewer', scope: 'session', answer: Type.Array(r.SessionMessage), query: Query.messages, eventStream: true, summary: 'Messages: a bare array, or with Accept text/event-stream a live stream', ...query },
  { id: 'sessions.addMessage', method: 'POST', path: '/sessions/{id}/messages', needs: 'writer', scope: 'session', body: r.SessionMessageCreate, status: 201, answer: r.SessionMessage, summary: 'Append a message', ...command },

  // Audit
  { id: 'audit.list', path: `${P}/audit`, needs: 'owner', scope: 'path', answer: a.AuditList, query: Query.audit, lines: true, ofDeleted: true, summary: 'All events of a project, oldest first; with Accept application/x-ndjson as lines that can be verified', ...query },
  { id: 'audit.verify', path: `${P}/audit/verify`, needs: 'owner', scope: 'path', answer: a.AuditVerification, ofDeleted: true, summary: 'Recomputes every hash chain of a project', ...query },

  // Access
  { id: 'roles.list', path: '/roles', needs: 'user', scope: 'none', list: true, answer: a.RoleList, summary: 'The roles there are', ...query },
  { id: 'roleBindings.list', path: '/role_bindings', needs: 'user', scope: 'none', list: true, answer: a.RoleBindingList, summary: 'Role bindings of projects the caller owns', ...query },
  { id: 'roleBindings.get', path: '/role_bindings/{id}', needs: 'user', scope: 'none', answer: r.RoleBinding, summary: 'A role binding', ...query },
  { id: 'roleBindings.create', method: 'POST', path: '/role_bindings', needs: 'user', scope: 'request', body: r.RoleBindingCreate, status: 201, answer: r.RoleBinding, summary: 'Grant a role', ...command },
  { id: 'roleBindings.delete', method: 'DELETE', path: '/role_bindings/{id}', needs: 'user', scope: 'none', status: 204, summary: 'Revoke a role', ...command },
] as const satisfies readonly Route[];

export type RouteId = (typeof table)[number]['id'];

export const ROUTES: readonly (Route & { readonly id: RouteId })[] = table;

const byId = new Map<string, Route>(ROUTES.map(route => [route.id, route]));

/** The row of a route. */
export function routeOf(id: RouteId): Route {
  const route = byId.get(id);
  if (!route) throw new Error(`no route ${id} in the table`);
  return route;
}

/** The whole path of a route, parameters in braces. */
export const fullPath = (route: Pick<Route, 'path'>): string =>
  route.path.startsWith('//') ? route.path.slice(1) : BASE_PATH + route.path;

/** Where a resource is found. */
export const hrefs = {
  project: (id: string) => `${BASE_PATH}/projects/${id}`,
  agent: (project: string, id: string) => `${BASE_PATH}/projects/${project}/agents/${id}`,
  scheduledSession: (project: string, id: string) => `${BASE_PATH}/projects/${project}/scheduled-sessions/${id}`,
  session: (id: string) => `${BASE_PATH}/sessions/${id}`,
  roleBinding: (id: string) => `${BASE_PATH}/role_bindings/${id}`,
  role: (id: string) => `${BASE_PATH}/roles/${id}`,
} as const;
