import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { likeToRegExp } from '../like.js';
import { ReadStoreUnavailable } from '../read-store.js';

/** Prepared statements kept. Searches make new SQL texts without end. */
const STATEMENTS_KEPT = 256;
/** Compiled patterns kept: more than one query can have. */
const PATTERNS_KEPT = 256;
/** Some ten documents to a page, measured to be cheaper to write than SQLite's 4096. Only a new file takes it. */
const PAGE_BYTES = 8192;
/** 40 MB: a document's pages are written many times over; the longer the log, the fewer of these writes reach the file. */
const PAGES_BETWEEN_CHECKPOINTS = 5_000;
const CACHE_KIB = 65_536;

/** Primary result codes (sqlite.org/rescode.html) of an engine that can't serve now, as opposed to a mistake of ours. */
const UNAVAILABLE: ReadonlySet<number> = new Set([5, 6, 7, 8, 10, 13, 14, 15]);
/** SQLITE_CORRUPT and SQLITE_NOTADB. */
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);

/** What node:sqlite throws for an error of SQLite. */
interface SqliteError {
  readonly errcode: number;
  readonly message: string;
}

const isSqliteError = (error: unknown): error is SqliteError => typeof error === 'object' && error !== null && 'errcode' in error;

/** An error of SQLite as the port's error, where it is one; any other error as it is. */
export function toPortError(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  const code = error.errcode & 0xff;
  if (UNAVAILABLE.has(code)) return new ReadStoreUnavailable(`the read store ${path}: ${error.message}`, { cause: error });
  if (!DAMAGED.has(code)) return error;
  return new ReadStoreUnavailable(
    `the read store ${path} is damaged (${error.message}). It holds nothing that the event store does not: delete it with its -wal and -shm, and start again`,
    { cause: error },
  );
}

export interface ConnectionOptions {
  readonly path: string;
  readonly readonly: boolean;
  /** How long to wait for another connection's write, in milliseconds. The calling thread stands still meanwhile. */
  readonly busyTimeout: number;
}

/** One connection to the file: settings, prepared statements, transactions, errors. */
export class SqliteConnection {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #writes = 0;

  /** @throws {ReadStoreUnavailable} when the file can't be opened or is no database. */
  constructor({ path, readonly, busyTimeout }: ConnectionOptions) {
    this.path = path;
    try {
      this.#database = new DatabaseSync(path, { readOnly: readonly, timeout: busyTimeout });
    } catch (error) {
      throw toPortError(error, path);
    }
    try {
      this.guard(() => this.#configure(readonly));
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  #configure(readonly: boolean): void {
    // Reads the header, so that a file that is no database is found here also by a reader.
    this.#database.exec(`PRAGMA schema_version; PRAGMA cache_size = -${CACHE_KIB}`);
    if (!readonly) {
      this.#database.exec(
        `PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${PAGES_BETWEEN_CHECKPOINTS}`,
      );
    }
    this.#defineLike('matches_like', false);
    this.#defineLike('matches_ilike', true);
  }

  /** SQLite's own LIKE folds ASCII only, and what GLOB and LIKE see ends at U+0000. */
  #defineLike(name: string, ignoreCase: boolean): void {
    const patterns = new Map<string, RegExp>();
    this.#database.function(name, { deterministic: true }, (text, pattern) => {
      if (typeof text !== 'string' || typeof pattern !== 'string') return null;
      return remember(patterns, pattern, PATTERNS_KEPT, () => likeToRegExp(pattern, ignoreCase)).test(text) ? 1 : 0;
    });
  }

  /** Runs work on the database, with its errors as the port's. */
  guard<T>(work: () => T): T {
    if (!this.#database.isOpen) throw new ReadStoreUnavailable(`the read store ${this.path} is closed`);
    try {
      return work();
    } catch (error) {
      throw toPortError(error, this.path);
    }
  }

  /** Everything that the work reads is of one committed state. */
  read<T>(work: () => T): T {
    return this.guard(() => this.#transaction('BEGIN', work));
  }

  /** All that the work changes, or nothing of it. Waits for the transaction of another connection. */
  write<T>(work: () => T): T {
    this.#writes++;
    return this.guard(() => this.#transaction('BEGIN IMMEDIATE', work));
  }

  #transaction<T>(begin: string, work: () => T): T {
    this.#database.exec(begin);
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk or an I/O error may have ended it already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  /** Names the committed state that {@link read} shows: another one after every commit, by this connection or by others. */
  version(): string {
    // data_version counts the commits of the other connections only.
    const [[others] = []] = this.rows('PRAGMA data_version');
    return `${String(others)} ${this.#writes}`;
  }

  /** The rows of a query, each an array of its columns. */
  rows(sql: string, ...values: readonly SQLInputValue[]): SQLOutputValue[][] {
    // setReturnArrays is on, which the type does not know.
    return this.#statement(sql).all(...values) as unknown as SQLOutputValue[][];
  }

  /** Runs a statement and answers the number of rows it changed. */
  change(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** Statements without values, run once. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  /** SQLite prepares a kept statement anew by itself when another connection has changed the schema, as a swap does. */
  #statement(sql: string): StatementSync {
    return remember(this.#statements, sql, STATEMENTS_KEPT, () => {
      const statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      return statement;
    });
  }
}

/** The value under the key, made when it is not there; the oldest gives way when there are too many. */
export function remember<T>(kept: Map<string, T>, key: string, most: number, make: () => T): T {
  const known = kept.get(key);
  if (known !== undefined) return known;
  const made = make();
  const [oldest] = kept.keys();
  if (oldest !== undefined && kept.size >= most) kept.delete(oldest);
  kept.set(key, made);
  return made;
}
