/**
 * `npm run build`: compiles apps and libs into dist, when the sources have changed since. Several starts at once build once, and what is
 * built appears as a whole: no process ever meets half of it.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const STAMP = '.sources';
const LOCK = join(ROOT, 'node_modules', '.build-lock');
const LOOK_AGAIN_MS = 50;
/** A lock without a name is taken to be abandoned after so long. */
const UNSIGNED_MS = 5000;

/** A workspace among the libraries has packages and a build of its own. */
const OTHERS = new Set(['testing', 'node_modules']);
const isSource = path => /(?<!\.spec|\.d)\.ts$/.test(path) && !path.split('/').some(part => OTHERS.has(part));

const byCode = (a, b) => (a < b ? -1 : Number(a > b));

/** Changes with any source file. */
function fingerprint() {
  const hash = createHash('sha256').update(readFileSync(join(ROOT, '.swcrc')));
  for (const folder of ['apps', 'libs']) {
    for (const path of readdirSync(join(ROOT, folder), { recursive: true }).filter(isSource).toSorted(byCode)) {
      const { mtimeMs, size } = statSync(join(ROOT, folder, path));
      hash.update(`${folder}/${path} ${mtimeMs} ${size}\n`);
    }
  }
  return hash.digest('hex');
}

function isBuilt(sources) {
  const stamp = join(DIST, STAMP);
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
}

function build(sources) {
  const next = `${DIST}-${process.pid}`;
  const old = `${next}-old`;
  const swc = [join(ROOT, 'node_modules/@swc/cli/bin/swc.js'), 'apps', 'libs', '-d', next];
  try {
    execFileSync(process.execPath, [...swc, '--config-file', '.swcrc', '--extensions', '.ts', '--quiet'], {
      cwd: ROOT,
      stdio: 'inherit',
    });
    writeFileSync(join(next, STAMP), sources);
    if (existsSync(DIST)) renameSync(DIST, old);
    renameSync(next, DIST);
  } finally {
    for (const left of [next, old]) rmSync(left, { recursive: true, force: true });
  }
}

/** One build at a time; a lock whose process is gone is no lock. */
async function locked(work) {
  for (;;) {
    try {
      writeFileSync(LOCK, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (isAbandoned()) rmSync(LOCK, { force: true });
      else await sleep(LOOK_AGAIN_MS);
    }
  }
  try {
    work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

/** Its process died, or had not even said who it is. */
function isAbandoned() {
  try {
    const holder = Number(readFileSync(LOCK, 'utf8'));
    return holder > 0 ? !isAlive(holder) : Date.now() - statSync(LOCK).mtimeMs > UNSIGNED_MS;
  } catch {
    return false;
  }
}

function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const sources = fingerprint();
if (!isBuilt(sources)) {
  await locked(() => {
    if (!isBuilt(sources)) build(sources);
  });
}
