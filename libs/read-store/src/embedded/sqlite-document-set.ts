import type { Collection, Document, DocumentSet, DocumentUpdate, Page, Position, Query } from '../read-store.js';
import type { SqliteConnection } from './sqlite-connection.js';
import { SqliteTable } from './sqlite-table.js';

export type SetName = 'live' | 'rebuild' | 'verify';

/** A set is a table per collection, named after both, and a row in `checkpoints` once it has seen something. */
export class SqliteDocumentSet implements DocumentSet {
  readonly name: SetName;
  readonly #connection: SqliteConnection;
  readonly #tables: ReadonlyMap<string, SqliteTable>;
  #gone = false;

  constructor(connection: SqliteConnection, name: SetName, collections: readonly Collection[]) {
    this.name = name;
    this.#connection = connection;
    this.#tables = new Map(collections.map(collection => [collection.name, new SqliteTable(connection, name, collection)]));
  }

  async get(collection: string, ids: readonly string[]): Promise<Document[]> {
    const table = this.#table(collection);
    const distinct = [...new Set(ids)];
    // A single statement is a transaction by itself.
    if (distinct.length <= 1) return this.#connection.guard(() => distinct.flatMap(id => table.get(id)));
    return this.#connection.read(() => distinct.flatMap(id => table.get(id)));
  }

  async find(query: Query): Promise<Page> {
    const table = this.#table(query.collection);
    return this.#connection.read(() => table.find(query));
  }

  async *scan(collection: string): AsyncGenerator<readonly Document[]> {
    let after: string | undefined;
    for (;;) {
      const table = this.#table(collection);
      const page = this.#connection.guard(() => table.scanPage(after));
      const last = page.at(-1);
      if (last === undefined) return;
      yield page;
      after = last.id;
    }
  }

  async apply(updates: readonly DocumentUpdate[], checkpoint: Position): Promise<readonly DocumentUpdate[]> {
    this.#requirePresent();
    return this.#connection.write(() => {
      const refused = updates.filter(update => !this.#table(update.collection).write(update));
      this.#connection.change(
        `INSERT INTO checkpoints (set_name, position) VALUES (?, ?)
         ON CONFLICT (set_name) DO UPDATE SET position = excluded.position WHERE excluded.position > position`,
        this.name,
        checkpoint,
      );
      return refused;
    });
  }

  async checkpoint(): Promise<Position | undefined> {
    this.#requirePresent();
    const [row] = this.#connection.guard(() =>
      this.#connection.rows('SELECT position FROM checkpoints WHERE set_name = ?', this.name),
    );
    return row && String(row[0]);
  }

  /** Makes the tables, inside the caller's transaction. */
  create(): void {
    for (const table of this.#tables.values()) table.create();
  }

  /** The set was dropped, swapped in or made anew: whoever still holds this one must not touch another by its name. */
  retire(): void {
    this.#gone = true;
  }

  #table(collection: string): SqliteTable {
    this.#requirePresent();
    const table = this.#tables.get(collection);
    if (table === undefined) throw new Error(`no collection '${collection}' in the read store`);
    return table;
  }

  #requirePresent(): void {
    if (this.#gone) throw new Error(`this document set '${this.name}' was dropped, swapped in or made anew`);
  }
}
