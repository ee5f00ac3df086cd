/** `ambientctl` as a process, as it was built. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ensureBuilt, mainOf, plainEnvironment } from '../../../test/support/build.js';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Settings = Readonly<Record<string, string | undefined>>;

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

export const MAIN = mainOf('cli');

/** A person at a shell: a folder to work in, a home, and an environment of their own. */
export class Shell {
  private constructor(
    readonly folder: string,
    private readonly settings: Settings,
  ) {}

  static async open(settings: Settings = {}): Promise<Shell> {
    await ensureBuilt();
    return new Shell(await mkdtemp(join(tmpdir(), 'ambientctl-')), settings);
  }

  get environment(): NodeJS.ProcessEnv {
    const env = Object.entries(plainEnvironment()).filter(([name]) => !/^(AMBIENT_|NATS_|NO_COLOR|FORCE_COLOR|npm_)/.test(name));
    return {
      ...Object.fromEntries(env),
      XDG_CONFIG_HOME: join(this.folder, 'config'),
      TZ: 'Asia/Kathmandu',
      COLUMNS: '200',
      ...this.settings,
    };
  }

  /** With other settings, for one call. */
  with(settings: Settings): Shell {
    return new Shell(this.folder, { ...this.settings, ...settings });
  }

  start(...args: readonly string[]): Started {
    return this.#spawn(process.execPath, [MAIN, ...args]);
  }

  /** Runs a command to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.start(...args).ended;
  }

  /** The same with something on standard input. */
  async runWith(input: string, ...args: readonly string[]): Promise<Ended> {
    const { child, ended } = this.start(...args);
    child.stdin?.end(input);
    return ended;
  }

  /** Runs a command that must succeed. @returns what it wrote */
  async ok(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`ambientctl ${args.join(' ')} ended with ${code}: ${stderr}${stdout}`);
    return stdout;
  }

  /** The same with `-o json`. */
  async json<T = any>(...args: readonly string[]): Promise<T> {
    return JSON.parse(await this.ok(...args, '-o', 'json')) as T;
  }

  /** Runs a command on a terminal. Both outputs are the terminal's. */
  onTerminal(...args: readonly string[]): Promise<Ended> {
    const command = [process.execPath, MAIN, ...args].map(quoted).join(' ');
    return this.#spawn('script', ['-qec', command, '/dev/null'], { TERM: 'xterm' }).ended;
  }

  async close(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  #spawn(program: string, args: readonly string[], more: Settings = {}): Started {
    const child = spawn(program, args, { cwd: this.folder, env: { ...this.environment, ...more }, stdio: 'pipe' });
    // A command that ends before it has read all is no defect of the test.
    child.stdin.on('error', () => {});
    if (program === 'script') child.stdin.end();
    const outputs = Promise.all([text(child.stdout), text(child.stderr)]);
    const ended = once(child, 'close').then(async () => {
      const [stdout, stderr] = await outputs;
      return { code: child.exitCode, stdout, stderr };
    });
    return { child, ended };
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", String.raw`'\''`)}'`;
