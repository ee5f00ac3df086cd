/** The services as processes of their own, as `npm run start:command-api` starts them. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const TOKEN = 'bench-token-0123456789';

/** What services share that run on the same engines. */
export const settingsOf = (kurrentdb, mongodb, nats) => ({
  EVENT_STORE_URL: kurrentdb.url,
  READ_STORE_URL: mongodb.url,
  NATS_URL: nats.url,
  AMBIENT_TOKEN: TOKEN,
  AMBIENT_SECRET_KEY: randomBytes(32).toString('base64'),
});

/** Starts an app on a free port, its log in a file in the folder. @returns {Promise<{ url: string, port: number, stop(): Promise<void> }>} */
export async function startService(app, settings, folder) {
  const log = join(folder, `${app}-${randomBytes(4).toString('hex')}.log`);
  const env = {
    PATH: process.env.PATH,
    COMMAND_API_PORT: '0',
    QUERY_API_PORT: '0',
    AMBIENT_DATA_DIR: join(folder, 'none'),
    ...settings,
  };
  const main = fileURLToPath(new URL(`../../dist/apps/${app}/src/main.js`, import.meta.url));
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', openSync(log, 'w')] });
  const up = once(child.stdout.setEncoding('utf8'), 'data');
  const down = once(child, 'exit').then(([code]) => {
    throw new Error(`${app} ended with code ${code}: ${readFileSync(log, 'utf8').slice(-2000)}`);
  });
  const [said] = await Promise.race([up, down]);
  down.catch(() => {});
  child.stdout.resume();
  const url = / is ready at (\S+)/.exec(said)?.[1];
  if (!url) throw new Error(`${app} does not say where it is: ${said}`);
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill();
    await exit;
  };
  return { url, port: Number(new URL(url).port), stop };
}
