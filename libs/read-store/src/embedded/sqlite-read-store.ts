import { checkCollection } from '../fields.js';
import type { Collection, DocumentSet, ReadStore } from '../read-store.js';
import { SqliteConnection } from './sqlite-connection.js';
import { SqliteDocumentSet } from './sqlite-document-set.js';
import { dropSet, establish, promoteSet, requireEstablished } from './sqlite-schema.js';

export interface SqliteReadStoreOptions {
  /** The file; its folder must exist. It may be deleted at any time while no process has it open. */
  readonly path: string;
  readonly collections: readonly Collection[];
  /** For a process that only reads. The file must exist already. Default false. */
  readonly readonly?: boolean;
  /** How long to wait for another connection's write before the answer is ReadStoreUnavailable, in milliseconds. Default 5000. */
  readonly busyTimeout?: number;
}

/**
 * The embedded read store: one SQLite file, which any number of connections of any process may have open at once. A call runs on the
 * calling thread and is done when it returns its promise.
 */
export class SqliteReadStore implements ReadStore {
  readonly live: DocumentSet;
  readonly #connection: SqliteConnection;
  readonly #collections: readonly Collection[];
  readonly #beside = new Map<'rebuild' | 'verify', SqliteDocumentSet>();

  private constructor(connection: SqliteConnection, live: DocumentSet, collections: readonly Collection[]) {
    this.#connection = connection;
    this.#collections = collections;
    this.live = live;
  }

  /**
   * Opens the file, or makes it. When it was made for other collections than these, it is emptied, its checkpoint included.
   *
   * @throws {ReadStoreUnavailable} when it can't be opened; a damaged file can be deleted, as the message says.
   */
  static async open(options: SqliteReadStoreOptions): Promise<SqliteReadStore> {
    const { path, collections, readonly = false, busyTimeout = 5000 } = options;
    collections.forEach(checkCollection);
    const connection = new SqliteConnection({ path, readonly, busyTimeout });
    try {
      const live = new SqliteDocumentSet(connection, 'live', collections);
      if (readonly) requireEstablished(connection, collections);
      else establish(connection, live, collections);
      return new SqliteReadStore(connection, live, collections);
    } catch (error) {
      connection.close();
      throw error;
    }
  }

  async beside(name: 'rebuild' | 'verify'): Promise<DocumentSet> {
    const set = new SqliteDocumentSet(this.#connection, name, this.#collections);
    this.#connection.write(() => {
      dropSet(this.#connection, name);
      set.create();
    });
    this.#beside.get(name)?.retire();
    this.#beside.set(name, set);
    return set;
  }

  async swapIn(name: 'rebuild'): Promise<void> {
    this.#connection.write(() => promoteSet(this.#connection, name));
    this.#forget(name);
  }

  async drop(name: 'rebuild' | 'verify'): Promise<void> {
    this.#connection.write(() => dropSet(this.#connection, name));
    this.#forget(name);
  }

  async close(): Promise<void> {
    this.#connection.close();
  }

  #forget(name: 'rebuild' | 'verify'): void {
    this.#beside.get(name)?.retire();
    this.#beside.delete(name);
  }
}
