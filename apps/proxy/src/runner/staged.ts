/** Files for a session that has no runner: they wait for its next start. */
import type { ServerResponse } from 'node:http';
import { isActive } from '#contracts';
import { FileTooLarge, InTheWay, NotThere, PathRefused, UPLOADS, type StagedFiles } from '#runtime';
import type { Admitted } from '../door.js';
import { Problem } from '../problem.js';
import { answerJson } from './answers.js';
import type { SessionPlace, Sessions } from './sessions.js';

export async function answerStaged(
  passage: Admitted,
  session: SessionPlace,
  staged: StagedFiles | undefined,
  sessions: Sessions,
): Promise<void> {
  const { method, response, parameters } = passage;
  if (method === 'GET') return answerJson(passage, { files: (await staged?.list(session.id)) ?? [] });
  if (!staged) throw new Problem(503, 'no store of staged files is configured: STAGED_FILES_DIR is not set');
  const { path = '' } = parameters;
  try {
    if (method === 'DELETE') await remove(passage, staged, session, path);
    else await put(passage, staged, session, path, sessions);
  } catch (error) {
    // Who left in the middle of a file hears no more of it, and it was not kept.
    if (!isGone(response)) throw problemOf(error);
  }
}

async function remove(passage: Admitted, staged: StagedFiles, session: SessionPlace, path: string): Promise<void> {
  await staged.remove(session.id, path);
  passage.response.writeHead(204, passage.ownHeaders).end();
}

async function put(
  passage: Admitted,
  staged: StagedFiles,
  session: SessionPlace,
  path: string,
  sessions: Sessions,
): Promise<void> {
  const size = await staged.put(session.id, path, bodyOf(passage));
  const now = await sessions.sessionOf(session.id);
  // Its runner may have taken what was there before.
  if (now && isActive(now.phase)) throw new Problem(6, 'the session was started meanwhile: send the file again');
  answerJson(passage, { path: `${UPLOADS}/${path}`, size });
}

/** The body, counted for the audit. One that is not read to its end does not take the connection with it: there is an answer to come. */
async function* bodyOf(passage: Admitted): AsyncGenerator<Uint8Array> {
  const counted = { bytesIn: 0, bytesOut: 0 };
  passage.relay = counted;
  for await (const piece of passage.request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    counted.bytesIn += piece.length;
    yield piece;
  }
}

const isGone = (response: ServerResponse): boolean => response.destroyed || response.socket === null;

function problemOf(error: unknown): unknown {
  if (error instanceof PathRefused) return new Problem(21, error.message);
  if (error instanceof NotThere) return new Problem(7, error.message);
  if (error instanceof InTheWay) return new Problem(6, error.message);
  if (error instanceof FileTooLarge) return new Problem(413, error.message);
  return error;
}
