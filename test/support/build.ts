/** The tests run what `npm run build` makes. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The entry of an app. */
export const mainOf = (app: string): string => join(ROOT, `dist/apps/${app}/src/main.js`);

let built: Promise<void> | undefined;

/** Resolves when `dist` is what the sources say. */
export const ensureBuilt = (): Promise<void> => (built ??= build());

async function build(): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/build.js')], { cwd: ROOT, env: plainEnvironment() });
}

/** The environment without what Jest's own process needs. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  return env;
}

/** True for a process that is there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
