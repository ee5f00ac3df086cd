import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** What Node needs to run a TypeScript source that is not of this process: for `spawn` and for `Worker`. */
export const SOURCE_FLAGS = [
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL('./from-source.mjs', import.meta.url).href,
];

/** Path of a script in this folder. */
export function scriptPath(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Runs a script of this folder in a process of its own; what it prints is piped. */
export function runScript(name: string, ...parameters: string[]): ChildProcessByStdio<null, Readable, null> {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  return spawn(process.execPath, [...SOURCE_FLAGS, scriptPath(name), ...parameters], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** The lines that a script prints, as they come. */
export function linesOf(output: Readable): AsyncIterable<string> {
  return createInterface({ input: output });
}
