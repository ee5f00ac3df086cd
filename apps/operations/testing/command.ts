/** The operator's commands as processes. */
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

interface Started {
  readonly child: ChildProcess;
  /** Resolves when the process is gone. */
  readonly ended: Promise<Ended>;
}

const pathOf = (file: string): string => fileURLToPath(new URL(`../../../${file}`, import.meta.url));

/** Starts a copy, from source. */
export const startCopy = (...args: readonly string[]): Started =>
  start(['--conditions=source', ...SOURCE_FLAGS, pathOf('apps/operations/src/events-copy.ts'), ...args], {});

/** Runs a copy to its end. */
export const copy = (...args: readonly string[]): Promise<Ended> => startCopy(...args).ended;

/** Runs `npm run dead` to its end, as it was built: Node can't run decorators from source. */
export const deadLetters = (env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Ended> =>
  start([pathOf('dist/apps/operations/src/dead-letters.js'), ...args], env).ended;

function start(args: readonly string[], settings: NodeJS.ProcessEnv): Started {
  const { NODE_OPTIONS: _ofJest, NATS_URL: _ofOperator, ...env } = process.env;
  const child = spawn(process.execPath, args, { env: { ...env, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, ended: endOf(child, text(child.stdout), text(child.stderr)) };
}

async function endOf(child: ChildProcess, stdout: Promise<string>, stderr: Promise<string>): Promise<Ended> {
  await once(child, 'exit');
  return { code: child.exitCode, stdout: await stdout, stderr: await stderr };
}
