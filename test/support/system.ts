/** The system under test: the process that `npm start` runs, with every port free and a data folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt, mainOf, plainEnvironment, ROOT } from './build.js';
import { engineSettings, ON_SERVERS, releaseEngines } from './engines.js';
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

/** The processes of a system, ready or not: one that is all of it, or the services apart. */
export class SystemProcess {
  #output = '';
  protected readonly children: ChildProcess[] = [];

  protected constructor(protected readonly dataDir: string) {}

  static async spawn(dataDir: string, settings: Settings = {}): Promise<SystemProcess> {
    const system = new SystemProcess(dataDir);
    await system.run('standalone', { ...(await engineSettings(dataDir)), ...settings });
    return system;
  }

  /** The last of what they wrote to both outputs. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.children.every(isAlive);
  }

  /** Resolves when none of them is left, with the code and the signal of the first that did not end well. */
  get exited(): Promise<Omit<Ended, 'ms'>> {
    return Promise.all(this.children.map(ended)).then(ends => ends.find(({ code }) => code !== 0) ?? { code: 0, signal: null });
  }

  signal(signal: NodeJS.Signals): void {
    for (const child of this.children) child.kill(signal);
  }

  async end(signal: NodeJS.Signals): Promise<Ended> {
    const started = performance.now();
    this.signal(signal);
    return { ...(await this.exited), ms: performance.now() - started };
  }

  /** Starts the process of an app. */
  protected async run(app: string, settings: Settings): Promise<ChildProcess> {
    await ensureBuilt();
    const child = spawn(process.execPath, [mainOf(app)], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...plainEnvironment(),
        PORT: '0',
        COMMAND_API_PORT: '0',
        QUERY_API_PORT: '0',
        SCHEDULER_PORT: '0',
        AMBIENT_DATA_DIR: this.dataDir,
        AMBIENT_TOKEN: TOKEN,
        LOG_LEVEL: 'warn',
        ...settings,
      },
    });
    const keep = (text: string): void => void (this.#output = (this.#output + text).slice(-KEPT_OUTPUT));
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    this.children.push(child);
    return child;
  }

  /** The same, and waits until it says where it is ready. */
  protected async ready(app: string, settings: Settings): Promise<string> {
    const child = await this.run(app, settings);
    let text = '';
    child.stdout?.on('data', (chunk: string) => (text += chunk));
    const url = await until(
      () => {
        const [, found] = / is ready(?: at (\S+))?\n/.exec(text) ?? [];
        if (text.includes(' is ready')) return found ?? 'ready';
        return isAlive(child) ? undefined : 'none';
      },
      READY_IN_MS,
      `${app} is ready`,
    );
    if (url === 'none') throw new Error(`${app} ended before it was ready:\n${this.output}`);
    return url;
  }
}

const isAlive = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

async function ended(child: ChildProcess): Promise<Omit<Ended, 'ms'>> {
  if (isAlive(child)) await once(child, 'close');
  return { code: child.exitCode, signal: child.signalCode };
}

/** So many of the services, the first ones, are what the others lean on. */
const INNER = 3;

/** What services that are started apart have to share. */
export const SHARED: Settings = {
  AMBIENT_SECRET_KEY: '5e'.repeat(32),
  AMBIENT_RUNTIME_TOKEN: 'a-token-for-the-runtime-of-the-tests',
  AMBIENT_PROXY_TOKEN: 'a-token-for-the-proxy-of-the-tests',
};

/** A system that is ready. */
export class System extends SystemProcess {
  readonly token = TOKEN;
  /** The administrator, through the proxy. */
  readonly api = new Client('', TOKEN);

  static async start(dataDir: string, settings: Settings = {}): Promise<System> {
    const system = new System(dataDir);
    const url = ON_SERVERS ? await system.#startApart(settings) : await system.ready('standalone', settings);
    (system.api as { url: string }).url = url;
    return system;
  }

  /** The services one by one. */
  async #startApart(given: Settings): Promise<string> {
    const settings = { ...SHARED, ...(await engineSettings(this.dataDir)), ...given };
    const [COMMAND_API_URL, QUERY_API_URL] = await Promise.all([
      this.ready('command-api', settings),
      this.ready('query-api', settings),
      this.ready('scheduler', settings),
    ]);
    const apis = { ...settings, COMMAND_API_URL, QUERY_API_URL };
    const [url] = await Promise.all([this.ready('proxy', apis), this.ready('runtime', apis)]);
    return url;
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

  /** In the order in which they lean on each other. */
  async stop(): Promise<Ended> {
    if (!ON_SERVERS) return this.end('SIGTERM');
    const started = performance.now();
    for (const children of [this.children.slice(INNER), this.children.slice(0, INNER)]) {
      for (const child of children) child.kill('SIGTERM');
      await Promise.all(children.map(ended));
    }
    return { ...(await this.exited), ms: performance.now() - started };
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
    for (const folder of this.#folders.splice(0)) {
      await releaseEngines(folder);
      await rm(folder, { recursive: true, force: true });
    }
  }

  #keep<T extends SystemProcess>(running: T): T {
    this.#processes.push(running);
    return running;
  }
}
