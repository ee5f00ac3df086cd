/** `npm start`: the whole system in one process. */
import 'reflect-metadata';
import { ConfigurationError, loadEnvironment } from '#service';
import { startStandalone, type RunningStandalone } from './standalone.js';

function welcome({ url, newToken, tokenFile }: RunningStandalone): void {
  const token =
    newToken === undefined ? `(made before; kept in ${tokenFile})` : `${newToken} (shown this once; kept in ${tokenFile})`;
  console.log(
    [
      `Ambient Sessions is ready at ${url}`,
      `Token: ${process.env['AMBIENT_TOKEN'] ? '(from AMBIENT_TOKEN)' : token}`,
      'NATS_URL is not set: messages travel inside this process.',
      `Try: curl -H "Authorization: Bearer $(cat ${tokenFile})" ${url}/api/ambient/v1/projects`,
    ].join('\n'),
  );
}

/** A stop that hangs is ended: what was acknowledged is durable whatever happens. */
const STOP_AT_MOST_MS = 9500;

async function main(): Promise<void> {
  const running = await startStandalone(loadEnvironment());
  welcome(running);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_AT_MOST_MS).unref();
    running.stop().then(
      () => process.exit(0),
      error => fail(error),
    );
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
}

function fail(error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error);
  console.error(error instanceof ConfigurationError ? `configuration: ${reason}` : `ambient-sessions: ${reason}`);
  process.exit(1);
}

await main().catch(fail);
