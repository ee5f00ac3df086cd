/** Starts the local runtime alone: `npm run start:runtime`. Of several, one leads and runs the sessions. */
import { resolve } from 'node:path';
import { addressesOf, openMessaging } from '#engines';
import { FolderStagedFiles, HttpSessionApi, LocalRuntime, NatsSessionFeed } from '#runtime';
import { createLog, plainLog, requireVariables, runProcess } from '#service';

const NAME = 'runtime';

await runProcess(NAME, async (environment, signal) => {
  const { AMBIENT_RUNTIME_TOKEN: token, AMBIENT_RUNTIME_COMMAND: command } = requireVariables(environment, [
    'NATS_URL',
    'AMBIENT_RUNTIME_TOKEN',
  ]);
  const { COMMAND_API_PORT, QUERY_API_PORT } = environment;
  const { COMMAND_API_URL: commandUrl = `http://127.0.0.1:${COMMAND_API_PORT}` } = environment;
  const { QUERY_API_URL: queryUrl = `http://127.0.0.1:${QUERY_API_PORT}` } = environment;
  const { RUNNER_TOKEN_KEY: tokenKey, STAGED_FILES_DIR: folder } = environment;
  const log = plainLog(createLog(environment.LOG_LEVEL), NAME);
  const messaging = await openMessaging(addressesOf(environment).nats, { log, name: NAME, signal });
  const { nats, leases } = messaging;
  if (!nats) throw new Error('NATS_URL must be set');
  const leading = new AbortController();
  const led = leases.lead(
    'runtime',
    async lead => {
      const api = new HttpSessionApi({ commandUrl, queryUrl, token, log });
      const runtime = new LocalRuntime({
        feed: new NatsSessionFeed(nats),
        api,
        log,
        dataDir: resolve(environment.AMBIENT_DATA_DIR),
        command,
        keepInputOpen: environment.AMBIENT_RUNTIME_INPUT === 'open',
        staged: folder === undefined ? undefined : new FolderStagedFiles(folder),
        runner: tokenKey === undefined ? undefined : { host: environment.RUNNER_HOST, port: environment.RUNNER_PORT, tokenKey },
      });
      const lost = new Promise<void>(resolve => lead.addEventListener('abort', () => resolve(), { once: true }));
      await runtime.start();
      if (!lead.aborted) await lost;
      await runtime.stop();
    },
    leading.signal,
  );
  console.log(`${NAME} is ready`);
  return {
    stop: async () => {
      leading.abort();
      await led;
      await messaging.close();
    },
  };
});
