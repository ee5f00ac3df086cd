import { MongoClient, type Collection, type Db, type Document as MongoDocument } from 'mongodb';
import { ReadStoreUnavailable } from '../read-store.js';
import { toPortError } from './mongo-errors.js';

/** Where the documents are when the URL names no database. */
const DEFAULT_DATABASE = 'ambient';
/** Without a server for so long, a call is unavailable, in milliseconds. A primary is usually elected within this time. */
const SELECTION_MS = 3000;
/** A server that is connected and does not answer is given up after so long. */
const ANSWER_MS = 5000;
/** The server itself gives up a read after so long, or a write that no majority confirms. */
export const WORK_MS = 4000;

const DATABASE = /^mongodb(?:\+srv)?:\/\/[^/?]+\/([^?]+)/;

/** The database of a connection string. */
export const databaseOf = (url: string): string => decodeURIComponent(DATABASE.exec(url)?.[1] ?? DEFAULT_DATABASE);

/** The client of one read store: settings, collections, errors. It connects, and connects again, by itself when it is used. */
export class MongoConnection {
  readonly #client: MongoClient;
  readonly #database: Db;
  #connected: Promise<unknown> | undefined;
  #closed = false;

  /** @throws {Error} when the URL is wrong */
  constructor(url: string) {
    this.#client = new MongoClient(url, {
      appName: 'ambient-sessions',
      readPreference: 'primary',
      readConcern: { level: 'majority' },
      writeConcern: { w: 'majority', wtimeoutMS: WORK_MS },
      serverSelectionTimeoutMS: SELECTION_MS,
      connectTimeoutMS: SELECTION_MS,
      socketTimeoutMS: ANSWER_MS,
      waitQueueTimeoutMS: SELECTION_MS,
    });
    this.#database = this.#client.db(databaseOf(url));
  }

  collection<T extends MongoDocument>(name: string): Collection<T> {
    return this.#database.collection<T>(name);
  }

  /** Names of all collections of the database. */
  async collectionNames(): Promise<string[]> {
    const collections = await this.guard(() => this.#database.listCollections({}, { nameOnly: true }).toArray());
    return collections.map(({ name }) => name);
  }

  /** Runs work on the database, with its errors as the port's. */
  async guard<T>(work: () => Promise<T>): Promise<T> {
    this.#requireOpen();
    try {
      await this.#connect();
      return await work();
    } catch (error) {
      this.#requireOpen(error);
      throw toPortError(error);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#client.close();
  }

  /** Until it has reached a server once, the driver does not connect again by itself. */
  #connect(): Promise<unknown> {
    this.#connected ??= this.#client.connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    return this.#connected;
  }

  #requireOpen(cause?: unknown): void {
    if (this.#closed) throw new ReadStoreUnavailable('the read store is closed', { cause });
  }
}
