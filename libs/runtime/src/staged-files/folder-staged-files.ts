import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entry, Folder, NotThere, removeFolder } from '../folder/index.js';
import { folderNameOf, type StagedFiles, UPLOADS } from './staged-files.js';

/** Staged files in a folder for each session. Proxy and runtime share it. */
export class FolderStagedFiles implements StagedFiles {
  constructor(private readonly root: string) {}

  async list(sessionId: string): Promise<readonly Entry[]> {
    const entries = await this.#in(sessionId, folder => folder.list('', true)).catch(noneIfNotThere);
    return entries.filter(({ isDir }) => !isDir).map(entry => ({ ...entry, path: `${UPLOADS}/${entry.path}` }));
  }

  read(sessionId: string, path: string): Promise<Uint8Array> {
    return this.#in(sessionId, folder => folder.read(path));
  }

  async put(sessionId: string, path: string, content: AsyncIterable<Uint8Array>): Promise<number> {
    await mkdir(this.#pathOf(sessionId), { recursive: true, mode: 0o700 });
    return this.#in(sessionId, folder => folder.write(path, content, true));
  }

  remove(sessionId: string, path: string): Promise<void> {
    return this.#in(sessionId, folder => folder.remove(path));
  }

  clear(sessionId: string): Promise<void> {
    return removeFolder(this.#pathOf(sessionId));
  }

  async #in<T>(sessionId: string, use: (folder: Folder) => Promise<T>): Promise<T> {
    const folder = await Folder.open(this.#pathOf(sessionId));
    try {
      return await use(folder);
    } finally {
      await folder.close();
    }
  }

  #pathOf(sessionId: string): string {
    return join(this.root, folderNameOf(sessionId));
  }
}

function noneIfNotThere(error: unknown): Entry[] {
  if (error instanceof NotThere) return [];
  throw error;
}
