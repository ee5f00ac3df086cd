import { checkQuery } from '../fields.js';
import type { Collection, Document, DocumentSet, DocumentUpdate, Page, Position, Query } from '../read-store.js';
import { MongoEncoder, type MongoDocuments, type Write } from './mongo-documents.js';
import type { MongoSets, SetName } from './mongo-sets.js';

/**
 * A set of documents by its name. Which generation that is, every call asks the sets document: a swap holds at once in every process.
 * Reads ask at the same time as they read what the name stood for before, so that this costs no time.
 */
export class MongoDocumentSet implements DocumentSet {
  readonly name: SetName;
  readonly #sets: MongoSets;
  readonly #collections: ReadonlyMap<string, { readonly collection: Collection; readonly encoder: MongoEncoder }>;
  #generation: string | undefined;
  #gone = false;

  /** @param generation as it is known; of the live set it need not be. */
  constructor(sets: MongoSets, name: SetName, collections: readonly Collection[], generation?: string) {
    this.name = name;
    this.#sets = sets;
    this.#generation = generation;
    this.#collections = new Map(
      collections.map(collection => [collection.name, { collection, encoder: new MongoEncoder(collection) }]),
    );
  }

  async get(collection: string, ids: readonly string[]): Promise<Document[]> {
    return this.#read(collection, documents => documents.get([...new Set(ids)]));
  }

  async find(query: Query): Promise<Page> {
    checkQuery(this.#collection(query.collection).collection, query);
    return this.#read(query.collection, documents => documents.find(query));
  }

  async *scan(collection: string): AsyncGenerator<readonly Document[]> {
    let after: string | undefined;
    for (;;) {
      const page = await this.#read(collection, documents => documents.scanPage(after));
      if (page.documents.length > 0) yield page.documents;
      if (page.isLast) return;
      after = page.documents.at(-1)?.id;
    }
  }

  /**
   * Document by document, each with its guard; collection by collection, in the order of their first update; the checkpoint last. What is
   * cut off in the middle has written some of the documents and has not moved the checkpoint.
   */
  async apply(updates: readonly DocumentUpdate[], checkpoint: Position): Promise<readonly DocumentUpdate[]> {
    this.#requirePresent();
    const writes = updates.map(update => this.#collection(update.collection).encoder.encode(update));
    for (;;) {
      const generation = this.#generation ?? (await this.#current());
      const refused = await this.#write(generation, writes);
      if (await this.#sets.moveCheckpoint(this.name, generation, checkpoint))
        return writes.filter(write => refused.has(write)).map(({ update }) => update);
      // The set was swapped meanwhile: none of this is in the one that is live.
      await this.#current();
    }
  }

  async checkpoint(): Promise<Position | undefined> {
    this.#requirePresent();
    const sets = await this.#sets.read();
    this.#learn(sets[this.name]?.generation);
    return sets[this.name]?.checkpoint;
  }

  /** The set was dropped, swapped in or made anew. */
  retire(): void {
    this.#gone = true;
  }

  async #read<T>(collection: string, work: (documents: MongoDocuments) => Promise<T>): Promise<T> {
    this.#collection(collection);
    const guess = this.#generation;
    const attempt = guess === undefined ? undefined : work(this.#sets.documents(guess, collection));
    // It is looked at below, if it counts.
    attempt?.catch(() => undefined);
    const generation = await this.#current();
    return attempt && generation === guess ? attempt : work(this.#sets.documents(generation, collection));
  }

  async #write(generation: string, writes: readonly Write[]): Promise<ReadonlySet<Write>> {
    const refused: Write[] = [];
    for (const [collection, ofCollection] of Map.groupBy(writes, ({ update }) => update.collection)) {
      const documents = this.#sets.documents(generation, collection);
      for (const round of rounds(ofCollection)) refused.push(...(await documents.write(round)));
    }
    return new Set(refused);
  }

  async #current(): Promise<string> {
    const sets = await this.#sets.read();
    return this.#learn(sets[this.name]?.generation);
  }

  /** What generation the name stands for now. A set beside the live one is that of its generation, or it is gone. */
  #learn(generation: string | undefined): string {
    if (generation === undefined || (this.name !== 'live' && generation !== this.#generation)) {
      this.retire();
      throw this.#goneError();
    }
    this.#generation = generation;
    return generation;
  }

  #collection(name: string): { readonly collection: Collection; readonly encoder: MongoEncoder } {
    this.#requirePresent();
    const found = this.#collections.get(name);
    if (found === undefined) throw new Error(`no collection '${name}' in the read store`);
    return found;
  }

  #requirePresent(): void {
    if (this.#gone) throw this.#goneError();
  }

  #goneError(): Error {
    return new Error(`this document set '${this.name}' was dropped, swapped in or made anew`);
  }
}

/** The writes in their order, parted so that no part has two of one document: one command is in no order. */
function rounds(writes: readonly Write[]): Write[][] {
  const parts: Write[][] = [];
  const seen = new Map<string, number>();
  for (const write of writes) {
    const part = seen.get(write.update.id) ?? 0;
    seen.set(write.update.id, part + 1);
    (parts[part] ??= []).push(write);
  }
  return parts;
}
