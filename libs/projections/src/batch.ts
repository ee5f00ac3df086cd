import type { Occurred } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { decode } from '#journal';
import type { DocumentSet, DocumentUpdate, Position } from '#read-store';
import { parkedEvents } from './collections.js';
import type { ParkedEvent } from './documents.js';
import { parkedEvent, parkedUpdate, WAITING, type BlockedStreams, type Failure } from './parked.js';
import { isProjected, namedDocuments } from './routing.js';
import { WorkingSet } from './working-set.js';

/** What is known of poison before a batch is folded. */
export interface Poison {
  readonly blocked: BlockedStreams;
  /** By position: events whose documents the read store refused. */
  readonly refused: ReadonlyMap<Position, Failure>;
}

/** What a batch of events makes of the documents. */
export interface FoldedBatch {
  readonly updates: readonly DocumentUpdate[];
  /** Events parked by this batch that were not parked before. */
  readonly parked: readonly ParkedEvent[];
  readonly blocked: BlockedStreams;
}

type Readable = { readonly recorded: RecordedEvent } & ({ readonly event: Occurred } | { readonly failure: Failure });

/** Loads what the events concern, and folds them into it in their order. */
export async function foldBatch(set: DocumentSet, events: readonly RecordedEvent[], poison: Poison): Promise<FoldedBatch> {
  const blocked = new Map(poison.blocked);
  const isBlocked = ({ stream, position }: RecordedEvent): boolean => {
    const first = blocked.get(stream);
    return first !== undefined && position >= first;
  };
  const concerned = events.filter(({ stream }) => isProjected(stream));
  const known = await parkedAmong(set, concerned.filter(isBlocked));
  const readable = concerned.map(recorded =>
    isBlocked(recorded) ? { recorded, failure: WAITING } : read(recorded, poison.refused),
  );
  const documents = await WorkingSet.load(
    set,
    readable.flatMap(entry => ('event' in entry ? [entry.event] : [])),
  );

  const parked: ParkedEvent[] = [];
  for (const entry of readable) {
    const { recorded } = entry;
    const failure = isBlocked(recorded) ? WAITING : 'event' in entry ? attempt(documents, entry.event) : entry.failure;
    if (!failure) continue;
    if (!isBlocked(recorded)) blocked.set(recorded.stream, recorded.position);
    if (!known.has(recorded.position)) parked.push(parkedEvent(recorded, failure));
  }
  return { updates: [...documents.updates(), ...parked.map(parkedUpdate)], parked, blocked };
}

function read(recorded: RecordedEvent, refused: Poison['refused']): Readable {
  const failure = refused.get(recorded.position);
  if (failure) return { recorded, failure };
  try {
    const event = decode(recorded);
    const nameless = namedDocuments(event).find(({ id }) => typeof id !== 'string');
    if (nameless) throw new TypeError(`its payload does not name the document of ${nameless.collection} that it concerns`);
    return { recorded, event };
  } catch (error) {
    return { recorded, failure: failureOf(error) };
  }
}

/** Folding is a pure function: what fails once would fail again. */
function attempt(documents: WorkingSet, event: Occurred): Failure | undefined {
  try {
    documents.fold(event);
    return undefined;
  } catch (error) {
    return failureOf(error);
  }
}

const failureOf = (error: unknown): Failure => ({ error: error instanceof Error ? error.message : String(error), attempts: 1 });

/** Positions of those of the events that are parked already: the log delivers them again after a restart. */
async function parkedAmong(set: DocumentSet, events: readonly RecordedEvent[]): Promise<ReadonlySet<Position>> {
  if (events.length === 0) return new Set();
  const documents = await set.get(
    parkedEvents.name,
    events.map(({ position }) => position),
  );
  return new Set(documents.map(({ id }) => id));
}
