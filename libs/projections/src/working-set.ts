import { categoryOf, idOf, type Occurred } from '#contracts';
import type { Document, DocumentSet, DocumentUpdate, Position } from '#read-store';
import { isAfter, type DocumentKind, type DocumentKinds, type Target } from './documents.js';
import { linkedDocuments, namedDocuments, project, type Documents } from './routing.js';

type AnyDocument = DocumentKinds[DocumentKind];

/** A document in memory; it is of its collection's kind. */
interface Entry extends Target {
  /** Position of the document in the store: the guard. */
  readonly stored: Position | undefined;
  position: Position | undefined;
  document: AnyDocument | undefined;
}

/** The documents that a batch of events concerns: loaded once, changed in memory, written in one go. */
export class WorkingSet implements Documents {
  readonly #collections = new Map<DocumentKind, Map<string, Entry>>();
  /** What the event at hand wants: nothing of it holds unless all of it succeeds. */
  readonly #staged = new Map<Entry, AnyDocument>();
  #at: Position = '';

  private constructor(private readonly set: DocumentSet) {}

  /** One `get` for each collection concerned. Sessions come first: what else follows one is known by its document. */
  static async load(set: DocumentSet, events: readonly Occurred[]): Promise<WorkingSet> {
    const working = new WorkingSet(set);
    const named = events.flatMap(namedDocuments);
    await working.#add(named.filter(({ collection }) => collection === 'sessions'));
    const moved = events.filter(({ stream }) => categoryOf(stream) === 'session').map(({ stream }) => idOf(stream));
    const linked = moved.flatMap(id => linkedDocuments(working.get('sessions', id)?.state ?? {}));
    await working.#add([...named, ...linked]);
    return working;
  }

  /** Folds an event into its documents. When that throws, they stay as they were. */
  fold(event: Occurred): void {
    this.#staged.clear();
    this.#at = event.position;
    project(event, this);
    for (const [entry, document] of this.#staged) {
      entry.document = document;
      entry.position = event.position;
    }
  }

  get<K extends DocumentKind>(collection: K, id: string): DocumentKinds[K] | undefined {
    return this.#document(this.#entry(collection, id)) as DocumentKinds[K] | undefined;
  }

  change<K extends DocumentKind>(
    collection: K,
    id: string,
    after: (before: DocumentKinds[K] | undefined) => DocumentKinds[K],
  ): void {
    const entry = this.#entry(collection, id);
    if (!isAfter(this.#at, entry.position)) return;
    const before = this.#document(entry) as DocumentKinds[K] | undefined;
    const document = after(before);
    if (document !== before) this.#staged.set(entry, document);
  }

  /**
   * What has to be written, sessions last: runs are folded from them. Where a store without transactions is cut off in the middle, the runs
   * are then ahead and skip what they have seen, and no run is folded from a session that is ahead of it.
   */
  updates(): DocumentUpdate[] {
    const updates: DocumentUpdate[] = [];
    for (const { collection, id, stored, position, document } of this.#entriesToWrite()) {
      if (!document || position === undefined || position === stored) continue;
      updates.push({
        collection,
        id,
        expected: stored,
        position,
        body: asRecord(document.body),
        state: asRecord(document.state),
      });
    }
    return updates;
  }

  #entriesToWrite(): Entry[] {
    const entries = [...this.#collections.values()].flatMap(ofCollection => [...ofCollection.values()]);
    const isSession = ({ collection }: Entry): boolean => collection === 'sessions';
    return [...entries.filter(entry => !isSession(entry)), ...entries.filter(isSession)];
  }

  #document(entry: Entry): AnyDocument | undefined {
    return this.#staged.get(entry) ?? entry.document;
  }

  #entry(collection: DocumentKind, id: string): Entry {
    const entry = this.#collections.get(collection)?.get(id);
    if (!entry) throw new Error(`document ${id} of ${collection} is concerned and was not loaded`);
    return entry;
  }

  async #add(targets: readonly Target[]): Promise<void> {
    const wanted = new Map<DocumentKind, Set<string>>();
    for (const { collection, id } of targets) {
      if (this.#collections.get(collection)?.has(id)) continue;
      wanted.set(collection, (wanted.get(collection) ?? new Set()).add(id));
    }
    for (const [collection, ids] of wanted) {
      const entries = this.#collections.get(collection) ?? new Map<string, Entry>();
      this.#collections.set(collection, entries);
      for (const id of ids) entries.set(id, { collection, id, stored: undefined, position: undefined, document: undefined });
      for (const stored of await this.set.get(collection, [...ids])) entries.set(stored.id, entryOf(collection, stored));
    }
  }
}

function entryOf(collection: DocumentKind, { id, position, json, state }: Document): Entry {
  const body: unknown = json === undefined ? undefined : JSON.parse(json);
  return { collection, id, stored: position, position, document: { body, state: JSON.parse(state) } as AnyDocument };
}

const asRecord = <T extends object | undefined>(value: T) => value as T & Readonly<Record<string, unknown>>;
