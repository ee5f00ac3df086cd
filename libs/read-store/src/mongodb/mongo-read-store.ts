import { checkCollection } from '../fields.js';
import { ReadStoreUnavailable, type Collection, type DocumentSet, type ReadStore } from '../read-store.js';
import { MongoConnection } from './mongo-connection.js';
import { MongoDocumentSet } from './mongo-document-set.js';
import { MongoSets } from './mongo-sets.js';

export interface MongoReadStoreOptions {
  /** A MongoDB connection string. The path names the database; default `ambient`. The read store's collections there begin with `read.`. */
  readonly url: string;
  readonly collections: readonly Collection[];
  /** For a process that only reads: it never makes, empties or drops anything. Default false. */
  readonly readonly?: boolean;
  /**
   * How long a set that was swapped out is kept for the reads that are running, in milliseconds. Default 60,000: longer than any of them
   * takes, and than the clocks of the processes differ.
   */
  readonly keepMs?: number;
}

const KEEP_MS = 60_000;

/** The read store in a MongoDB database, which any number of processes may have open at once. */
export class MongoReadStore implements ReadStore {
  readonly live: DocumentSet;
  readonly #connection: MongoConnection;
  readonly #sets: MongoSets;
  readonly #collections: readonly Collection[];
  readonly #beside = new Map<'rebuild' | 'verify', { readonly set: MongoDocumentSet; readonly generation: string }>();

  private constructor(connection: MongoConnection, sets: MongoSets, collections: readonly Collection[]) {
    this.#connection = connection;
    this.#sets = sets;
    this.#collections = collections;
    this.live = new MongoDocumentSet(sets, 'live', collections);
  }

  /**
   * Opens the database, or makes it. When it was made for other collections than these, it is emptied, its checkpoint included.
   * A server that can't be reached does not matter yet: the first call that reaches it does the same. When another version takes the
   * database over, every later call is unavailable.
   *
   * @throws {Error} the URL is wrong
   */
  static async open(options: MongoReadStoreOptions): Promise<MongoReadStore> {
    const { url, collections, readonly = false, keepMs = KEEP_MS } = options;
    collections.forEach(checkCollection);
    const connection = new MongoConnection(url);
    const sets = new MongoSets(connection, { collections, readonly, keepMs });
    const store = new MongoReadStore(connection, sets, collections);
    try {
      await sets.read();
    } catch (error) {
      if (error instanceof ReadStoreUnavailable) return store;
      await store.close();
      throw error;
    }
    return store;
  }

  async beside(name: 'rebuild' | 'verify'): Promise<DocumentSet> {
    const generation = await this.#sets.add(name);
    const set = new MongoDocumentSet(this.#sets, name, this.#collections, generation);
    this.#forget(name);
    this.#beside.set(name, { set, generation });
    return set;
  }

  async swapIn(name: 'rebuild'): Promise<void> {
    await this.#sets.read();
    const beside = this.#beside.get(name);
    if (!beside || !(await this.#sets.promote(name, beside.generation)))
      throw new Error(`there is no document set '${name}' of this process to swap in`);
    this.#forget(name);
  }

  async drop(name: 'rebuild' | 'verify'): Promise<void> {
    await this.#sets.read();
    const beside = this.#beside.get(name);
    if (beside) await this.#sets.remove(name, beside.generation);
    this.#forget(name);
  }

  async close(): Promise<void> {
    this.#sets.close();
    await this.#connection.close();
  }

  #forget(name: 'rebuild' | 'verify'): void {
    this.#beside.get(name)?.set.retire();
    this.#beside.delete(name);
  }
}
