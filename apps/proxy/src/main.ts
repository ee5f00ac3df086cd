/** Starts the proxy alone: `npm run start:proxy`. */
import { authenticatorFor, corsOriginsOf, createLog, loadEnvironment, registry } from '#service';
import { createProxy } from './proxy.js';

async function main(): Promise<void> {
  const environment = loadEnvironment();
  const { COMMAND_API_PORT, QUERY_API_PORT, COMMAND_API_URL, QUERY_API_URL } = environment;
  const log = createLog(environment.LOG_LEVEL).child({ service: 'proxy' });
  const { authenticator, newToken } = await authenticatorFor(environment);
  if (newToken !== undefined) console.log(`Token of the administrator, shown this once: ${newToken}`);
  const proxy = await createProxy({
    host: environment.HOST,
    port: environment.PORT,
    commandApiUrl: COMMAND_API_URL ?? `http://127.0.0.1:${COMMAND_API_PORT}`,
    queryApiUrl: QUERY_API_URL ?? `http://127.0.0.1:${QUERY_API_PORT}`,
    authenticator,
    corsOrigins: corsOriginsOf(environment),
    log,
    registry,
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
