import type { Entry } from '../folder/index.js';

/** Where a session finds, below its working folder, the files that were given to it. */
export const UPLOADS = 'file-uploads';

/**
 * Files that are given to a session before it starts: they wait for its runner. Paths are relative to `file-uploads/`, with `/`; a path that
 * is none, and a file larger than 10 MiB, are refused with the errors of a folder.
 */
export interface StagedFiles {
  /** All of a session's, and no folders, as its runner would list them: with `file-uploads/` before the path. */
  list(sessionId: string): Promise<readonly Entry[]>;
  /** @throws NotThere */
  read(sessionId: string, path: string): Promise<Uint8Array>;
  /** Whole or not at all, and durable when it resolves. @returns bytes */
  put(sessionId: string, path: string, content: AsyncIterable<Uint8Array>): Promise<number>;
  /** @throws NotThere */
  remove(sessionId: string, path: string): Promise<void>;
  /** Forgets all of a session's. */
  clear(sessionId: string): Promise<void>;
}

/** Session ids are file names too. What is not like one of ours names no folder. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;

/** The id as the name of a folder. @throws RangeError when it is none of ours */
export function folderNameOf(sessionId: string): string {
  if (!SESSION_ID.test(sessionId)) throw new RangeError('a session id must consist of letters and digits');
  return sessionId;
}
