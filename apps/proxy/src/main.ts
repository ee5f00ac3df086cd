/** Starts the proxy alone: `npm run start:proxy`. It needs the addresses of the others, and nothing else of the project. */
import { authenticatorFor, createLog, registry, runProcess } from '#service';
import { CallerRolesOverHttp } from './access/caller-roles-over-http.js';
import { AuditOverHttp } from './audit/audit-over-http.js';
import { createProxy } from './proxy.js';
import { runnersOf, SessionsOverHttp, stagedFilesOf } from './runner/index.js';
import { proxySettingsOf } from './settings.js';

await runProcess('proxy', async environment => {
  const { COMMAND_API_PORT, QUERY_API_PORT, COMMAND_API_URL, QUERY_API_URL, AMBIENT_PROXY_TOKEN: token } = environment;
  const commandApiUrl = COMMAND_API_URL ?? `http://127.0.0.1:${COMMAND_API_PORT}`;
  const queryApiUrl = QUERY_API_URL ?? `http://127.0.0.1:${QUERY_API_PORT}`;
  const log = createLog(environment.LOG_LEVEL).child({ service: 'proxy' });
  const { authenticator, newToken } = await authenticatorFor(environment);
  if (newToken !== undefined) console.log(`Token of the administrator, shown this once: ${newToken}`);
  if (token === undefined) log.warn('AMBIENT_PROXY_TOKEN is not set: the APIs will tell no roles and take no audit');
  const proxy = await createProxy({
    host: environment.HOST,
    port: environment.PORT,
    commandApiUrl,
    queryApiUrl,
    authenticator,
    ...proxySettingsOf(environment),
    callerRoles: new CallerRolesOverHttp({ url: queryApiUrl, token }),
    runner: {
      sessions: new SessionsOverHttp({ url: queryApiUrl, token }),
      runners: runnersOf(environment),
      staged: stagedFilesOf(environment),
    },
    auditSink: new AuditOverHttp({ url: commandApiUrl, token }),
    log,
    registry,
  });
  console.log(`proxy is ready at ${proxy.url}`);
  return { stop: () => proxy.close() };
});
