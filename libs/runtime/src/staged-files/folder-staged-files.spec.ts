import { readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { piecesOf, temporaryFolder } from '../../testing/temporary.js';
import { NotThere, PathRefused } from '../folder/index.js';
import { FolderStagedFiles } from './folder-staged-files.js';

describe('FolderStagedFiles', () => {
  let temporary: Awaited<ReturnType<typeof temporaryFolder>>;
  let staged: FolderStagedFiles;

  beforeEach(async () => {
    temporary = await temporaryFolder();
    staged = new FolderStagedFiles(join(temporary.path, 'staged-files'));
  });
  afterEach(async () => temporary[Symbol.asyncDispose]());

  it('keeps the files of each session, as its runner would list them', async () => {
    expect(await staged.list('one')).toEqual([]);
    await expect(staged.remove('one', 'a.txt')).rejects.toThrow(NotThere);
    expect(await staged.put('one', 'data/a.csv', piecesOf('1,2'))).toBe(3);
    await staged.put('two', 'b.txt', piecesOf('other'));
    expect((await staged.list('one')).map(({ path, isDir }) => [path, isDir])).toEqual([['file-uploads/data/a.csv', false]]);
    expect(Buffer.from(await staged.read('one', 'data/a.csv')).toString()).toBe('1,2');
    await expect(staged.read('two', 'data/a.csv')).rejects.toThrow(NotThere);
  });

  it('forgets a file, or all of a session', async () => {
    await staged.put('one', 'a.txt', piecesOf('x'));
    await staged.put('one', 'b.txt', piecesOf('x'));
    await staged.remove('one', 'a.txt');
    await expect(staged.remove('one', 'a.txt')).rejects.toThrow(NotThere);
    expect(await staged.list('one')).toHaveLength(1);
    await staged.clear('one');
    await staged.clear('never-was');
    expect(await readdir(join(temporary.path, 'staged-files'))).toEqual([]);
  });

  it.each(['../one', '..', '.', '', 'a/b', '/etc', 'a\0'])('has no session %j', async id => {
    await expect((async () => staged.list(id))()).rejects.toThrow(RangeError);
    await expect((async () => staged.put(id, 'a.txt', piecesOf('x')))()).rejects.toThrow(RangeError);
  });

  it('has no way from one session to another', async () => {
    await staged.put('one', 'a.txt', piecesOf('mine'));
    await staged.put('two', 'b.txt', piecesOf('other'));
    await expect(staged.read('two', '../one/a.txt')).rejects.toThrow(PathRefused);
    await writeFile(join(temporary.path, 'secret'), 'x');
    await symlink(join(temporary.path, 'secret'), join(temporary.path, 'staged-files/one/link'));
    await expect(staged.read('one', 'link')).rejects.toThrow(NotThere);
  });
});
