/** A real nats-server with JetStream as a process of the test, on a port and in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.js';

export interface NatsServer {
  readonly url: string;
  readonly folder: string;
  /** `kill -9`: what it had not written is lost. */
  kill(): Promise<void>;
  /** Starts it again after {@link kill}, on the same port; with an empty folder when told so. */
  restart(options?: { wiped?: boolean }): Promise<void>;
  /** Sends a signal, e.g. SIGSTOP; that has stopped it when this returns. */
  signal(signal: NodeJS.Signals): void;
  stop(): Promise<void>;
}

export async function startNatsServer(args: readonly string[] = []): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), 'nats-'));
  const port = await freePort();
  let server = await run(port, folder, args);
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = once(server, 'exit');
    server.kill('SIGKILL');
    await gone;
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    folder,
    kill,
    restart: async ({ wiped = false } = {}) => {
      await kill();
      if (wiped) await rm(folder, { recursive: true, force: true });
      server = await run(port, folder, args);
    },
    signal: signal => {
      server.kill(signal);
      if (signal === 'SIGSTOP') untilStopped(server.pid);
    },
    stop: async () => {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A thread that runs on another core may answer once more before the signal gets to it. Without `/proc` there is no way to know. */
function untilStopped(pid: number | undefined): void {
  const stat = `/proc/${pid}/stat`;
  const deadline = performance.now() + 5000;
  while (existsSync(stat) && !/\) [tT] /.test(readFileSync(stat, 'utf8')))
    if (performance.now() > deadline) throw new Error('nats-server was told to stop, and did not');
}

async function run(port: number, folder: string, args: readonly string[]): Promise<ChildProcess> {
  const server = spawn('nats-server', ['-js', '-a', '127.0.0.1', '-p', String(port), '-sd', folder, ...args], {
    stdio: 'ignore',
  });
  while (!(await accepts(port))) {
    if (server.exitCode !== null) throw new Error(`nats-server ended with code ${server.exitCode}`);
    await sleep(20);
  }
  return server;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
