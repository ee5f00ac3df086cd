/** Starts the proxy alone: `npm run start:proxy`. */
import { authenticatorFor, corsOriginsOf, createLog, registry, runProcess } from '#service';
import { createProxy } from './proxy.js';

await runProcess('proxy', async environment => {
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
  console.log(`proxy is ready at ${proxy.url}`);
  return { stop: () => proxy.close() };
});
