import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { checkQuery, fieldReader } from '../fields.js';
import type { Collection, Document, DocumentUpdate, FieldType, Page, Query } from '../read-store.js';
import { remember, type SqliteConnection } from './sqlite-connection.js';
import { column, toSqlCondition, toSqlValue } from './sqlite-filter.js';

/** Documents per page of a scan. */
const SCAN_PAGE = 500;
/** Totals kept of one committed state. */
const TOTALS_KEPT = 256;

const COLUMN_TYPES: Readonly<Record<FieldType, string>> = { text: 'TEXT', time: 'TEXT', number: 'REAL', boolean: 'INTEGER' };

/** Tombstones have no body. The partial indexes say the same words: it is how SQLite recognizes that it may use them. */
const NOT_A_TOMBSTONE = 'json IS NOT NULL';

export interface SqlQuery {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/**
 * The documents of one collection in one set: body and state as JSON text, and a column per field, so that a filter reads no JSON
 * (measured against generated columns over `json_extract`: as fast to write, and a condition outside the indexes is several times
 * faster to check). The methods run inside the caller's transaction.
 */
export class SqliteTable {
  readonly name: string;
  readonly #connection: SqliteConnection;
  readonly #collection: Collection;
  readonly #readFields: (body: Readonly<Record<string, unknown>> | undefined) => SQLInputValue[];
  readonly #insert: string;
  readonly #update: string;
  readonly #select: string;
  readonly #totals = new Map<string, number>();
  #totalsOf = '';

  constructor(connection: SqliteConnection, set: string, collection: Collection) {
    this.name = `${set}_${collection.name}`;
    this.#connection = connection;
    this.#collection = collection;
    const fields = storedFields(collection);
    const readers = fields.map(([field, type]) => fieldReader(field, type));
    this.#readFields = body => readers.map(read => toSqlValueOrNull(body && read(body)));
    const columns = ['position', 'json', 'state', ...fields.map(([field]) => column(field))];
    this.#insert = `INSERT INTO ${this.name} (${columns.join(', ')}, id) VALUES (${columns.map(() => '?').join(', ')}, ?) ON CONFLICT DO NOTHING`;
    this.#update = `UPDATE ${this.name} SET ${columns.map(name => `${name} = ?`).join(', ')} WHERE id = ? AND position = ?`;
    this.#select = `SELECT id, position, json, state FROM ${this.name}`;
  }

  create(): void {
    const columns = storedFields(this.#collection).map(([field, type]) => `, ${column(field)} ${COLUMN_TYPES[type]}`);
    this.#connection.execute(
      `CREATE TABLE ${this.name} (id TEXT NOT NULL PRIMARY KEY, position TEXT NOT NULL, json TEXT, state TEXT NOT NULL${columns.join('')}) STRICT`,
    );
    // An index keeps its name when its table is renamed; the schema's version makes the name unique for good.
    const [[version] = []] = this.#connection.rows('PRAGMA schema_version');
    this.#collection.indexes.forEach((fields, i) => {
      const columns = [...fields, ...(fields.includes('id') ? [] : ['id'])].map(column);
      const index = `${this.#collection.name}_${String(version)}_${i}`;
      this.#connection.execute(`CREATE INDEX ${index} ON ${this.name} (${columns.join(', ')}) WHERE ${NOT_A_TOMBSTONE}`);
    });
  }

  get(id: string): Document[] {
    return this.#connection.rows(`${this.#select} WHERE id = ?`, id).map(toDocument);
  }

  find(query: Query): Page {
    checkQuery(this.#collection, query);
    const page = this.pageQuery(query);
    const documents = query.limit === 0 ? [] : this.#connection.rows(page.sql, ...page.values).map(toDocument);
    const isLastPage = documents.length < query.limit && (documents.length > 0 || query.offset === 0);
    return { total: isLastPage ? query.offset + documents.length : this.#count(query), documents };
  }

  /** How {@link find} reads its page. (A bare parameter as limit would make SQLite plan the statement anew each time.) */
  pageQuery(query: Query): SqlQuery {
    const values: SQLInputValue[] = [];
    const sql = `${this.#select} WHERE ${where(query, values)} ORDER BY ${order(query)} LIMIT +? OFFSET +?`;
    return { sql, values: [...values, query.limit, query.offset] };
  }

  /** Counting is most of a list's cost, and a list is often asked for again, or for its next page, with nothing written between. */
  #count(query: Query): number {
    const values: SQLInputValue[] = [];
    const sql = `SELECT count(*) FROM ${this.name} WHERE ${where(query, values)}`;
    const version = this.#connection.version();
    if (version !== this.#totalsOf) this.#totals.clear();
    this.#totalsOf = version;
    return remember(this.#totals, `${sql} ${JSON.stringify(values)}`, TOTALS_KEPT, () => {
      const [[count] = []] = this.#connection.rows(sql, ...values);
      return Number(count);
    });
  }

  /** The documents whose ids come after the given one, or the first ones. */
  scanPage(after: string | undefined): Document[] {
    const page = `ORDER BY id LIMIT ${SCAN_PAGE}`;
    if (after === undefined) return this.#connection.rows(`${this.#select} ${page}`).map(toDocument);
    return this.#connection.rows(`${this.#select} WHERE id > ? ${page}`, after).map(toDocument);
  }

  /** False when the guard does not hold: then nothing was written. */
  write({ id, expected, position, body, state }: DocumentUpdate): boolean {
    const json = body === undefined ? null : JSON.stringify(body);
    const values = [position, json, state === undefined ? '{}' : JSON.stringify(state), ...this.#readFields(body), id];
    if (expected === undefined) return this.#connection.change(this.#insert, ...values) === 1;
    values.push(expected);
    return this.#connection.change(this.#update, ...values) === 1;
  }
}

/** The fields that have a column of their own. */
const storedFields = ({ fields }: Collection): [string, FieldType][] =>
  Object.entries(fields).filter(([field]) => field !== 'id');

const toSqlValueOrNull = (value: Parameters<typeof toSqlValue>[0] | undefined): SQLInputValue =>
  value === undefined ? null : toSqlValue(value);

const where = ({ filter }: Query, values: SQLInputValue[]): string =>
  filter === undefined ? NOT_A_TOMBSTONE : `${NOT_A_TOMBSTONE} AND ${toSqlCondition(filter, values)}`;

function order({ orderBy }: Query): string {
  const keys = orderBy.some(({ field }) => field === 'id')
    ? orderBy
    : [...orderBy, { field: 'id', direction: orderBy.at(-1)?.direction ?? 'asc' }];
  return keys.map(({ field, direction }) => `${column(field)} ${direction === 'desc' ? 'DESC' : 'ASC'}`).join(', ');
}

function toDocument([id, position, json, state]: SQLOutputValue[]): Document {
  return { id: String(id), position: String(position), json: typeof json === 'string' ? json : undefined, state: String(state) };
}
