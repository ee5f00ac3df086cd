/** How requests about a session come to its runner. */
import { isActive } from '#contracts';
import { SESSION_TOKEN_HEADER, sessionToken, type StagedFiles } from '#runtime';
import type { Admitted, Deliver } from '../door.js';
import type { Forwarder } from '../forwarder.js';
import { requestHeaders, type OwnHeaders } from '../headers.js';
import { Problem } from '../problem.js';
import type { Upstream } from '../wire/upstream.js';
import { NoAddress, type RunnerAddresses } from './address.js';
import { answerEmptyStream, answerJson } from './answers.js';
import { AddressRanges, guardedLookup } from './ranges.js';
import { OAUTH_ROW, runnerRouteOf, type RunnerRoute } from './routes.js';
import type { SessionPlace, Sessions } from './sessions.js';
import { answerStaged } from './staged.js';
import { RunnerUpstreams } from './upstreams.js';

/** Where runners are, and what says to them who asks. */
export interface Runners {
  readonly addresses: RunnerAddresses;
  readonly ranges: AddressRanges;
  /** What the tokens of sessions follow from; the runners have it too, or their own. */
  readonly tokenKey: string | Uint8Array;
  /** A resolver of its own, for tests. */
  readonly resolve?: Parameters<typeof guardedLookup>[1];
}

export interface RunnerConfig {
  readonly sessions: Sessions;
  /** Without it no runner can be reached. */
  readonly runners?: Runners | undefined;
  /** Without it no files are taken before a start. */
  readonly staged?: StagedFiles | undefined;
}

export interface ToRunnerOptions extends RunnerConfig {
  readonly forwarder: Forwarder;
  readonly backend?: { readonly upstream: Upstream; readonly token: string | undefined } | undefined;
}

/** What comes from a runner was made by an agent: no browser takes it for a page of ours. */
const HARMLESS = { 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'; sandbox" } as const;

export function toRunner(options: ToRunnerOptions): Deliver {
  const { forwarder, sessions, runners, staged } = options;
  const upstreams = runners && new RunnerUpstreams(forwarder, guardedLookup(runners.ranges, runners.resolve));

  return async (passage, refuse) => {
    const session = await sessions.sessionOf(passage.parameters['id'] ?? '');
    if (!session) throw new Problem(7, 'there is no such session');
    // Who left meanwhile is not asked for.
    if (passage.response.destroyed) return;
    const route = runnerRouteOf(passage.row);
    if (!route) return askBackend(options, passage, session, refuse);
    const query = queryFor(route, passage);
    if (!isActive(session.phase)) return withoutRunner(route, passage, session, staged, sessions);

    if (!runners || !upstreams) throw new Problem(502, 'the runner can not be reached: RUNNER_URL_TEMPLATE is not set');
    const { origin, basePath } = addressOf(runners, session);
    const path = route.runner.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(passage.parameters[name] ?? ''));
    const upstream = upstreams.at(origin);
    send(forwarder, passage, {
      upstream,
      path: basePath + path + query,
      own: { token: undefined },
      more: [SESSION_TOKEN_HEADER, sessionToken(runners.tokenKey, session.id)],
      answerLimitBytes: route.answerLimitBytes,
      refuse,
    });
  };
}

interface Way {
  readonly upstream: Upstream;
  readonly path: string;
  readonly own: Omit<OwnHeaders, 'operationId'>;
  /** Headers beside those: name, value. */
  readonly more?: readonly string[];
  readonly answerLimitBytes?: number | undefined;
  readonly refuse: (error: unknown) => void;
}

function send(forwarder: Forwarder, passage: Admitted, way: Way): void {
  const { request, response, row, operationId, ownHeaders, method } = passage;
  const { upstream, path, own, more = [], answerLimitBytes, refuse } = way;
  passage.upstream = upstream.name;
  passage.relay = forwarder.forward({
    request,
    response,
    upstream,
    method,
    path,
    headers: [...requestHeaders(request, { ...own, operationId }), ...more],
    bodyLimitBytes: row.bodyLimitBytes,
    ...(answerLimitBytes === undefined ? {} : { answerLimitBytes }),
    answers: 'foreign',
    ownHeaders: { ...ownHeaders, ...HARMLESS },
    refuse,
  });
}

function addressOf({ addresses }: Runners, session: SessionPlace): ReturnType<RunnerAddresses['of']> {
  try {
    return addresses.of(session);
  } catch (error) {
    if (error instanceof NoAddress) throw new Problem(502, `the runner can not be reached: ${error.message}`);
    throw error;
  }
}

/** The query as it came, and what the route adds. @throws Problem 400 where the client would say that a second time */
function queryFor({ below, query: fixed }: RunnerRoute, { query, parameters }: Admitted): string {
  const own = below === undefined ? fixed : `path=${encodeURIComponent(below + (parameters['path'] ?? ''))}`;
  if (own === undefined) return query;
  const taken = [...new URLSearchParams(own).keys()];
  // As widely as any server may read it: `;` for `&`, `path[]`, `Path`.
  for (const name of new URLSearchParams(query.replaceAll(';', '&')).keys()) {
    const [plain = ''] = name.trim().toLowerCase().split(/[[.]/);
    if (taken.includes(plain)) throw new Problem(21, `${plain} must not be in the query: the path of the request says it`);
  }
  return query.length > 1 ? `${query}&${own}` : `?${own}`;
}

function withoutRunner(
  { none }: RunnerRoute,
  passage: Admitted,
  session: SessionPlace,
  staged: StagedFiles | undefined,
  sessions: Sessions,
): void | Promise<void> {
  switch (none.kind) {
    case 'json':
      return answerJson(passage, none.body);
    case 'stream':
      return answerEmptyStream(passage);
    case 'staged':
      return answerStaged(passage, session, staged, sessions);
    case 'problem': {
      const why = session.phase === '' ? 'it was not started yet' : `it is ${session.phase}`;
      throw new Problem(none.number, `the session has no runner: ${why}`);
    }
    default:
      return none satisfies never;
  }
}

/** The one route of a session that the backend answers. */
function askBackend(
  { backend, forwarder }: ToRunnerOptions,
  passage: Admitted,
  { id, project_id }: SessionPlace,
  refuse: (error: unknown) => void,
): void {
  if (passage.row.template !== OAUTH_ROW.template) throw new Error(`${passage.row.template} leads to no runner`);
  if (!backend) throw new Problem(501, 'no backend is configured: BACKEND_URL is not set');
  if (project_id === undefined) throw new Problem(7, 'the session belongs to no project, so the backend has nothing about it');
  const provider = encodeURIComponent(passage.parameters['provider'] ?? '');
  const path = `/api/projects/${encodeURIComponent(project_id)}/agentic-sessions/${encodeURIComponent(id)}/oauth/${provider}/url`;
  const { upstream, token } = backend;
  const { principal, roles, query } = passage;
  const own = { token, caller: { user: principal?.id, roles }, forwarded: true };
  send(forwarder, passage, { upstream, path: path + query, own, refuse });
}
