import type { EventMetadata } from '#contracts';
import type { RecordedEvent } from '#event-store';
import type { DocumentSet, DocumentUpdate, Position } from '#read-store';
import { parkedEvents } from './collections.js';
import type { ParkedEvent } from './documents.js';

/** An event that no projection can make anything of. A rebuild stops at it. */
export class PoisonEvent extends Error {
  override readonly name = 'PoisonEvent';

  constructor(
    readonly stream: string,
    readonly revision: number,
    readonly reason: string,
  ) {
    super(`event ${revision} of ${stream} can't be projected: ${reason}`);
  }
}

/** Why an event is parked, after how many attempts. */
export interface Failure {
  readonly error: string;
  readonly attempts: number;
}

/** Of the events behind a poison event in its stream: they were not tried, so that its documents leave out no event. */
export const WAITING: Failure = { error: 'an earlier event of this stream is parked', attempts: 0 };

/** By stream: the position of its poison event. Everything of the stream from there on is parked. */
export type BlockedStreams = ReadonlyMap<string, Position>;

/** The event, as it is parked. */
export function parkedEvent(
  { position, stream, revision, type, id, metadata }: RecordedEvent,
  { error, attempts }: Failure,
): ParkedEvent {
  const occurred_at = occurredAt(metadata);
  return {
    id: position,
    kind: 'ParkedEvent',
    stream,
    revision,
    type,
    event_id: id,
    error,
    attempts,
    ...(occurred_at === undefined ? {} : { occurred_at }),
  };
}

export const parkedUpdate = (parked: ParkedEvent): DocumentUpdate => ({
  collection: parkedEvents.name,
  id: parked.id,
  expected: undefined,
  position: parked.id,
  body: { ...parked },
});

/** The streams that stand still, as the set tells it. */
export async function blockedStreams(set: DocumentSet): Promise<BlockedStreams> {
  const { documents } = await set.find({
    collection: parkedEvents.name,
    filter: { kind: 'compare', field: 'attempts', operator: 'gt', value: 0 },
    orderBy: [],
    offset: 0,
    limit: MOST_STREAMS,
  });
  const poison = documents.map(({ json }) => JSON.parse(json ?? '{}') as ParkedEvent);
  return new Map(poison.map(({ stream, id }) => [stream, id]));
}

/** More streams with a poison event than this, and the program is at fault, not the events. */
const MOST_STREAMS = 1_000_000;

/** Number of events parked in a set. */
export async function countParked(set: DocumentSet): Promise<number> {
  return (await set.find({ collection: parkedEvents.name, orderBy: [], offset: 0, limit: 0 })).total;
}

/** Undefined when the metadata can't be read: it may be the very reason why the event is parked. */
function occurredAt(metadata: string): string | undefined {
  try {
    const { occurred_at } = JSON.parse(metadata) as Partial<EventMetadata>;
    return typeof occurred_at === 'string' && !Number.isNaN(Date.parse(occurred_at))
      ? new Date(occurred_at).toISOString()
      : undefined;
  } catch {
    return undefined;
  }
}
