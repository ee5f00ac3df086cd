import { constants } from 'node:fs';
import { type FileHandle, lstat, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { codeOf, FileTooLarge, InTheWay, NotThere } from './errors.js';
import { fileNamesOf, isHidden, namesOf, PARTIAL } from './path.js';
import { enter, enterRoot, type Place, WALK } from './place.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;

/** The largest file that is read or written, bytes. */
export const MAX_FILE_BYTES = 10 * 1_048_576;
/** The most entries of one list. */
const MAX_ENTRIES = 10_000;

export interface Entry {
  readonly name: string;
  /** From the folder. */
  readonly path: string;
  readonly isDir: boolean;
  /** Bytes. */
  readonly size: number;
  /** RFC 3339. */
  readonly modifiedAt: string;
}

/**
 * The files below one folder, and nothing else, although someone may change it while we look: a path is walked from handle to handle, and
 * no link is ever followed. Paths are relative, with `/`.
 */
export class Folder {
  #inUse = 0;
  #closed = false;

  private constructor(private readonly root: Place) {}

  /** @throws NotThere where there is no folder, but perhaps a link to one */
  static async open(path: string, walk = WALK): Promise<Folder> {
    return new Folder(await enterRoot(path, walk));
  }

  /** The same, and makes it, for its owner alone, when there is nothing. */
  static async make(path: string, walk = WALK): Promise<Folder> {
    await mkdir(path, { recursive: true, mode: 0o700 });
    return Folder.open(path, walk);
  }

  /** Files and folders in a folder, by name; with `recursive` the files in those too. None where there is no such folder. */
  async list(path = '', recursive = false): Promise<Entry[]> {
    const entries: Entry[] = [];
    const add = async (place: Place, prefix: string): Promise<void> => {
      await place.check();
      const names = await readdir(place.path);
      await place.check();
      for (const name of names.toSorted()) {
        if (isHidden(name)) continue;
        if (entries.length >= MAX_ENTRIES) return;
        const entry = await entryOf(place, name, prefix);
        if (entry) entries.push(entry);
        if (entry?.isDir && recursive) await inside(place, name, inner => add(inner, `${prefix}${name}/`)).catch(unlessGone);
      }
    };
    const prefix = path === '' ? '' : `${path}/`;
    await this.within(path, place => add(place, prefix)).catch(unlessGone);
    return entries;
  }

  /** @throws NotThere, FileTooLarge, PathRefused */
  read(path: string): Promise<Buffer> {
    const { folders, name } = fileNamesOf(path);
    return this.#inFolder(folders, false, async place => {
      await place.check();
      const file = await openFile(place, name);
      try {
        await place.check();
        return await contentOf(file);
      } finally {
        await file.close();
      }
    });
  }

  /**
   * Writes a file whole or not at all, and the folders that lead to it. What was there is replaced; a link is, not what it leads to.
   * @param durable resolve only when it would survive a power cut
   * @returns its size in bytes
   * @throws FileTooLarge, InTheWay, PathRefused, or what the content throws
   */
  write(path: string, content: AsyncIterable<Uint8Array>, durable = false): Promise<number> {
    const { folders, name } = fileNamesOf(path);
    return this.#inFolder(folders, true, async place => {
      await place.check();
      const partial = place.at(PARTIAL + randomUUID());
      const file = await open(partial, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
      try {
        const size = await fill(file, content);
        if (durable) await file.sync();
        await place.check();
        await rename(partial, place.at(name)).catch(asInTheWay);
        if (durable) await place.sync();
        return size;
      } catch (error) {
        await unlink(partial).catch(() => undefined);
        throw error;
      } finally {
        await file.close();
      }
    });
  }

  /** Removes a file, a link, or a folder with all in it. @throws NotThere, PathRefused */
  remove(path: string): Promise<void> {
    const { folders, name } = fileNamesOf(path);
    return this.#inFolder(folders, false, place => removeEntry(place, name));
  }

  /** Removes all that is in the folder, git's part included. */
  clear(): Promise<void> {
    return this.within('', removeAllIn);
  }

  /** Does something in a folder, which stays the same one meanwhile. @throws NotThere, PathRefused */
  within<T>(path: string, use: (place: Place) => Promise<T>): Promise<T> {
    return this.#inFolder(namesOf(path), false, use);
  }

  /** Lets go of it, after what is being done. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#inUse === 0) await this.root.close();
  }

  async #inFolder<T>(names: readonly string[], make: boolean, use: (place: Place) => Promise<T>): Promise<T> {
    if (this.#closed) throw new NotThere('the folder is gone');
    this.#inUse++;
    try {
      const [first, ...others] = names;
      if (first === undefined) return await use(this.root);
      return await descend(this.root, first, others, make, use);
    } finally {
      this.#inUse--;
      if (this.#closed && this.#inUse === 0) await this.root.close();
    }
  }
}

/** Removes a folder with all in it, when it is there. */
export async function removeFolder(path: string): Promise<void> {
  const folder = await Folder.open(path).catch(unlessGone);
  if (!folder) return;
  try {
    await folder.clear();
  } finally {
    await folder.close();
  }
  await rmdir(path).catch(unlessGone);
}

function descend<T>(
  parent: Place,
  first: string,
  others: readonly string[],
  make: boolean,
  use: (place: Place) => Promise<T>,
): Promise<T> {
  const [second, ...rest] = others;
  return inside(parent, first, place => (second === undefined ? use(place) : descend(place, second, rest, make, use)), make);
}

async function inside<T>(parent: Place, name: string, use: (place: Place) => Promise<T>, make = false): Promise<T> {
  const place = await enter(parent, name, make);
  try {
    return await use(place);
  } finally {
    await place.close();
  }
}

async function entryOf(place: Place, name: string, prefix: string): Promise<Entry | undefined> {
  const found = await lstat(place.at(name)).catch(unlessGone);
  if (!found || !(found.isFile() || found.isDirectory())) return undefined;
  const isDir = found.isDirectory();
  return { name, path: prefix + name, isDir, size: isDir ? 0 : found.size, modifiedAt: found.mtime.toISOString() };
}

/** Without blocking: who opens a pipe waits for its other end. */
async function openFile(place: Place, name: string): Promise<FileHandle> {
  try {
    return await open(place.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (['ENOENT', 'ELOOP', 'ENOTDIR', 'ENXIO', 'EMLINK'].includes(codeOf(error) ?? ''))
      throw new NotThere('there is no such file');
    throw error;
  }
}

/** A file may grow while it is read, so what it says of its size is believed only so far. */
async function contentOf(file: FileHandle): Promise<Buffer> {
  const { size, isFile } = await file.stat().then(stat => ({ size: stat.size, isFile: stat.isFile() }));
  if (!isFile) throw new NotThere('there is no such file');
  if (size > MAX_FILE_BYTES) throw tooLarge();
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of file.createReadStream({ autoClose: false }) as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > MAX_FILE_BYTES) throw tooLarge();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

async function fill(file: FileHandle, content: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const piece of content) {
    size += piece.length;
    if (size > MAX_FILE_BYTES) throw tooLarge();
    await file.appendFile(piece);
  }
  return size;
}

async function removeEntry(place: Place, name: string): Promise<void> {
  await place.check();
  const found = await lstat(place.at(name)).catch(unlessGone);
  if (!found) throw new NotThere('there is no such file');
  if (!found.isDirectory()) return unlink(place.at(name)).catch(unlessGone);
  await inside(place, name, removeAllIn);
  await place.check();
  await rmdir(place.at(name)).catch(unlessGone);
}

async function removeAllIn(place: Place): Promise<void> {
  await place.check();
  for (const name of await readdir(place.path)) await removeEntry(place, name).catch(unlessGone);
}

function unlessGone(error: unknown): undefined {
  if (error instanceof NotThere || codeOf(error) === 'ENOENT') return undefined;
  throw error;
}

function asInTheWay(error: unknown): never {
  if (['EISDIR', 'ENOTDIR', 'EEXIST', 'ENOTEMPTY'].includes(codeOf(error) ?? ''))
    throw new InTheWay('there is a folder at this path');
  throw error;
}

const tooLarge = (): FileTooLarge => new FileTooLarge(`a file must not be larger than ${MAX_FILE_BYTES} bytes`);
