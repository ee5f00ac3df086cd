/** The tests run what `npm run build` makes. It is made here when it is not there, or older than the sources. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { until } from './until.js';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** The entry of an app. */
export const mainOf = (app: string): string => join(ROOT, `dist/apps/${app}/src/main.js`);

const SWC = [
  join(ROOT, 'node_modules/@swc/cli/bin/swc.js'),
  ...'apps libs -d dist --config-file .swcrc --extensions .ts --quiet'.split(' '),
];
/** One a checkout, so that parallel test workers build once. */
const LOCK = join(tmpdir(), `ambient-sessions-build-${createHash('sha256').update(ROOT).digest('hex').slice(0, 12)}.lock`);

let built: Promise<void> | undefined;

/** Resolves when `dist` is what the sources say. */
export const ensureBuilt = (): Promise<void> => (built ??= build());

async function build(): Promise<void> {
  if (isUpToDate()) return;
  await until(takeLock, 120_000, `the lock ${LOCK} is free`);
  try {
    // The swc CLI writes every file, so the newest of them tells when.
    if (!isUpToDate()) await promisify(execFile)(process.execPath, SWC, { cwd: ROOT, env: plainEnvironment() });
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** The environment without what Jest's own process needs. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _ofJest, ...env } = process.env;
  return env;
}

function takeLock(): boolean {
  try {
    writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isAlive(Number(readFileSync(LOCK, 'utf8')))) rmSync(LOCK, { force: true });
    return false;
  }
}

/** True for a process that is there. */
export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isUpToDate(): boolean {
  const output = statSync(mainOf('standalone'), { throwIfNoEntry: false });
  return output !== undefined && newest('apps', output.mtimeMs) && newest('libs', output.mtimeMs);
}

/** True when no source below is newer. */
function newest(folder: string, than: number): boolean {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter(
      entry =>
        entry.isFile() &&
        entry.name.endsWith('.ts') &&
        !entry.name.endsWith('.spec.ts') &&
        !entry.parentPath.includes('/testing'),
    )
    .every(entry => statSync(join(entry.parentPath, entry.name)).mtimeMs <= than);
}
