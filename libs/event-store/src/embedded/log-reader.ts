import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Position, RecordedEvent } from '../event-store.js';
import { FORMAT } from './format.js';

type Direction = 'forwards' | 'backwards';

const EVENT = `SELECT s.name AS stream, e.revision, e.id, e.type, e.data, e.metadata, printf('%020d', e.position) AS position`;

/** A bare parameter as limit makes SQLite plan the statement anew at every execution (measured: 25 µs in place of 10). */
const BOUND = '+?';

/** The row number behind a position; 0, before the first event, without one. */
export function rowOf(position: Position | undefined): number {
  if (position === undefined) return 0;
  if (!/^\d{20}$/.test(position)) throw new Error(`"${position}" is not a position of this store: those are 20 digits`);
  return Number(position);
}

/** A read connection: short queries, each on the newest committed state. */
export class LogReader {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string) {
    this.#db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    this.#db.exec('PRAGMA cache_size = -16384');
    const format = this.#db.prepare('PRAGMA user_version').get()?.['user_version'];
    if (format !== FORMAT) {
      this.#db.close();
      throw new Error(`${path} has file format ${String(format)}, this version of the program reads format ${FORMAT}`);
    }
  }

  /** Row number of the newest event; 0 on an empty log. */
  head(): number {
    return Number(this.#prepare('SELECT coalesce(max(position), 0) AS head FROM events').get()?.['head']);
  }

  /** Number of events of a stream up to a row: the revision of the first one after it, as revisions have no gaps. */
  revisionAfter(stream: string, row: number): number {
    const sql = `SELECT count(*) AS revision FROM streams s JOIN events e ON e.stream = s.number WHERE s.name = ? AND e.position <= ?`;
    return Number(this.#prepare(sql).get(stream, row)?.['revision']);
  }

  /** Events of one stream from a revision on, itself included; backwards without one: from the last. */
  stream(stream: string, direction: Direction, from: number | undefined, limit: number): RecordedEvent[] {
    const range = direction === 'forwards' ? 'e.revision >= ? ORDER BY e.revision' : 'e.revision <= ? ORDER BY e.revision DESC';
    const sql = `${EVENT} FROM streams s JOIN events e ON e.stream = s.number WHERE s.name = ? AND ${range} LIMIT ${BOUND}`;
    return this.#all(sql, stream, from ?? (direction === 'forwards' ? 0 : Number.MAX_SAFE_INTEGER), limit);
  }

  /** Events of the log after a row (before it when reading backwards; without one: from the first, from the last). */
  log(
    direction: Direction,
    after: number | undefined,
    categories: readonly string[] | undefined,
    limit: number,
  ): RecordedEvent[] {
    const bound = after ?? (direction === 'forwards' ? 0 : Number.MAX_SAFE_INTEGER);
    const [beyond, order] = direction === 'forwards' ? ['>', 'ASC'] : ['<', 'DESC'];
    if (!categories) {
      const sql = `${EVENT} FROM events e JOIN streams s ON s.number = e.stream WHERE e.position ${beyond} ? ORDER BY e.position ${order} LIMIT ${BOUND}`;
      return this.#all(sql, bound, limit);
    }
    if (categories.length === 0) return [];
    // SQLite merges the ordered scans of a UNION ALL and stops at the limit; with IN it would sort all that is left of the log.
    const scan = `SELECT position FROM events WHERE category = ? AND position ${beyond} ?`;
    const rows = `${categories.map(() => scan).join(' UNION ALL ')} ORDER BY position ${order} LIMIT ${BOUND}`;
    const sql = `${EVENT} FROM (${rows}) p CROSS JOIN events e ON e.position = p.position JOIN streams s ON s.number = e.stream ORDER BY p.position ${order}`;
    return this.#all(sql, ...categories.flatMap(category => [category, bound]), limit);
  }

  /** Lets go of the file. */
  close(): void {
    this.#db.close();
  }

  #all(sql: string, ...parameters: SQLInputValue[]): RecordedEvent[] {
    return this.#prepare(sql).all(...parameters) as unknown as RecordedEvent[];
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
