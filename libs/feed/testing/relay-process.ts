import { spawn, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A relay as a process of its own. */
export class RelayProcess {
  /** How often it told that it has come further. */
  steps = 0;
  readonly #stepped = new EventEmitter();
  readonly #child: ChildProcess;

  /** @param path of the event store */
  constructor(path: string, url: string) {
    const { NODE_OPTIONS: _ofJest, ...env } = process.env;
    const hooks = new URL('../../event-store/testing/from-source.mjs', import.meta.url).href;
    const script = fileURLToPath(new URL('./relay-until-killed.ts', import.meta.url));
    const flags = ['-C', 'source', '--experimental-transform-types', '--disable-warning=ExperimentalWarning', '--import', hooks];
    const child = spawn(process.execPath, [...flags, script, path, url], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    createInterface({ input: child.stdout }).on('line', () => {
      this.steps += 1;
      this.#stepped.emit('step');
    });
    this.#child = child;
  }

  /** Resolves once it has come further so many times more. */
  async further(steps: number): Promise<void> {
    const wanted = this.steps + steps;
    while (this.steps < wanted) await once(this.#stepped, 'step');
  }

  /** Sends a signal, e.g. SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}
