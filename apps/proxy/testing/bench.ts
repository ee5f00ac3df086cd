/** A proxy with its upstreams, as tests need it. */
import { createAuthenticator, type Authenticator, type StaticToken } from '#access';
import type { ProxyDecision, RoleId } from '#contracts';
import type { CallerRoles } from '../src/access/caller-roles.js';
import type { AuditSink } from '../src/audit/audit-trail.js';
import { createProxy, type ProxyConfig, type RunningProxy } from '../src/proxy.js';
import { startUpstream, type TestUpstream } from './upstream.js';

export const TOKEN = 'ambient_test-token-of-the-admin';
export const BACKEND_TOKEN = 'token-of-the-proxy-at-the-backend';
export const auth = { authorization: `Bearer ${TOKEN}` };
export const API = '/api/ambient/v1';
/** Where the test users have their roles. */
export const PROJECT = 'blue';

/** A caller for each role: what the credential says, and what is bound in the project. */
export const CALLERS = {
  'platform:admin': { everywhere: ['platform:admin'], inProject: [] },
  'platform:viewer': { everywhere: ['platform:viewer'], inProject: [] },
  'project:owner': { everywhere: [], inProject: ['project:owner'] },
  'project:editor': { everywhere: [], inProject: ['project:editor'] },
  'project:viewer': { everywhere: [], inProject: ['project:viewer'] },
  runtime: { everywhere: ['runtime'], inProject: [] },
  nobody: { everywhere: [], inProject: [] },
} as const satisfies Record<string, { everywhere: readonly RoleId[]; inProject: readonly RoleId[] }>;
export type CallerName = keyof typeof CALLERS;
export const CALLER_NAMES = Object.keys(CALLERS) as CallerName[];

export const tokenOf = (name: CallerName): string => `token-of-${name.replace(':', '-')}`;
export const as = (name: CallerName) => ({ authorization: `Bearer ${tokenOf(name)}` });

const staticTokens: StaticToken[] = [
  { token: TOKEN, principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } },
  ...CALLER_NAMES.map(name => ({
    token: tokenOf(name),
    principal: { id: name, kind: name === 'runtime' ? 'runtime' : 'user', roles: CALLERS[name].everywhere } as const,
  })),
];

export const testAuthenticator = (trustForwardedToken = false): Authenticator =>
  createAuthenticator({ staticTokens, trustForwardedToken, now: Date.now });

/** Bindings of the test users in their project, and nowhere else. */
export const testRoles: CallerRoles = {
  onPlatform: ({ roles }) => roles,
  inProject: ({ id, roles }, projectId) => [
    ...roles,
    ...(projectId === PROJECT && id in CALLERS ? CALLERS[id as CallerName].inProject : []),
  ],
  forSession: async () => undefined,
};

/** Keeps what was decided, as JSON has it. */
export class TestAudit implements AuditSink {
  readonly batches: { id: string; decisions: readonly ProxyDecision[] }[] = [];
  failing = false;

  get decisions(): ProxyDecision[] {
    return this.batches.flatMap(({ decisions }) => decisions);
  }

  async record(id: string, decisions: readonly ProxyDecision[]): Promise<void> {
    if (this.failing) throw new Error('the log is full');
    this.batches.push({ id, decisions: JSON.parse(JSON.stringify(decisions)) as ProxyDecision[] });
  }
}

export interface Bench extends RunningProxy {
  readonly command: TestUpstream;
  readonly query: TestUpstream;
  readonly backend: TestUpstream;
  readonly audit: TestAudit;
}

export async function startBench(config: Partial<ProxyConfig> = {}): Promise<Bench> {
  const [command, query, backend] = await Promise.all([
    startUpstream('command'),
    startUpstream('query'),
    startUpstream('backend'),
  ]);
  const audit = new TestAudit();
  const proxy = await createProxy({
    host: '127.0.0.1',
    port: 0,
    commandApiUrl: command.url,
    queryApiUrl: query.url,
    backendUrl: backend.url,
    backendToken: BACKEND_TOKEN,
    authenticator: testAuthenticator(),
    callerRoles: testRoles,
    auditSink: audit,
    audit: { lingerMs: 5, retryMs: 5 },
    ...config,
  });
  return {
    ...proxy,
    command,
    query,
    backend,
    audit,
    async close() {
      await proxy.close();
      await Promise.all([command.stop(), query.stop(), backend.stop()]);
    },
  };
}

/** Resolves once the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve));
}
