import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { PassThrough, pipeline, type Readable } from 'node:stream';
import type { Agent, Exit, Output } from './agent.js';
import { type Clock, pause } from './clock.js';
import { linesOf } from './lines.js';

const POLL_MS = 50;

export interface ProcessAgentOptions {
  /** Run by `sh -c`. */
  readonly command: string;
  /** Goes to the standard input. */
  readonly prompt: string;
  /** More may follow the prompt, a line each. Otherwise the input ends with it, which is what most commands wait for. */
  readonly keepInputOpen: boolean;
  /** Where it runs. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** Milliseconds from SIGTERM to SIGKILL. */
  readonly graceMs: number;
  /** Called with every bit of output, also one that is not yet a line. */
  readonly onOutput: () => void;
}

/** An agent that is a command in a process group of its own: signals reach its children too. */
export class ProcessAgent implements Agent {
  readonly exit: Promise<Exit>;
  readonly outputs: readonly Output[];
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #clock: Clock;
  readonly #graceMs: number;
  #cancelKill: (() => void) | undefined;
  #killed = false;

  constructor({ command, prompt, keepInputOpen, folder, env, clock, graceMs, onOutput }: ProcessAgentOptions) {
    this.#clock = clock;
    this.#graceMs = graceMs;
    const child = spawn('sh', ['-c', command], { cwd: folder, env, detached: true, stdio: 'pipe' });
    this.#child = child;
    this.exit = new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
    });
    // A command need not read its prompt: that the pipe broke is no error, its exit code tells how it went.
    child.stdin.on('error', () => {});
    if (keepInputOpen) child.stdin.write(`${prompt}\n`);
    else child.stdin.end(prompt);
    this.outputs = [
      { eventType: 'assistant', messages: linesOf(textOf(kept(child.stdout), onOutput)) },
      { eventType: 'system', messages: linesOf(textOf(kept(child.stderr), onOutput)) },
    ];
  }

  terminate(): void {
    if (this.#cancelKill) return;
    this.#signal('SIGTERM');
    this.#cancelKill = this.#clock.setTimer(this.#graceMs, () => this.kill());
  }

  interrupt(): void {
    this.#signal('SIGINT');
  }

  get takesInput(): boolean {
    return this.#child.stdin.writable;
  }

  write(text: string): boolean {
    if (!this.takesInput) return false;
    this.#child.stdin.write(`${text}\n`);
    return true;
  }

  kill(): void {
    this.#killed = true;
    this.#signal('SIGKILL');
  }

  closeOutputs(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  async gone(): Promise<void> {
    await this.exit.catch(() => {});
    // Nothing survives SIGKILL, but where nobody reaps orphans (a container without init) their remains stay in the group.
    while (!this.#killed && this.#signal(0)) await pause(this.#clock, POLL_MS);
    this.#cancelKill?.();
  }

  /** Sends a signal to the whole group; false when there is nobody left in it. */
  #signal(signal: NodeJS.Signals | 0): boolean {
    if (this.#child.pid === undefined) return false;
    try {
      return process.kill(-this.#child.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
      throw error;
    }
  }
}

/** Node throws away what nobody has begun to read when the child exits; here it is kept, with backpressure, until somebody does. */
const kept = (output: Readable): Readable => pipeline(output, new PassThrough(), () => {});

/** UTF-8 as text; a character may be split over chunks, and what is no UTF-8 becomes U+FFFD. Ends where the stream is destroyed. */
async function* textOf(stream: Readable, onOutput: () => void): AsyncGenerator<string> {
  stream.setEncoding('utf8');
  try {
    for await (const text of stream as AsyncIterable<string>) {
      onOutput();
      yield text;
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
