/**
 * The servers that the bench runs against. KurrentDB (or EventStoreDB) from `KURRENTDB_TEST_COMMAND`, a command that runs one in the
 * foreground, given a port and a data folder; else a running one at `KURRENTDB_TEST_URL`. MongoDB from `MONGODB_TEST_URL`, in a database
 * of its own. NATS from the PATH.
 *
 * @typedef {{ url: string, stop(): Promise<void> }} Engine
 */
import { spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoClient } from 'mongodb';

const { KURRENTDB_TEST_COMMAND, KURRENTDB_TEST_URL, MONGODB_TEST_URL } = process.env;
const READY_WITHIN_MS = 60_000;

/** What is missing of each engine, and how to get it; undefined where it is there. */
export const MISSING = {
  kurrentdb: KURRENTDB_TEST_COMMAND || KURRENTDB_TEST_URL ? undefined : 'KURRENTDB_TEST_COMMAND or KURRENTDB_TEST_URL',
  mongodb: MONGODB_TEST_URL ? undefined : 'MONGODB_TEST_URL',
  nats: spawnSync('nats-server', ['--version']).status === 0 ? undefined : 'nats-server on the PATH',
};

/** @param {string} folder where a server of its own keeps its data @returns {Promise<Engine>} */
export async function startKurrentDb(folder) {
  if (!KURRENTDB_TEST_COMMAND) return { url: KURRENTDB_TEST_URL, stop: async () => {} };
  const port = await freePort();
  const data = await mkdtemp(join(folder, 'kurrentdb-'));
  const stop = run(`exec ${KURRENTDB_TEST_COMMAND} ${port} ${data}`, { shell: true });
  await ready('the event store', async () => (await fetch(`http://127.0.0.1:${port}/health/live`)).ok);
  return { url: `kurrentdb://127.0.0.1:${port}?tls=false`, stop };
}

/** A database that is dropped at the end. @returns {Promise<Engine>} */
export async function startMongoDb() {
  const url = new URL(MONGODB_TEST_URL);
  url.pathname = `/bench-${randomUUID()}`;
  const stop = async () => {
    const client = await MongoClient.connect(url.href);
    await client.db().dropDatabase();
    await client.close();
  };
  return { url: url.href, stop };
}

/** JetStream on an empty folder. @param {string} folder @returns {Promise<Engine>} */
export async function startNats(folder) {
  const port = await freePort();
  const data = await mkdtemp(join(folder, 'nats-'));
  const stop = run('nats-server', { args: ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', data] });
  await ready('nats-server', () => accepts(port));
  return { url: `nats://127.0.0.1:${port}`, stop };
}

/** Runs a server in a process group of its own. What it is worth is measured by then, so it is killed, not asked to end. */
function run(program, { args = [], shell = false }) {
  const server = spawn(program, args, { shell, detached: true, stdio: 'ignore' });
  return async () => {
    if (server.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const exit = once(server, 'exit');
    process.kill(-server.pid, 'SIGKILL');
    await exit;
  };
}

async function ready(what, isReady) {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await isReady().catch(() => false))) {
    if (performance.now() > deadline) throw new Error(`${what} is not ready after ${READY_WITHIN_MS} ms`);
    await sleep(100);
  }
}

async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
  return true;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
