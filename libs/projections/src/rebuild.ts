import type { EventStore } from '#event-store';
import type { Position, ReadStore } from '#read-store';
import { isAfter } from './documents.js';
import { Projector } from './projector.js';

export interface RebuildOptions {
  readonly onProgress?: (position: Position) => void;
}

/** Events at once: a set that no one reads yet need not be fresh. */
export const REBUILD_BATCH = 5000;

/**
 * Builds all documents again from the log, beside the live ones, swaps them in, and brings them up to the head. Reads go on, and so may
 * a projector: it finds the swapped set where it stands. Between the swap and the end, lists may lack what was appended in those
 * milliseconds. Answers the position reached.
 * @throws {PoisonEvent} at an event that can't be projected; the live documents stay as they were
 */
export async function rebuild(events: EventStore, reads: ReadStore, options: RebuildOptions = {}): Promise<Position | undefined> {
  const set = await reads.beside('rebuild');
  const builder = new Projector(events, set, { ...options, poison: 'stop', batchSize: REBUILD_BATCH });
  try {
    await builder.catchUp();
    const live = await reads.live.checkpoint();
    if (live !== undefined && isAfter(live, builder.position)) await builder.catchUp();
    await reads.swapIn('rebuild');
  } catch (error) {
    await reads.drop('rebuild');
    throw error;
  }
  const rest = new Projector(events, reads.live, { ...options, poison: 'park' });
  await rest.catchUp();
  return rest.position;
}
