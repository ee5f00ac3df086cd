import { randomUUID } from 'node:crypto';
import {
  BSON,
  MongoBulkWriteError,
  type AnyBulkWriteOperation,
  type Collection as MongoCollection,
  type Document as MongoQuery,
  type IndexDescription,
} from 'mongodb';
import { fieldReader } from '../fields.js';
import type { Scalar } from '../filter.js';
import type { Collection, Document, DocumentUpdate, Page, Position, Query } from '../read-store.js';
import { WORK_MS, type MongoConnection } from './mongo-connection.js';
import { DUPLICATE_KEY } from './mongo-errors.js';
import { key, path, toMongoQuery, toMongoValue } from './mongo-filter.js';

/** Documents per page of a scan. */
const SCAN_PAGE = 500;
/** Writes in one command: a server should be done with it well before its answer is given up. */
const WRITES_AT_ONCE = 250;
/** MongoDB's limit of an order (its manual's "Limits"). */
const MOST_SORT_KEYS = 32;
/** Documents in one answer of the server. */
const BATCH = 10_000;
/** MongoDB's limit of a document, 16 MiB. */
const MOST_BYTES = 16 * 1024 * 1024;
/** A text of this many characters can't come near the limit, whatever its characters are and where it is stored. */
const SURELY_SMALL = 1024 * 1024;

/**
 * A document as it is stored: body and state as JSON text, exactly as they are answered, and beside them the values of the fields, which
 * alone are searched and ordered by. So the body's keys and values need not be what BSON can hold, and no list is built out of BSON.
 */
interface StoredDocument {
  readonly _id: string;
  readonly position: Position;
  /** False: a tombstone. First in every index. */
  readonly live: boolean;
  readonly json?: string;
  readonly state: string;
  /** By {@link key}; absent fields are left out. */
  readonly fields: Readonly<Record<string, Scalar>>;
  /** Names the write that put it here. */
  readonly write: string;
}

/** An update, checked and ready to be written. */
export interface Write {
  readonly update: DocumentUpdate;
  readonly document: Omit<StoredDocument, 'write'>;
}

/** Makes updates of a collection what is stored. */
export class MongoEncoder {
  readonly #readFields: (body: Readonly<Record<string, unknown>>) => [string, Scalar][];

  constructor({ fields }: Collection) {
    const readers = Object.entries(fields)
      .filter(([field]) => field !== 'id')
      .map(([field, type]) => ({ key: key(field), read: fieldReader(field, type) }));
    this.#readFields = body =>
      readers.flatMap(({ key, read }) => {
        const value = read(body);
        return value === undefined ? [] : [[key, toMongoValue(value)]];
      });
  }

  /** @throws {TypeError} a field holds a value of another type, or the document is larger than MongoDB takes it */
  encode(update: DocumentUpdate): Write {
    const { id, position, body, state = {} } = update;
    const json = body && JSON.stringify(body);
    const document = {
      _id: id,
      position,
      live: body !== undefined,
      ...(json === undefined ? {} : { json }),
      state: JSON.stringify(state),
      fields: Object.fromEntries(body ? this.#readFields(body) : []),
    };
    requireFits(document);
    return { update, document };
  }
}

function requireFits(document: Omit<StoredDocument, 'write'>): void {
  const { _id, json = '', state } = document;
  if (_id.length + json.length + state.length < SURELY_SMALL) return;
  const bytes = BSON.calculateObjectSize(document);
  // Leaves room for the name of the write.
  if (bytes > MOST_BYTES - 1024)
    throw new TypeError(`document ${_id.slice(0, 60)} takes ${bytes} bytes, MongoDB's limit is 16 MiB`);
}

/** The documents of one collection in one set. */
export class MongoDocuments {
  readonly #connection: MongoConnection;
  readonly #stored: MongoCollection<StoredDocument>;

  /** @param name of the collection in the database */
  constructor(connection: MongoConnection, name: string) {
    this.#connection = connection;
    this.#stored = connection.collection(name);
  }

  async createIndexes(collection: Collection): Promise<void> {
    const indexes = indexesOf(collection);
    if (indexes.length > 0) await this.#connection.guard(() => this.#stored.createIndexes(indexes));
  }

  async get(ids: readonly string[]): Promise<Document[]> {
    return this.#page({ _id: { $in: ids } }, {}, ids.length);
  }

  /** Page and total are read one after the other: while documents are written, they may be of two states. */
  async find({ filter, orderBy, offset, limit }: Query): Promise<Page> {
    const query = findQuery(filter);
    const documents = limit === 0 ? [] : await this.#page(query, sortOf(orderBy), limit, offset);
    const isLastPage = documents.length < limit && (documents.length > 0 || offset === 0);
    const counted = isLastPage
      ? 0
      : await this.#connection.guard(() => this.#stored.countDocuments(query, { maxTimeMS: WORK_MS }));
    return { total: Math.max(counted, documents.length > 0 ? offset + documents.length : 0), documents };
  }

  /** How the server finds a page, in its words. */
  async explain({ filter, orderBy, limit }: Query): Promise<MongoQuery> {
    return this.#connection.guard(() =>
      this.#stored.find(findQuery(filter)).sort(sortOf(orderBy)).limit(limit).explain('queryPlanner'),
    );
  }

  /** The documents whose ids come after the given one, or the first ones. */
  async scanPage(after: string | undefined): Promise<{ documents: Document[]; isLast: boolean }> {
    const documents = await this.#page(after === undefined ? {} : { _id: { $gt: after } }, { _id: 1 }, SCAN_PAGE);
    return { documents, isLast: documents.length < SCAN_PAGE };
  }

  /** Writes documents of different ids; answers those whose guard did not hold, which were left out. */
  async write(writes: readonly Write[]): Promise<Write[]> {
    const refused: Write[] = [];
    for (let i = 0; i < writes.length; i += WRITES_AT_ONCE)
      refused.push(...(await this.#writeSome(writes.slice(i, i + WRITES_AT_ONCE))));
    return refused;
  }

  /**
   * The guard is in the operation itself: an insertion of an id that is there is a duplicate key, a replacement of another position
   * matches nothing. Of the latter the server tells the number alone; which they were, the name of this write tells. (A replacement that
   * another projector has replaced again by then counts as refused. That costs a fold, and nothing else.)
   */
  async #writeSome(writes: readonly Write[]): Promise<Write[]> {
    const write = randomUUID();
    const { duplicates, matched } = await this.#connection.guard(() =>
      this.#bulkWrite(writes.map(({ update, document }) => operation(update, { ...document, write }))),
    );
    const replaced = writes.filter(({ update }) => update.expected !== undefined);
    const lost = matched === replaced.length ? new Set() : await this.#lost(replaced, write);
    return writes.filter(({ document }, i) => duplicates.has(i) || lost.has(document._id));
  }

  async #bulkWrite(
    operations: readonly AnyBulkWriteOperation<StoredDocument>[],
  ): Promise<{ duplicates: ReadonlySet<number>; matched: number }> {
    try {
      const { matchedCount } = await this.#stored.bulkWrite(operations, { ordered: false });
      return { duplicates: new Set(), matched: matchedCount };
    } catch (error) {
      if (!(error instanceof MongoBulkWriteError) || error.result.getWriteConcernError()) throw error;
      const errors = [error.writeErrors].flat();
      if (errors.length === 0 || errors.some(({ code }) => code !== DUPLICATE_KEY)) throw error;
      return { duplicates: new Set(errors.map(({ index }) => index)), matched: error.matchedCount };
    }
  }

  /** Ids of those documents that a write was to replace and did not. */
  async #lost(writes: readonly Write[], write: string): Promise<ReadonlySet<string>> {
    const ids = writes.map(({ document }) => document._id);
    const written = await this.#connection.guard(() =>
      this.#stored.find({ _id: { $in: ids }, write }, { projection: { _id: 1 }, batchSize: BATCH, maxTimeMS: WORK_MS }).toArray(),
    );
    const found = new Set(written.map(({ _id }) => _id));
    return new Set(ids.filter(id => !found.has(id)));
  }

  async #page(query: MongoQuery, sort: Readonly<Record<string, 1 | -1>>, limit: number, offset = 0): Promise<Document[]> {
    if (limit === 0) return [];
    const documents = await this.#connection.guard(() =>
      this.#stored
        .find(query, {
          sort,
          skip: offset,
          limit,
          batchSize: Math.min(limit, BATCH),
          projection: { position: 1, json: 1, state: 1 },
          maxTimeMS: WORK_MS,
        })
        .toArray(),
    );
    return documents.map(({ _id, position, json, state }) => ({ id: _id, position, json, state }));
  }
}

function operation({ expected }: DocumentUpdate, document: StoredDocument): AnyBulkWriteOperation<StoredDocument> {
  if (expected === undefined) return { insertOne: { document } };
  return { replaceOne: { filter: { _id: document._id, position: expected }, replacement: document } };
}

/** Tombstones are no part of what is found. */
const findQuery = (filter: Query['filter']): MongoQuery => ({ live: true, ...(filter && toMongoQuery(filter)) });

/** Each field once, and nothing after the id, which makes the order total. */
function sortOf(orderBy: Query['orderBy']): Record<string, 1 | -1> {
  const last = { field: 'id', direction: orderBy.at(-1)?.direction ?? 'asc' };
  const sort: Record<string, 1 | -1> = {};
  for (const { field, direction } of [...orderBy, last]) {
    sort[path(field)] ??= direction === 'desc' ? -1 : 1;
    if (field === 'id') break;
  }
  if (Object.keys(sort).length > MOST_SORT_KEYS)
    throw new RangeError(`an order of more than ${MOST_SORT_KEYS - 1} fields and the id is more than MongoDB can sort by`);
  return sort;
}

/**
 * The indexes of a collection. `live` comes first, so that each of them serves `find` alone and counts without reading documents; the id
 * comes last, as in every order.
 */
export function indexesOf({ indexes }: Collection): IndexDescription[] {
  return indexes.map(fields => {
    const keys = ['live', ...new Set([...fields, 'id'].map(path))];
    return { name: fields.map(key).join(' '), key: new Map(keys.map(name => [name, 1])) };
  });
}
