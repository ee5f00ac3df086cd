/** Starts the proxy alone: `node dist/apps/proxy/src/main.js`. */
import { destination, pino } from 'pino';
import { createAuthenticator, loadStandaloneToken, type Authenticator } from '#access';
import { loadConfig, type Environment } from './config.js';
import { createProxy } from './proxy.js';

async function authenticatorOf(environment: Environment): Promise<Authenticator> {
  const {
    AUTH_JWKS_URL: url,
    AUTH_ISSUER: issuer = '',
    AUTH_AUDIENCE: audience = '',
    AUTH_ROLES_CLAIM: rolesClaim,
  } = environment;
  const common = { trustForwardedToken: environment.TRUST_FORWARDED_TOKEN === 'true', now: Date.now };
  if (url) return createAuthenticator({ ...common, staticTokens: [], jwks: { url, issuer, audience, rolesClaim } });
  const { token, created } = await loadStandaloneToken(environment.AMBIENT_DATA_DIR, process.env);
  if (created) console.log(`Token of the administrator, shown this once: ${token}`);
  return createAuthenticator({
    ...common,
    staticTokens: [{ token, principal: { id: 'admin', kind: 'user', roles: ['platform:admin'] } }],
  });
}

async function main(): Promise<void> {
  const environment = loadConfig(process.env);
  const log = pino(
    { level: environment.LOG_LEVEL, base: { service: 'proxy' } },
    destination({ dest: process.stderr.fd, sync: false }),
  );
  const proxy = await createProxy({
    host: environment.HOST,
    port: environment.PORT,
    commandApiUrl: environment.COMMAND_API_URL,
    queryApiUrl: environment.QUERY_API_URL,
    authenticator: await authenticatorOf(environment),
    corsOrigins: environment.CORS_ORIGINS?.split(',').map(origin => origin.trim()) ?? [],
    log,
  });
  log.info(`the proxy answers at ${proxy.url}`);

  const stop = () => void proxy.close().catch(fail);
  process.once('SIGTERM', stop).once('SIGINT', stop);
}

/** One line on standard error, and an exit code that tells. */
function fail(error: unknown): void {
  console.error(`proxy: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

await main().catch(fail);
