/** The processes that the HTTP bench starts: its own helpers, and the system. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/apps/standalone/src/main.js', import.meta.url));

/** One of the scripts beside this file, ready to be talked to. */
export class Helper {
  #child;

  constructor(child) {
    this.#child = child;
  }

  static async start(script, ...parameters) {
    const child = fork(fileURLToPath(new URL(script, import.meta.url)), parameters);
    const helper = new Helper(child);
    await helper.#answer();
    return helper;
  }

  /** @throws {Error} when the helper says so, or dies */
  async ask(message) {
    this.#child.send(message);
    const answer = await this.#answer();
    if (answer.failure !== undefined) throw new Error(answer.failure);
    return answer;
  }

  async stop() {
    await ended(this.#child);
  }

  #answer() {
    return new Promise((resolve, reject) => {
      const settle = (how, what) => {
        this.#child.removeAllListeners('message').removeAllListeners('exit');
        how(what);
      };
      this.#child.on('message', message => settle(resolve, message));
      this.#child.on('exit', code => settle(reject, new Error(`${this.#child.spawnargs[1]} ended with code ${code}`)));
    });
  }
}

/**
 * Starts the whole system on fresh data, as `npm start` does, its log in a file beside the data.
 * `node` says how, for a profile: `['--cpu-prof']`.
 */
export async function startSystem(folder, token, node = []) {
  const [proxy, command, query, scheduler] = await freePorts(4);
  const data = join(folder, 'data');
  const env = {
    PATH: process.env.PATH,
    AMBIENT_DATA_DIR: data,
    AMBIENT_TOKEN: token,
    PORT: String(proxy),
    COMMAND_API_PORT: String(command),
    QUERY_API_PORT: String(query),
    SCHEDULER_PORT: String(scheduler),
  };
  const log = join(folder, 'system.log');
  const child = spawn(process.execPath, ['--expose-gc', ...node, MAIN], { env, stdio: ['ignore', 'pipe', openSync(log, 'w')] });
  const up = once(child.stdout, 'data');
  const down = once(child, 'exit').then(([code]) => {
    throw new Error(`the system ended with code ${code}: ${readFileSync(log, 'utf8').slice(-2000)}`);
  });
  await Promise.race([up, down]);
  down.catch(() => {});
  child.stdout.resume();
  return {
    command: { port: command, url: `http://127.0.0.1:${command}` },
    query: { port: query, url: `http://127.0.0.1:${query}` },
    eventStorePath: join(data, 'events.db'),
    readStorePath: join(data, 'read-models.db'),
    stop: () => ended(child),
  };
}

async function ended(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill();
  await exit;
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map(server => once(server, 'listening')));
  const ports = servers.map(server => server.address().port);
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))));
  return ports;
}
