/**
 * How far a set has come, as a document of its own, guarded like any other. A set's checkpoint may run ahead of what is really in its
 * documents (another projector wrote meanwhile, or the set was swapped for a rebuilt one); this position moves only from where its writer
 * believes it is. So it says where to go on, and whether anybody else has been there.
 */
import type { DocumentSet, DocumentUpdate, Position } from '#read-store';
import { progress } from './collections.js';

const ID = 'position';

/** Every event up to here is in the set's documents. */
export async function progressOf(set: DocumentSet): Promise<Position | undefined> {
  const [document] = await set.get(progress.name, [ID]);
  return document?.position;
}

export const progressUpdate = (expected: Position | undefined, position: Position): DocumentUpdate => ({
  collection: progress.name,
  id: ID,
  expected,
  position,
  body: undefined,
});

export const isProgress = ({ collection }: DocumentUpdate): boolean => collection === progress.name;
