import { execFileSync } from 'node:child_process';
import { linkSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { piecesOf, temporaryFolder } from '../../testing/temporary.js';
import { FileTooLarge, InTheWay, NotThere, PathRefused } from './errors.js';
import { Folder, MAX_FILE_BYTES } from './folder.js';
import { WALK } from './place.js';

const SECRET = 'nobody in the folder may see this';

describe.each(['by handle', 'by path'] as const)('Folder, walked %s', walk => {
  /** Somebody who puts things back between two looks is not found out by looking. */
  const onHandles: (name: string, test: () => Promise<void>) => void = walk === WALK && walk === 'by handle' ? it : () => {};
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let root: string;
  let outside: string;
  let folder: Folder;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    root = join(temporary.path, 'inside');
    outside = join(temporary.path, 'outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), SECRET);
    folder = await Folder.make(root, walk);
  });
  afterEach(async () => {
    await folder.close();
    await temporary[Symbol.asyncDispose]();
  });

  const text = async (path: string): Promise<string> => (await folder.read(path)).toString();

  it('is there, or is made', async () => {
    await expect(Folder.open(join(root, 'not/there'))).rejects.toThrow(NotThere);
    await (await Folder.make(join(root, 'not/there'))).close();
    await (await Folder.open(join(root, 'not/there'))).close();
  });

  it('is for its owner alone', async () => {
    expect((await stat(root)).mode & 0o777).toBe(0o700);
    await folder.write('a/b.txt', piecesOf('x'));
    expect((await stat(join(root, 'a'))).mode & 0o777).toBe(0o700);
    expect((await stat(join(root, 'a/b.txt'))).mode & 0o777).toBe(0o600);
  });

  it('reads what was written, also in folders that had to be made', async () => {
    expect(await folder.write('a/b/c.txt', piecesOf('one ', 'two'))).toBe(7);
    expect(await text('a/b/c.txt')).toBe('one two');
    expect(await folder.list()).toEqual([expect.objectContaining({ name: 'a', path: 'a', isDir: true, size: 0 })]);
    expect(await folder.list('a/b')).toEqual([
      { name: 'c.txt', path: 'a/b/c.txt', isDir: false, size: 7, modifiedAt: expect.stringMatching(/Z$/) },
    ]);
    expect((await folder.list('', true)).map(({ path }) => path)).toEqual(['a', 'a/b', 'a/b/c.txt']);
  });

  it('replaces a file whole, and leaves it as it was when the new content breaks off', async () => {
    await folder.write('a.txt', piecesOf('old and long'));
    await folder.write('a.txt', piecesOf('new'));
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
      throw new Error('the client left');
    }
    await expect(folder.write('a.txt', broken())).rejects.toThrow('the client left');
    expect(await text('a.txt')).toBe('new');
    expect(await readdir(root)).toEqual(['a.txt']);
  });

  it('removes files, and folders with all in them, but says so where there is nothing', async () => {
    await folder.write('a/b/c.txt', piecesOf('x'));
    await folder.write('d.txt', piecesOf('x'));
    await folder.remove('a');
    await folder.remove('d.txt');
    expect(await readdir(root)).toEqual([]);
    await expect(folder.remove('d.txt')).rejects.toThrow(NotThere);
    await expect(folder.remove('a/b')).rejects.toThrow(NotThere);
  });

  it('does not put a file where a folder is, nor a folder where a file is', async () => {
    await folder.write('a/b.txt', piecesOf('x'));
    await expect(folder.write('a', piecesOf('x'))).rejects.toThrow(InTheWay);
    await expect(folder.write('a/b.txt/c', piecesOf('x'))).rejects.toThrow(InTheWay);
    expect(await text('a/b.txt')).toBe('x');
    expect(await readdir(root)).toEqual(['a']);
  });

  it('takes files up to 10 MiB, in both directions', async () => {
    const most = Buffer.alloc(MAX_FILE_BYTES);
    expect(await folder.write('most', piecesOf(most))).toBe(MAX_FILE_BYTES);
    expect(await folder.read('most')).toHaveLength(MAX_FILE_BYTES);
    await expect(folder.write('more', piecesOf(most, 'x'))).rejects.toThrow(FileTooLarge);
    await writeFile(join(root, 'large'), '');
    await truncate(join(root, 'large'), MAX_FILE_BYTES + 1);
    await expect(folder.read('large')).rejects.toThrow(FileTooLarge);
    expect((await readdir(root)).toSorted()).toEqual(['large', 'most']);
  });

  it('has no list where there is no folder', async () => {
    await folder.write('a.txt', piecesOf('x'));
    expect(await folder.list('b')).toEqual([]);
    expect(await folder.list('a.txt')).toEqual([]);
  });

  describe('has no way out', () => {
    const malformed = {
      'the parent': '../outside/secret',
      'a parent within': 'a/../../outside/secret',
      'a parent at the end': 'a/..',
      'only the parent': '..',
      'the folder itself': '.',
      'a dot within': 'a/./b',
      'an absolute path': '/etc/passwd',
      'two slashes': 'a//b',
      'a slash at the end': 'a/',
      'a backslash': String.raw`..\outside\secret`,
      'a null': 'a\0b',
      'a line feed': 'a\nb',
      'a name that is too long': 'x'.repeat(256),
      'a path that is too deep': Array.from({ length: 65 }, () => 'x').join('/'),
    };
    it.each(Object.entries(malformed))('by %s', async (_, path) => {
      // Malformed is told at once or by a promise, whatever is asked.
      const refused = async (ask: () => Promise<unknown>): Promise<void> => {
        await expect((async () => ask())()).rejects.toThrow(PathRefused);
      };
      await refused(() => folder.read(path));
      await refused(() => folder.write(path, piecesOf('x')));
      await refused(() => folder.remove(path));
      await refused(() => folder.list(path));
      expect(await readdir(outside)).toEqual(['secret']);
    });

    it('by an empty path, where a file has to be named', async () => {
      expect(() => folder.read('')).toThrow(PathRefused);
      expect(() => folder.write('', piecesOf('x'))).toThrow(PathRefused);
      expect(() => folder.remove('')).toThrow(PathRefused);
    });

    it.each(['.git/config', '.GIT/hooks/pre-commit', 'repo/.git/config', '.git'])(
      'to programs, by what git would run: %s',
      async path => {
        await mkdir(join(root, 'repo/.git'), { recursive: true });
        await writeFile(join(root, 'repo/.git/config'), 'credentials');
        expect(() => folder.write(path, piecesOf('[core] fsmonitor = evil'))).toThrow(PathRefused);
        expect(() => folder.read(path)).toThrow(PathRefused);
        expect(() => folder.remove(path)).toThrow(PathRefused);
        expect((await folder.list('', true)).map(({ path }) => path)).toEqual(['repo']);
      },
    );

    it('by a link to a file', async () => {
      await symlink(join(outside, 'secret'), join(root, 'link'));
      await expect(folder.read('link')).rejects.toThrow(NotThere);
      expect(await folder.list()).toEqual([]);
      // The link is replaced, not what it leads to.
      await folder.write('link', piecesOf('mine'));
      expect((await lstat(join(root, 'link'))).isFile()).toBe(true);
      expect(await readFile(join(outside, 'secret'), 'utf8')).toBe(SECRET);
    });

    it('by a link that is removed', async () => {
      await symlink(outside, join(root, 'link'));
      await folder.remove('link');
      expect(await readdir(root)).toEqual([]);
      expect(await readdir(outside)).toEqual(['secret']);
    });

    it('by a link to a folder', async () => {
      await symlink(outside, join(root, 'link'));
      await expect(folder.read('link/secret')).rejects.toThrow(NotThere);
      await expect(folder.write('link/new', piecesOf('x'))).rejects.toThrow(InTheWay);
      await expect(folder.remove('link/secret')).rejects.toThrow(NotThere);
      expect(await folder.list('link')).toEqual([]);
      expect(await folder.list('', true)).toEqual([]);
      expect(await readdir(outside)).toEqual(['secret']);
    });

    it('by a link in a folder that is removed with all in it', async () => {
      await folder.write('a/b.txt', piecesOf('x'));
      await symlink(outside, join(root, 'a/link'));
      await folder.remove('a');
      expect(await readdir(outside)).toEqual(['secret']);
    });

    it('by a link from the link to the folder', async () => {
      await symlink(outside, join(temporary.path, 'twin'));
      await expect(Folder.open(join(temporary.path, 'twin'))).rejects.toThrow(NotThere);
    });

    onHandles('by a folder that is put in its place while it is open', async () => {
      await folder.write('a.txt', piecesOf('mine'));
      renameSync(root, `${root}-moved`);
      symlinkSync(outside, root);
      expect(await text('a.txt')).toBe('mine');
      await expect(folder.read('secret')).rejects.toThrow(NotThere);
      await folder.write('b.txt', piecesOf('x'));
      expect(await readdir(outside)).toEqual(['secret']);
    });

    it('to a pipe that would never end, nor to a device', async () => {
      execFileSync('mkfifo', [join(root, 'pipe')]);
      await expect(folder.read('pipe')).rejects.toThrow(NotThere);
      expect(await folder.list()).toEqual([]);
      await folder.write('pipe', piecesOf('a file now'));
      expect(await text('pipe')).toBe('a file now');
    });

    onHandles('in a race with somebody who puts a link where the folder was, again and again', async () => {
      const [real, link] = [join(root, 'real'), join(root, 'link')];
      const [dir, turn] = [join(root, 'dir'), join(root, 'turn')];
      await mkdir(real);
      await writeFile(join(real, 'secret'), 'mine');
      symlinkSync(outside, link);
      let turns = 0;
      // Between any two steps of a walk: each of them comes back through the event loop.
      const swap = (): void => {
        const [next, back] = turns++ % 2 === 0 ? [real, link] : [link, real];
        rmSync(turn, { force: true, recursive: true });
        try {
          renameSync(dir, back);
        } catch {
          // Not there at the first turn, nor after a removal.
        }
        try {
          renameSync(next, dir);
        } catch {
          // Somebody removed it.
        }
      };
      const swapping = setInterval(swap, 0);
      const seen = new Set<string>();
      try {
        for (let round = 0; round < 300; round++) {
          const read = await text('dir/secret').catch((error: unknown) => (error as Error).name);
          seen.add(read);
          await folder.write('dir/written', piecesOf('x')).catch(() => undefined);
          await folder.remove('dir/written').catch(() => undefined);
        }
      } finally {
        clearInterval(swapping);
      }
      expect(turns).toBeGreaterThan(10);
      expect([...seen]).not.toContain(SECRET);
      expect(seen).toContain('mine');
      expect(await readdir(outside)).toEqual(['secret']);
      expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe(SECRET);
    });
  });

  it('lets go after what is being done, and does nothing more', async () => {
    await folder.write('a.txt', piecesOf('x'));
    const other = await Folder.open(root);
    const reading = other.read('a.txt');
    await other.close();
    expect((await reading).toString()).toBe('x');
    await expect(other.read('a.txt')).rejects.toThrow(NotThere);
  });

  it('reads a file of two names, which is a file like any other', async () => {
    await folder.write('a.txt', piecesOf('x'));
    linkSync(join(root, 'a.txt'), join(root, 'b.txt'));
    await folder.write('a.txt', piecesOf('y'));
    expect(await text('b.txt')).toBe('x');
  });
});
