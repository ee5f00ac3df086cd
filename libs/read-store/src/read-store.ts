/**
 * The read store port: documents that projections write and queries read. Everything in it can be thrown away and rebuilt from the
 * event store. An adapter per engine implements it, and one contract suite (`testing/`) holds all of them to it.
 */
import type { Filter } from './filter.js';

/** See the event store's Position: opaque, compares as a string. */
export type Position = string;

/** A value that a search, an order or an index can name. Times are RFC 3339 in UTC with 3 fractional digits, so they compare as text. */
export type FieldType = 'text' | 'time' | 'number' | 'boolean';

/** One kind of document. Queries may name its `fields` and nothing else. */
export interface Collection {
  /** Lower case letters, digits and `_`, a letter first. */
  readonly name: string;
  /**
   * By name: lower case letters, digits and `_`. A dot reaches into an object of the body (`run.outcome`); `id` is the document's id.
   * A body that holds a value of another type in one of them is refused, null counts as absent.
   */
  readonly fields: Readonly<Record<string, FieldType>>;
  /** Field lists that queries filter or order by often; each becomes an index. */
  readonly indexes: readonly (readonly string[])[];
}

/** A document as it is stored. */
export interface Document {
  readonly id: string;
  /** Position of the last event that was applied to it: the guard. */
  readonly position: Position;
  /** The document's body as JSON text, exactly as it is answered to clients: a list can be answered without parsing it. Undefined: a tombstone. */
  readonly json: string | undefined;
  /** What its projection remembers for itself, as JSON text: `{}` when nothing. Never searched, never answered. */
  readonly state: string;
}

/** A document as a projection wants it to be. */
export interface DocumentUpdate {
  readonly collection: string;
  readonly id: string;
  /** Position that the stored document must have, undefined when there must be none. Otherwise this update is refused. */
  readonly expected: Position | undefined;
  readonly position: Position;
  /**
   * Undefined leaves a tombstone: gone from `find` and its totals, while `get` and `scan` still answer it (with its position and state),
   * so that an event delivered again does not raise the dead.
   */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  /** What the projection wants to find again beside the body. Default `{}`. */
  readonly state?: Readonly<Record<string, unknown>>;
}

export interface Query {
  readonly collection: string;
  readonly filter?: Filter;
  /**
   * The order of the result: texts by code point, false before true, absent fields before all others, ascending. `id` always ends it,
   * in the direction of the last field (ascending without one), so that the order is total and one index serves it both ways.
   */
  readonly orderBy: readonly { readonly field: string; readonly direction: 'asc' | 'desc' }[];
  readonly offset: number;
  /** Number of documents at most, 0 to answer the total alone. */
  readonly limit: number;
}

export interface Page {
  /** Number of all matches. */
  readonly total: number;
  readonly documents: readonly Document[];
}

/**
 * One complete set of documents with the checkpoint it has reached. A set from {@link ReadStore.beside} that was dropped, swapped in or
 * made anew rejects every call with a plain Error.
 */
export interface DocumentSet {
  /** Documents by id; those that do not exist are left out, the order is not kept. */
  get(collection: string, ids: readonly string[]): Promise<Document[]>;

  /** Rejects with a plain Error a query that names an unknown field or compares one with a value of another type. */
  find(query: Query): Promise<Page>;

  /**
   * All documents of a collection, ordered by id, in pages. Each page is of one committed state; what is written meanwhile may show in
   * the pages to come.
   */
  scan(collection: string): AsyncIterable<readonly Document[]>;

  /**
   * Applies the updates and moves the checkpoint, all in one transaction where the engine has one. Where it has none, the collections
   * are written one after the other, in the order of their first update, and the checkpoint last: what is cut off in the middle has
   * written a beginning of that, and rejects.
   * An update whose guard does not hold is left out; the answer lists those (an event delivered again, or a projector that lost its
   * lease). The checkpoint never moves back.
   */
  apply(updates: readonly DocumentUpdate[], checkpoint: Position): Promise<readonly DocumentUpdate[]>;

  /** The position up to which this set has seen the log; undefined when it has seen nothing. */
  checkpoint(): Promise<Position | undefined>;
}

/** The engine can't be reached, is full, or is shutting down. */
export class ReadStoreUnavailable extends Error {
  override readonly name = 'ReadStoreUnavailable';
}

/** The read store. Every method of it and of its sets may reject with {@link ReadStoreUnavailable}. */
export interface ReadStore {
  /** The documents that queries read. */
  readonly live: DocumentSet;

  /** An empty set beside the live one; what an earlier call of this name left is thrown away. */
  beside(name: 'rebuild' | 'verify'): Promise<DocumentSet>;

  /**
   * Makes the set from {@link beside} the live one, at once for every reader in every process, and drops the former. Rejects with a
   * plain Error when there is none.
   */
  swapIn(name: 'rebuild'): Promise<void>;

  /** Drops a set from {@link beside}. */
  drop(name: 'rebuild' | 'verify'): Promise<void>;

  close(): Promise<void>;
}
