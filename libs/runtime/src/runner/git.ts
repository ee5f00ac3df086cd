/** What git says of a session's folder. Git is asked with fixed words, no shell, and without the server's environment. */
import { execFile } from 'node:child_process';
import { lstat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { codeOf, type Folder, InTheWay, NotThere } from '../folder/index.js';

const run = promisify(execFile);

const TIMEOUT_MS = 10_000;
const MAX_OUTPUT_BYTES = 10 * 1_048_576;

/** What the repository's own configuration must not turn on: programs, and ways out. */
const CAREFUL = ['core.fsmonitor=false', 'core.hooksPath=/dev/null', 'protocol.allow=never', 'submodule.recurse=false'];

/** The user's and the machine's configuration are not the session's. */
const environment = (): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_TERMINAL_PROMPT: '0',
});

export interface GitStatus {
  readonly modified: readonly string[];
  readonly staged: readonly string[];
  readonly untracked: readonly string[];
}

/** Paths that differ; nothing where there is no repository. */
export async function gitStatus(folder: Folder, path: string): Promise<GitStatus> {
  const argv = ['status', '--porcelain=v1', '-z', '--untracked-files=all', '--ignore-submodules=all'];
  return statusOf((await git(folder, path, argv)) ?? '');
}

/** Names of the local and the remote branches. */
export async function gitBranches(folder: Folder, path: string): Promise<string[]> {
  const argv = ['for-each-ref', '--format=%(refname:short)', 'refs/heads', 'refs/remotes'];
  return ((await git(folder, path, argv)) ?? '').split('\n').filter(Boolean);
}

/** The branch that is checked out; undefined where there is no repository, or none is. */
export async function gitBranch(folder: Folder, path: string): Promise<string | undefined> {
  const argv = ['symbolic-ref', '--quiet', '--short', 'HEAD'];
  const branch = await git(folder, path, argv).catch(() => undefined);
  return branch?.trim() || undefined;
}

/** Sets where `origin` leads. @throws InTheWay where there is no repository */
export async function configureRemote(folder: Folder, path: string, url: string): Promise<void> {
  const remotes = await git(folder, path, ['remote']);
  if (remotes === undefined) throw new InTheWay('there is no git repository in this folder');
  const verb = remotes.split('\n').includes('origin') ? 'set-url' : 'add';
  await git(folder, path, ['remote', verb, '--', 'origin', url]);
}

/**
 * A URL that leads to another machine and nowhere else: git also has transports that run programs and read files.
 * Credentials in it would lie in the session's folder in the clear.
 */
export function isRemoteUrl(url: string): boolean {
  if (/[\s\p{Cc}]/u.test(url) || url.length > 2048) return false;
  if (/^git@[A-Za-z0-9][A-Za-z0-9.-]*:(?![/:-])[A-Za-z0-9._~/-]+$/.test(url)) return true;
  if (!/^(?:https|ssh):\/\/[A-Za-z0-9]/.test(url) || !URL.canParse(url)) return false;
  const { username, password, protocol } = new URL(url);
  return password === '' && (username === '' || (protocol === 'ssh:' && username === 'git'));
}

/** What git says in a folder; undefined where that is no repository, or there is no git. */
async function git(folder: Folder, path: string, argv: readonly string[]): Promise<string | undefined> {
  const asked = folder.within(path, async place => {
    // A file or a link of that name would lead git elsewhere.
    const found = await lstat(place.at('.git')).catch(() => undefined);
    if (!found?.isDirectory()) return undefined;
    const careful = CAREFUL.flatMap(setting => ['-c', setting]);
    const { stdout } = await run('git', ['--git-dir=.git', '--work-tree=.', ...careful, ...argv], {
      cwd: place.path,
      env: environment(),
      timeout: TIMEOUT_MS,
      maxBuffer: MAX_OUTPUT_BYTES,
    });
    return stdout;
  });
  return asked.catch((error: unknown) => {
    if (error instanceof NotThere || codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}

/** Reads `--porcelain=v1 -z`: two letters, a blank and a path each; a renamed one is followed by where it was. */
function statusOf(text: string): GitStatus {
  const status = { modified: [] as string[], staged: [] as string[], untracked: [] as string[] };
  const fields = text.split('\0');
  for (let at = 0; at < fields.length; at++) {
    const [index, tree, path] = [fields[at]?.[0] ?? '', fields[at]?.[1] ?? '', fields[at]?.slice(3) ?? ''];
    if (path === '') continue;
    if (index === '?') status.untracked.push(path);
    else {
      if (index !== ' ') status.staged.push(path);
      if (tree !== ' ') status.modified.push(path);
    }
    if (index === 'R' || index === 'C') at++;
  }
  return status;
}
