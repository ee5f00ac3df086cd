/** A folder by its handle: whatever is renamed or linked in its place meanwhile, it stays the folder that it was. */
import { constants, existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, InTheWay, NotThere } from './errors.js';

const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

const HANDLES = `/proc/${process.pid}/fd`;

/**
 * Linux has paths that begin at an open folder, which is what openat(2) is elsewhere; Node has no openat. Without them the path from the root
 * is looked at before and after each step, which finds what is there to stay, not who changes it back in between.
 */
export type Walk = 'by handle' | 'by path';
export const WALK: Walk = existsSync(HANDLES) ? 'by handle' : 'by path';

export interface Place {
  readonly walk: Walk;
  /** Leads to the folder while the place is open, also in a child process. */
  readonly path: string;
  /** Leads to the entry of that name. Only for calls that do not follow a link at its end. */
  at(name: string): string;
  /** Rejects when the folder is not where it was any more. For systems without paths that begin at a handle, before and after a use. */
  check(): Promise<void>;
  /** Puts what was made in it on the disk. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** @throws NotThere where there is no folder, but perhaps a link to one */
export async function enterRoot(path: string, walk: Walk): Promise<Place> {
  return placeOf(await openFolder(path), walk === 'by handle' ? path : await realpath(path), walk);
}

/** The folder of that name in a place. With `make` it is made when there is nothing. */
export async function enter(parent: Place, name: string, make: boolean): Promise<Place> {
  const path = parent.at(name);
  await parent.check();
  if (make) await mkdir(path, { mode: 0o700 }).catch(unlessThere);
  const place = placeOf(await openFolder(path, make), path, parent.walk);
  try {
    await place.check();
    return place;
  } catch (error) {
    await place.close();
    throw error;
  }
}

async function openFolder(path: string, making = false): Promise<FileHandle> {
  try {
    return await open(path, FOLDER);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || (!making && (code === 'ENOTDIR' || code === 'ELOOP'))) throw new NotThere('there is no such folder');
    if (code === 'ENOTDIR' || code === 'ELOOP') throw new InTheWay('a part of the path is something else than a folder');
    throw error;
  }
}

function placeOf(handle: FileHandle, path: string, walk: Walk): Place {
  const own = walk === 'by handle' ? `${HANDLES}/${handle.fd}` : path;
  return {
    walk,
    path: own,
    at: name => join(own, name),
    check: walk === 'by handle' ? async () => {} : () => demandUnmoved(handle, path),
    sync: () => handle.sync(),
    close: () => handle.close(),
  };
}

/** No part of the path has become a link, and it still leads to the folder that was opened. */
async function demandUnmoved(handle: FileHandle, path: string): Promise<void> {
  const real = await realpath(path).catch(() => undefined);
  if (real !== path) throw new NotThere('there is no such folder');
  const again = await openFolder(path);
  try {
    const [was, is] = await Promise.all([handle.stat(), again.stat()]);
    if (was.ino !== is.ino || was.dev !== is.dev) throw new NotThere('there is no such folder');
  } finally {
    await again.close();
  }
}

function unlessThere(error: unknown): void {
  if (codeOf(error) !== 'EEXIST') throw error;
}
