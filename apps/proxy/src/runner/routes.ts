/** What of a session's runner can be reached, by whom: the table of the specification (5-proxy, Runner passthrough), a row a line. */
import { BASE_PATH } from '#contracts';
import { MIB, type Row } from '../rows/row.js';

/** What is answered where no runner is: before the start of a session, and after its end. */
export type WithoutRunner =
  | { readonly kind: 'problem'; readonly number: 502 | 503 }
  | { readonly kind: 'json'; readonly body: unknown }
  | { readonly kind: 'stream' }
  /** Files wait for the next start. */
  | { readonly kind: 'staged' };

export interface RunnerRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the session; parameters as in a row. */
  readonly path: string;
  /** Path at the runner, with parameters of the request and `{id}`, the session's, in it. */
  readonly runner: string;
  readonly none: WithoutRunner;
  /** The runner gets the parameter `path` in the query, below this folder; `file-uploads` for files. */
  readonly below?: string;
  /** What else it gets in the query. */
  readonly query?: string;
  /** A longer answer is cut off. */
  readonly answerLimitBytes?: number;
}

const none502 = { none: { kind: 'problem', number: 502 } } as const;
const none503 = { none: { kind: 'problem', number: 503 } } as const;
const noneStream = { none: { kind: 'stream' } } as const;
const staged = { none: { kind: 'staged' } } as const;
const noneJson = (body: unknown) => ({ none: { kind: 'json', body } }) as const;

/** Of a body and of an output. */
const LIMIT_BYTES = 10 * MIB;
const UPLOADS = 'file-uploads/';

// One row, one line: a table is read in columns.
// prettier-ignore
export const RUNNER_ROUTES: readonly RunnerRoute[] = [
  { method: 'GET', path: 'events', runner: '/events/{id}', ...none502 },
  { method: 'GET', path: 'agui/events', runner: '/events/{id}', ...noneStream },
  { method: 'POST', path: 'agui/run', runner: '/', ...none503 },
  { method: 'POST', path: 'agui/interrupt', runner: '/interrupt', ...none503 },
  { method: 'POST', path: 'agui/feedback', runner: '/feedback', ...none503 },
  { method: 'GET', path: 'agui/capabilities', runner: '/capabilities', ...noneJson({ framework: 'unknown' }) },
  { method: 'GET', path: 'agui/tasks', runner: '/tasks', ...noneJson({ tasks: [], total: 0 }) },
  { method: 'POST', path: 'agui/tasks/{task}/stop', runner: '/tasks/{task}/stop', ...none503 },
  { method: 'GET', path: 'agui/tasks/{task}/output', runner: '/tasks/{task}/output', answerLimitBytes: LIMIT_BYTES, ...none503 },
  { method: 'GET', path: 'mcp/status', runner: '/mcp/status', ...noneJson({ servers: [], totalCount: 0 }) },
  { method: 'GET', path: 'workspace', runner: '/content/list', ...noneJson({ files: [] }) },
  { method: 'GET', path: 'workspace/{path*}', runner: '/content/file', below: '', ...none503 },
  { method: 'PUT', path: 'workspace/{path*}', runner: '/content/write', below: '', ...none503 },
  { method: 'DELETE', path: 'workspace/{path*}', runner: '/content/delete', below: '', ...none503 },
  { method: 'GET', path: 'files', runner: '/content/list', query: 'path=file-uploads&recursive=true', ...staged },
  { method: 'PUT', path: 'files/{path*}', runner: '/content/write', below: UPLOADS, ...staged },
  { method: 'DELETE', path: 'files/{path*}', runner: '/content/delete', below: UPLOADS, ...staged },
  { method: 'GET', path: 'git/status', runner: '/content/git-status', ...noneJson({ modified: [], staged: [], untracked: [] }) },
  { method: 'GET', path: 'git/branches', runner: '/content/git-list-branches', ...noneJson([]) },
  { method: 'POST', path: 'git/configure-remote', runner: '/content/git-configure-remote', ...none503 },
  { method: 'GET', path: 'repos/status', runner: '/repos/status', ...noneJson([]) },
];

const SESSION = `${BASE_PATH}/sessions/{id}`;

/** Reads need viewer, the rest editor. */
const rowOf = ({ method, path }: Pick<RunnerRoute, 'method' | 'path'>, group: string): Row => ({
  group,
  method,
  template: `${SESSION}/${path}`,
  to: 'runner',
  needs: method === 'GET' ? 'viewer' : 'editor',
  scope: 'session',
  bodyLimitBytes: LIMIT_BYTES,
  audited: true,
});

/** The address at which a user grants a provider access for a session; the backend knows it. */
export const OAUTH_ROW: Row = rowOf({ method: 'GET', path: 'oauth/{provider}/url' }, 'session-oauth');

/** A native route: a repository may be named `status`, and the row of that path would hide it. */
const REPO_NAMED_STATUS: Row = {
  group: 'native',
  method: 'DELETE',
  template: `${SESSION}/repos/status`,
  to: 'command',
  needs: 'user',
  scope: 'later',
  bodyLimitBytes: MIB,
  audited: false,
};

const routes = new Map(RUNNER_ROUTES.map(route => [rowOf(route, 'runner'), route] as const));

export const RUNNER_ROWS: readonly Row[] = [...routes.keys(), OAUTH_ROW, REPO_NAMED_STATUS];

const byPath = new Map([...routes].map(([{ method, template }, route]) => [`${method} ${template}`, route]));

/** The route of a row; undefined for one that is not about a runner. */
export const runnerRouteOf = ({ method, template }: Pick<Row, 'method' | 'template'>): RunnerRoute | undefined =>
  byPath.get(`${method} ${template}`);
