/** The system under test: the process that `npm start` runs, with every port free and a data folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, MAIN, plainEnvironment, ROOT } from './build.js';
import { Client } from './http.js';
import { until } from './until.js';

export const TOKEN = 'a-token-for-the-tests-of-the-whole-system';
const READY_IN_MS = 60_000;
const KEPT_OUTPUT = 20_000;

export type Settings = Readonly<Record<string, string>>;

/** How a process ended, and how long that took from the signal. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly ms: number;
}

/** A process of the system, ready or not. */
export class SystemProcess {
  #output = '';
  readonly exited: Promise<Omit<Ended, 'ms'>>;

  protected constructor(protected readonly child: ChildProcess) {
    const keep = (text: string): void => void (this.#output = (this.#output + text).slice(-KEPT_OUTPUT));
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    this.exited = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  }

  static async spawn(dataDir: string, settings: Settings = {}): Promise<SystemProcess> {
    return new SystemProcess(await spawnMain(dataDir, settings));
  }

  /** The last of what it wrote to both outputs. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.child.pid!;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<Ended> {
    const started = performance.now();
    this.child.kill(signal);
    return { ...(await this.exited), ms: performance.now() - started };
  }
}

async function spawnMain(dataDir: string, settings: Settings): Promise<ChildProcess> {
  await ensureBuilt();
  return spawn(process.execPath, [MAIN], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...plainEnvironment(),
      PORT: '0',
      COMMAND_API_PORT: '0',
      QUERY_API_PORT: '0',
      SCHEDULER_PORT: '0',
      AMBIENT_DATA_DIR: dataDir,
      AMBIENT_TOKEN: TOKEN,
      LOG_LEVEL: 'warn',
      ...settings,
    },
  });
}

/** A system that is ready. */
export class System extends SystemProcess {
  readonly token = TOKEN;
  /** The administrator, through the proxy. */
  readonly api: Client;

  private constructor(
    child: ChildProcess,
    readonly dataDir: string,
  ) {
    super(child);
    this.api = new Client('', this.token);
  }

  static async start(dataDir: string, settings: Settings = {}): Promise<System> {
    const system = new System(await spawnMain(dataDir, settings), dataDir);
    const url = await until(
      () => {
        const [, found] = /is ready at (\S+)/.exec(system.output) ?? [];
        return found ?? (system.isRunning ? undefined : 'none');
      },
      READY_IN_MS,
      'the system is ready',
    );
    if (url === 'none') throw new Error(`the system ended before it was ready:\n${system.output}`);
    (system.api as { url: string }).url = url;
    return system;
  }

  get url(): string {
    return this.api.url;
  }

  /** Another caller. */
  as(token: string | undefined): Client {
    return new Client(this.url, token);
  }

  /** A power cut, as far as a process can have one. Whoever waits for an answer gets none. */
  async kill9(): Promise<void> {
    await this.end('SIGKILL');
  }

  stop(): Promise<Ended> {
    return this.end('SIGTERM');
  }
}

/** The systems and data folders of one test file; `clear` leaves nothing of them. */
export class TestBed {
  readonly #processes: SystemProcess[] = [];
  readonly #folders: string[] = [];

  async dataDir(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'ambient-system-'));
    this.#folders.push(folder);
    return folder;
  }

  async start(dataDir: string, settings?: Settings): Promise<System> {
    return this.#keep(await System.start(dataDir, settings));
  }

  /** Starts a system that need not become ready. */
  async spawn(dataDir: string, settings?: Settings): Promise<SystemProcess> {
    return this.#keep(await SystemProcess.spawn(dataDir, settings));
  }

  async clear(): Promise<void> {
    for (const running of this.#processes.splice(0)) if (running.isRunning) await running.end('SIGKILL');
    for (const folder of this.#folders.splice(0)) await rm(folder, { recursive: true, force: true });
  }

  #keep<T extends SystemProcess>(running: T): T {
    this.#processes.push(running);
    return running;
  }
}
