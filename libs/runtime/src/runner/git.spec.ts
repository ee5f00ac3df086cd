import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { temporaryFolder } from '../../testing/temporary.js';
import { Folder, InTheWay, NotThere, PathRefused } from '../folder/index.js';
import { configureRemote, gitBranch, gitBranches, gitStatus, isRemoteUrl } from './git.js';

const NOTHING = { modified: [], staged: [], untracked: [] };

describe('git in a working folder', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let root: string;
  let folder: Folder;

  const git = (...argv: string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=x', '-c', 'user.email=x@example.org', ...argv], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  const commit = async (): Promise<void> => {
    git('init', '--initial-branch=main');
    await writeFile(join(root, 'kept.txt'), 'one\n');
    await writeFile(join(root, 'moved.txt'), 'two lines\nof it\n');
    git('add', '.');
    git('commit', '--message=first');
  };

  beforeEach(async () => {
    temporary = await temporaryFolder();
    root = join(temporary.path, 'work');
    folder = await Folder.make(root);
  });
  afterEach(async () => {
    await folder.close();
    await temporary[Symbol.asyncDispose]();
  });

  it('says what was changed, staged and added, also under odd names', async () => {
    await commit();
    await writeFile(join(root, 'kept.txt'), 'changed\n');
    await rename(join(root, 'moved.txt'), join(root, 'zu r\nück.txt'));
    git('add', '--all', 'moved.txt', 'zu r\nück.txt');
    await mkdir(join(root, 'new'));
    await writeFile(join(root, 'new/-rf "x".txt'), '');
    expect(await gitStatus(folder, '')).toEqual({
      modified: ['kept.txt'],
      staged: ['zu r\nück.txt'],
      untracked: ['new/-rf "x".txt'],
    });
    expect(await gitBranches(folder, '')).toEqual(['main']);
    expect(await gitBranch(folder, '')).toBe('main');
  });

  it('has nothing to say where there is no repository, whatever lies around it', async () => {
    execFileSync('git', ['init', temporary.path], { stdio: 'ignore' });
    expect(await gitStatus(folder, '')).toEqual(NOTHING);
    expect(await gitStatus(folder, 'nowhere')).toEqual(NOTHING);
    expect(await gitBranches(folder, '')).toEqual([]);
    expect(await gitBranch(folder, '')).toBeUndefined();
    await expect(configureRemote(folder, '', 'https://example.org/a.git')).rejects.toThrow(InTheWay);
  });

  it('does not look into a repository that a link or a file leads to', async () => {
    const other = join(temporary.path, 'other');
    execFileSync('git', ['init', other], { stdio: 'ignore' });
    await writeFile(join(other, 'secret.txt'), '');
    await symlink(join(other, '.git'), join(root, '.git'));
    expect(await gitStatus(folder, '')).toEqual(NOTHING);
    await symlink(other, join(root, 'link'));
    expect(await gitStatus(folder, 'link')).toEqual(NOTHING);
    await mkdir(join(root, 'module'));
    await writeFile(join(root, 'module/.git'), `gitdir: ${join(other, '.git')}\n`);
    expect(await gitStatus(folder, 'module')).toEqual(NOTHING);
    await expect((async () => gitStatus(folder, '../other'))()).rejects.toThrow(PathRefused);
  });

  it('runs nothing that the repository names', async () => {
    await commit();
    const ran = join(temporary.path, 'ran');
    const script = join(temporary.path, 'evil.sh');
    await writeFile(script, `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    git('config', 'core.fsmonitor', script);
    git('config', 'core.pager', script);
    git('config', 'core.sshCommand', script);
    await mkdir(join(root, '.git/hooks'), { recursive: true });
    await writeFile(join(root, '.git/hooks/post-index-change'), `#!/bin/sh\ntouch ${ran}\n`, { mode: 0o755 });
    await writeFile(join(root, 'kept.txt'), 'changed\n');
    expect(await gitStatus(folder, '')).toMatchObject({ modified: ['kept.txt'] });
    await gitBranches(folder, '');
    await configureRemote(folder, '', 'https://example.org/a.git');
    expect(existsSync(ran)).toBe(false);
  });

  it('sets where origin leads, once and again', async () => {
    await commit();
    await configureRemote(folder, '', 'https://example.org/a.git');
    await configureRemote(folder, '', 'git@example.org:team/b.git');
    expect(git('remote', 'get-url', 'origin').trim()).toBe('git@example.org:team/b.git');
    expect(await readFile(join(root, '.git/config'), 'utf8')).not.toContain('a.git');
  });

  it('is asked in a folder below', async () => {
    await mkdir(join(root, 'repo'));
    execFileSync('git', ['init', '--initial-branch=trunk', join(root, 'repo')], { stdio: 'ignore' });
    await writeFile(join(root, 'repo/a.txt'), '');
    expect(await gitStatus(folder, 'repo')).toEqual({ ...NOTHING, untracked: ['a.txt'] });
    expect(await gitBranch(folder, 'repo')).toBe('trunk');
  });

  it('lets go of the folder when that is closed', async () => {
    const other = await Folder.open(root);
    await other.close();
    await expect(other.within('', async () => 'inside')).rejects.toThrow(NotThere);
  });
});

describe('the URL of a remote', () => {
  it.each([
    'https://github.com/team/repo.git',
    'https://git.example.org:8443/a/b',
    'ssh://git@example.org/a.git',
    'ssh://example.org:22/a.git',
    'git@example.org:team/repo.git',
  ])('may be %s', url => {
    expect(isRemoteUrl(url)).toBe(true);
  });

  it.each([
    '',
    '-u',
    '--upload-pack=touch /tmp/x',
    'ext::sh -c touch% /tmp/x',
    'file:///etc/passwd',
    '/etc/passwd',
    '../other',
    'other',
    'http://example.org/in-the-clear.git',
    'https://user:password@example.org/a.git',
    'https://token@example.org/a.git',
    'ssh://-oProxyCommand=x/a',
    'git@-oProxyCommand=x:a',
    'git@example.org:-a',
    'https://example.org/a\n[core]',
    'https://exa mple.org/a',
    'ftp://example.org/a',
    'https://',
    `https://example.org/${'a'.repeat(2048)}`,
  ])('may not be %j', url => {
    expect(isRemoteUrl(url)).toBe(false);
  });
});
