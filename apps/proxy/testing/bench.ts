/** A proxy with two upstreams, as tests need it. */
import { createAuthenticator, type Authenticator } from '#access';
import { createProxy, type ProxyConfig, type RunningProxy } from '../src/proxy.js';
import { startUpstream, type TestUpstream } from './upstream.js';

export const TOKEN = 'ambient_test-token-of-the-admin';
export const auth = { authorization: `Bearer ${TOKEN}` };
export const API = '/api/ambient/v1';

export const testAuthenticator = (trustForwardedToken = false): Authenticator =>
  createAuthenticator({
    staticTokens: [{ token: TOKEN, principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } }],
    trustForwardedToken,
    now: Date.now,
  });

export interface Bench extends RunningProxy {
  readonly command: TestUpstream;
  readonly query: TestUpstream;
}

export async function startBench(config: Partial<ProxyConfig> = {}): Promise<Bench> {
  const [command, query] = await Promise.all([startUpstream('command'), startUpstream('query')]);
  const proxy = await createProxy({
    host: '127.0.0.1',
    port: 0,
    commandApiUrl: command.url,
    queryApiUrl: query.url,
    authenticator: testAuthenticator(),
    ...config,
  });
  return {
    ...proxy,
    command,
    query,
    async close() {
      await proxy.close();
      await Promise.all([command.stop(), query.stop()]);
    },
  };
}

/** Resolves once the condition holds. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise(resolve => setImmediate(resolve));
}
