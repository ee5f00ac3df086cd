import { join } from 'node:path';
import { Folder, removeFolder } from './folder/index.js';
import { folderNameOf, type StagedFiles, UPLOADS } from './staged-files/index.js';

/** The folders that sessions work in, one for each; a session that is started again finds what it left. */
export class WorkFolders {
  constructor(
    private readonly root: string,
    private readonly staged: StagedFiles | undefined,
  ) {}

  pathOf(sessionId: string): string {
    return join(this.root, folderNameOf(sessionId));
  }

  /** The folder of a session that starts, with the files in it that were staged for it. */
  async open(sessionId: string): Promise<Folder> {
    const folder = await Folder.make(this.pathOf(sessionId));
    try {
      await this.#handOver(sessionId, folder);
      return folder;
    } catch (error) {
      await folder.close();
      throw error;
    }
  }

  /** Removes the folder, and what was staged. */
  async remove(sessionId: string): Promise<void> {
    await this.staged?.clear(sessionId);
    await removeFolder(this.pathOf(sessionId));
  }

  async #handOver(sessionId: string, folder: Folder): Promise<void> {
    const { staged } = this;
    if (!staged) return;
    for (const { path } of await staged.list(sessionId)) {
      const content = await staged.read(sessionId, path.slice(UPLOADS.length + 1));
      await folder.write(path, one(content));
    }
  }
}

async function* one(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
