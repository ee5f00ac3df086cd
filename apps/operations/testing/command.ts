/** The operator's commands as processes, from source. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { SOURCE_FLAGS } from '../../../libs/event-store/testing/child.js';

export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts a copy; `ended` resolves when the process is gone. */
export function startCopy(...args: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  const main = fileURLToPath(new URL('../src/events-copy.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=source', ...SOURCE_FLAGS, main, ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]).then(([stdout, stderr]) => ({
    code: child.exitCode,
    stdout,
    stderr,
  }));
  return { child, ended };
}

/** Runs a copy to its end. */
export const copy = (...args: readonly string[]): Promise<Ended> => startCopy(...args).ended;
