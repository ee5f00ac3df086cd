import { createAuthenticator, loadStandaloneToken, type Authenticator, type StaticToken } from '#access';
import type { Environment } from './config.js';

export interface ConfiguredAuthenticator {
  readonly authenticator: Authenticator;
  /** The administrator's token, when it was made just now. */
  readonly newToken: string | undefined;
}

/**
 * The authenticator that the environment asks for: JWTs by a key set, else the administrator's token of the data folder.
 * @param services tokens of this process's own services
 */
export async function authenticatorFor(
  environment: Environment,
  services: readonly StaticToken[] = [],
): Promise<ConfiguredAuthenticator> {
  const {
    AUTH_JWKS_URL: url,
    AUTH_ISSUER: issuer = '',
    AUTH_AUDIENCE: audience = '',
    AUTH_ROLES_CLAIM: rolesClaim,
  } = environment;
  const { AMBIENT_RUNTIME_TOKEN: runtime, AMBIENT_PROXY_TOKEN: proxy } = environment;
  const trusted = [
    ...services,
    ...(runtime === undefined ? [] : [runtimeToken(runtime)]),
    ...(proxy === undefined ? [] : [proxyToken(proxy)]),
  ];
  const common = { trustForwardedToken: environment.TRUST_FORWARDED_TOKEN, now: Date.now };
  if (url) {
    const jwks = { url, issuer, audience, rolesClaim };
    return { authenticator: createAuthenticator({ ...common, staticTokens: trusted, jwks }), newToken: undefined };
  }
  const { token, created } = await loadStandaloneToken(environment.AMBIENT_DATA_DIR, process.env);
  const admin: StaticToken = { token, principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } };
  return {
    authenticator: createAuthenticator({ ...common, staticTokens: [admin, ...trusted] }),
    newToken: created ? token : undefined,
  };
}

/** The token with which a runtime reports, and no one else. */
export const runtimeToken = (token: string): StaticToken => ({
  token,
  principal: { id: 'local-runtime', kind: 'runtime', roles: ['runtime'] },
});

/** The token with which a proxy that runs alone hands over its audit, and no one else. */
export const proxyToken = (token: string): StaticToken => ({ token, principal: { id: 'proxy', kind: 'service', roles: [] } });
