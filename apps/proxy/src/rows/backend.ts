/** What of the backend can be reached, by whom: the table of the specification (5-proxy, Backend passthrough), an entry a group. */
import type { Need } from '#contracts';
import { MIB, type Row } from './row.js';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
type Method = (typeof METHODS)[number];
/** Each method that passes, and what it needs. */
type Needs = Partial<Record<Method, Need>>;

/** One need for some methods. */
const each = (methods: string, need: Need): Needs => Object.fromEntries(methods.split(' ').map(method => [method, need]));
const reading = (need: Need): Needs => each('GET', need);
/** Editors read, owners change. */
const settings = (others: string): Needs => ({ ...reading('editor'), ...each(others, 'owner') });

interface Group {
  readonly group: string;
  /** Paths, and per method what they need. `{p}` stands for the base of a project. */
  readonly paths: Readonly<Record<string, Needs>>;
  /** Default 10 MiB. */
  readonly bodyLimitBytes?: number;
  readonly credentials?: false;
  readonly throttled?: true;
}

const PROJECT = '/api/projects/{project_id}';
const SESSION = '{p}/agentic-sessions/{session_id}';
const LIMIT_BYTES = 10 * MIB;

const flag = '{p}/feature-flags/{flag}';
const older: Needs = { ...each('GET HEAD', 'viewer'), ...each('POST PUT PATCH DELETE OPTIONS', 'editor') };

/**
 * Of two paths that match, the one with more literal segments counts, with its methods and no others: what is for the runtime alone can't
 * be had as an older session.
 */
export const BACKEND_GROUPS: readonly Group[] = [
  {
    group: 'project-configuration',
    paths: {
      '{p}/permissions': settings('PUT POST DELETE'),
      '{p}/keys': each('GET POST DELETE', 'owner'),
      '{p}/mcp-servers': settings('PUT'),
      '{p}/runner-secrets': each('GET PUT', 'owner'),
      '{p}/integration-secrets': each('GET PUT', 'owner'),
      '{p}/secrets': reading('owner'),
      '{p}/feature-flags': settings('PUT POST DELETE'),
      [flag]: settings('PUT POST DELETE'),
      [`${flag}/override`]: settings('PUT POST DELETE'),
      [`${flag}/enable`]: settings('PUT POST DELETE'),
      [`${flag}/disable`]: settings('PUT POST DELETE'),
      '{p}/feature-flags/evaluate/{flag}': reading('viewer'),
      '{p}/runner-types': reading('viewer'),
      '{p}/models': reading('viewer'),
      '{p}/integration-status': reading('editor'),
      '{p}/access': reading('viewer'),
    },
  },
  {
    group: 'repository',
    paths: {
      '{p}/repo/tree': reading('viewer'),
      '{p}/repo/blob': reading('viewer'),
      '{p}/repo/branches': reading('viewer'),
      '{p}/repo/seed-status': reading('viewer'),
      '{p}/repo/seed': each('POST', 'editor'),
      '{p}/users/forks': { ...reading('viewer'), ...each('POST', 'editor') },
    },
  },
  {
    group: 'integrations',
    paths: Object.fromEntries(
      ['github', 'google', 'jira', 'gitlab', 'gerrit', 'coderabbit', 'mcp'].map(provider => [
        `/api/auth/${provider}/{rest*}`,
        each(METHODS.join(' '), 'user'),
      ]),
    ),
  },
  {
    // The browser comes back without a token: what it brings is all that counts.
    group: 'oauth-callback',
    paths: { '/oauth2callback': each('GET POST', 'public'), '/oauth2callback/status': reading('public') },
    credentials: false,
    throttled: true,
  },
  {
    group: 'cluster',
    paths: {
      '/api/cluster-info': reading('public'),
      '/api/version': reading('public'),
      '/api/runner-types': reading('public'),
      '/api/workflows/ootb': reading('public'),
      '/api/ldap/users': reading('user'),
      '/api/ldap/users/{uid}': reading('user'),
      '/api/ldap/groups': reading('user'),
      '/health': reading('public'),
    },
  },
  {
    group: 'older-sessions',
    paths: { '{p}/scheduled-sessions/{rest*}': older, '{p}/agentic-sessions/{rest*}': older },
  },
  {
    group: 'runner-internal',
    paths: {
      [`${SESSION}/github/token`]: each('POST', 'runtime'),
      [`${SESSION}/credentials/{provider}`]: each('GET', 'runtime'),
      [`${SESSION}/runner/feedback`]: each('POST', 'runtime'),
    },
  },
];

export const BACKEND_ROWS: readonly Row[] = BACKEND_GROUPS.flatMap(({ group, paths, ...rest }) =>
  Object.entries(paths).flatMap(([path, needs]) =>
    Object.entries(needs).map(([method, need]): Row => {
      const template = path.replace('{p}', PROJECT);
      return {
        group,
        method,
        template,
        to: 'backend',
        needs: need,
        scope: template.startsWith(PROJECT) ? 'path' : 'none',
        bodyLimitBytes: LIMIT_BYTES,
        audited: true,
        ...rest,
      };
    }),
  ),
);
