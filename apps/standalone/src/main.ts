/** `npm start`: the whole system in one process. */
import 'reflect-metadata';
import { runProcess } from '#service';
import { startStandalone, type RunningStandalone } from './standalone.js';

function welcome({ url, newToken, tokenFile }: RunningStandalone): void {
  const token =
    newToken === undefined ? `(made before; kept in ${tokenFile})` : `${newToken} (shown this once; kept in ${tokenFile})`;
  console.log(
    [
      `Ambient Sessions is ready at ${url}`,
      `Token: ${process.env['AMBIENT_TOKEN'] ? '(from AMBIENT_TOKEN)' : token}`,
      ...(process.env['NATS_URL'] ? [] : ['NATS_URL is not set: messages travel inside this process.']),
      `Try: curl -H "Authorization: Bearer $(cat ${tokenFile})" ${url}/api/ambient/v1/projects`,
    ].join('\n'),
  );
}

await runProcess('ambient-sessions', async (environment, signal) => {
  const running = await startStandalone(environment, signal);
  welcome(running);
  return running;
});
