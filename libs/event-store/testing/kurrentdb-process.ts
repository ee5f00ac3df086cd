/** A server of EventStoreDB or KurrentDB as a process of the test, on a port and in a folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Door } from './door.js';

/** A command that runs a server in the foreground, given a port and a data folder. */
export const KURRENTDB_COMMAND = process.env['KURRENTDB_TEST_COMMAND'];

export class KurrentDbProcess {
  #process: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    readonly folder: string,
  ) {}

  /** Not started yet. */
  static async prepare(): Promise<KurrentDbProcess> {
    const door = await Door.to();
    await door.shut();
    return new KurrentDbProcess(door.port, await mkdtemp(join(tmpdir(), 'kurrentdb-')));
  }

  get url(): string {
    return `kurrentdb://127.0.0.1:${this.port}?tls=false`;
  }

  /** Returns before it is ready. */
  start(): void {
    this.#run();
  }

  /**
   * Returns before it is ready: a node of a cluster with those of other ports, told by its environment. A node whose log is ahead of the
   * new leader's cuts that off and ends itself; it is started again, as a service manager does.
   */
  startInCluster(others: readonly number[]): void {
    const node = this.#run({
      EVENTSTORE_CLUSTER_SIZE: String(others.length + 1),
      EVENTSTORE_DISCOVER_VIA_DNS: 'false',
      EVENTSTORE_GOSSIP_SEED: others.map(port => `127.0.0.1:${port}`).join(','),
    });
    node.once('exit', (_, signal) => {
      if (signal === null) this.startInCluster(others);
    });
  }

  #run(settings?: NodeJS.ProcessEnv): ChildProcess {
    return (this.#process = spawn(`exec ${KURRENTDB_COMMAND} ${this.port} ${this.folder}`, {
      shell: true,
      stdio: 'ignore',
      detached: true,
      env: { ...process.env, ...settings },
    }));
  }

  /** What the node says it is: `leader`, `follower`, … ; undefined while it does not answer. */
  async state(): Promise<string | undefined> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/info`, { signal: AbortSignal.timeout(1000) }).catch(
      () => undefined,
    );
    const info = answer && ((await answer.json().catch(() => undefined)) as { state?: string } | undefined);
    return info?.state;
  }

  /** Sends a signal to it and its children. */
  signal(signal: NodeJS.Signals): void {
    if (this.#process?.pid !== undefined) process.kill(-this.#process.pid, signal);
  }

  /** `kill -9` */
  async kill(): Promise<void> {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    running.removeAllListeners('exit');
    const gone = once(running, 'exit');
    this.signal('SIGKILL');
    await gone;
  }

  async remove(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}
