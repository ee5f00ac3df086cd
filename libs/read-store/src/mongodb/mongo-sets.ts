/** Which sets of documents there are: the one document that every process follows, and the collections behind it. */
import { createHash, randomBytes } from 'node:crypto';
import { MongoServerError, type Collection as MongoCollection, type UpdateFilter } from 'mongodb';
import { ReadStoreUnavailable, type Collection, type Position } from '../read-store.js';
import { WORK_MS, type MongoConnection } from './mongo-connection.js';
import { MongoDocuments } from './mongo-documents.js';
import { DUPLICATE_KEY } from './mongo-errors.js';

export type SetName = 'live' | 'rebuild' | 'verify';

/** Goes up whenever documents are stored in another way. */
const LAYOUT = 1;

const ID = 'sets';
/** The collection of the sets document, and what the names of all others begin with. */
const SETS = 'read.sets';
const GENERATION = /^read\.(g[0-9a-f]+)\./;

/** One set as it is registered: the name part of its collections, and how far it has seen the log. */
interface RegisteredSet {
  readonly generation: string;
  readonly checkpoint?: Position;
}

interface SetsDocument {
  readonly _id: typeof ID;
  /** Digest of the collections that the sets were made for. */
  readonly definition: string;
  readonly live: RegisteredSet;
  readonly rebuild?: RegisteredSet;
  readonly verify?: RegisteredSet;
  /** Were live, and may still be read by calls that began before `since`. */
  readonly retired: readonly { readonly generation: string; readonly since: Date }[];
}

export interface MongoSetsOptions {
  readonly collections: readonly Collection[];
  /** Never makes or empties anything. */
  readonly readonly: boolean;
  /** How long the collections of a set that was live are kept, in milliseconds. */
  readonly keepMs: number;
}

const newGeneration = (): string => `g${randomBytes(8).toString('hex')}`;

const definitionOf = (collections: readonly Collection[]): string =>
  createHash('sha256')
    .update(JSON.stringify({ layout: LAYOUT, collections }))
    .digest('hex');

/**
 * A set is a generation: collections with a name part that no other set ever has. The sets document names them. A swap is one update of it,
 * and so is the move of a checkpoint, which holds only if the generation still has the name that its writer knows it by.
 *
 * A generation is registered before its collections are made: collections of one that is not are left over from a process that is gone.
 */
export class MongoSets {
  readonly #connection: MongoConnection;
  readonly #options: MongoSetsOptions;
  readonly #sets: MongoCollection<SetsDocument>;
  readonly #definition: string;
  #established = false;
  #sweep: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(connection: MongoConnection, options: MongoSetsOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#sets = connection.collection(SETS);
    this.#definition = definitionOf(options.collections);
  }

  /**
   * The sets as they are now. The first call of a store that may write makes them when there are none, or none for its collections.
   * @throws {ReadStoreUnavailable} they are another version's
   */
  async read(): Promise<SetsDocument> {
    const sets = await this.#stored();
    if (sets && this.#fits(sets) && (this.#established || this.#options.readonly)) {
      if (sets.retired.length > 0) this.#sweepLater();
      return sets;
    }
    if (this.#options.readonly || (sets && this.#established)) {
      throw new ReadStoreUnavailable(
        sets
          ? 'the read store was built by another version; start the services of one version, of which one that projects rebuilds it'
          : 'the read store was not built yet; start a service that projects',
      );
    }
    return this.#establish(sets);
  }

  documents(generation: string, collection: string): MongoDocuments {
    return new MongoDocuments(this.#connection, `read.${generation}.${collection}`);
  }

  /** Registers an empty set in place of any other of its name, which is dropped; answers its generation. */
  async add(name: 'rebuild' | 'verify'): Promise<string> {
    await this.read();
    const generation = newGeneration();
    const registered = await this.#update({}, { $set: { [name]: { generation } } });
    if (!registered) throw anotherVersion();
    await this.#createIndexes(generation);
    await this.sweep();
    return generation;
  }

  /** Moves the checkpoint of a set, never back. False when this generation is not the set of that name any more. */
  moveCheckpoint(name: SetName, generation: string, position: Position): Promise<boolean> {
    return this.#update({ [`${name}.generation`]: generation }, { $max: { [`${name}.checkpoint`]: position } });
  }

  /** Makes a registered set the live one. False when this generation is not the set of that name. */
  async promote(name: 'rebuild', generation: string): Promise<boolean> {
    for (;;) {
      const sets = await this.read();
      if (sets[name]?.generation !== generation) return false;
      const former = sets.live.generation;
      const promoted = await this.#update(
        { [`${name}.generation`]: generation, 'live.generation': former },
        { $rename: { [name]: 'live' }, $push: { retired: { generation: former, since: new Date() } } },
      );
      if (promoted) return true;
    }
  }

  /** Drops a set from {@link add}; nothing happens when the set of that name is another one by now. */
  async remove(name: 'rebuild' | 'verify', generation: string): Promise<void> {
    await this.#update({ [`${name}.generation`]: generation }, { $unset: { [name]: '' } });
    await this.sweep();
  }

  /** Drops the collections of all generations that are not registered, and of those that were retired long enough ago. */
  async sweep(): Promise<void> {
    // The names first: a generation that is made meanwhile is then not among them.
    const names = await this.#connection.collectionNames();
    const sets = await this.#stored();
    if (!sets) return;
    const due = Date.now() - this.#options.keepMs;
    const kept = sets.retired.filter(({ since }) => since.getTime() > due);
    const used = new Set([sets.live, sets.rebuild, sets.verify, ...kept].map(set => set?.generation));
    for (const name of names) {
      const generation = GENERATION.exec(name)?.[1];
      if (generation !== undefined && !used.has(generation)) await this.#drop(name);
    }
    for (const { generation } of sets.retired.filter(set => !kept.includes(set)))
      await this.#update({}, { $pull: { retired: { generation } } });
    if (kept.length > 0) this.#sweepLater();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
  }

  /** Drops what was retired once no call can be reading it any more. */
  #sweepLater(): void {
    if (this.#options.readonly || this.#sweep || this.#closed) return;
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined;
      // What fails now is tried again: a server that is away is told to those who want something of it.
      this.sweep().catch(() => this.#sweepLater());
    }, this.#options.keepMs).unref();
  }

  /** Makes the live set where there is none, or none for these collections: what other collections left is retired. */
  async #establish(sets: SetsDocument | undefined): Promise<SetsDocument> {
    const live = { generation: newGeneration() };
    if (!sets) await this.#insert(live);
    else if (!this.#fits(sets)) await this.#replace(sets, live);
    // Another process may have been faster.
    const established = await this.#stored();
    if (!established || !this.#fits(established)) throw anotherVersion();
    // And may have died before it came to this.
    await this.#createIndexes(established.live.generation);
    this.#established = true;
    await this.sweep();
    return established;
  }

  async #insert(live: RegisteredSet): Promise<void> {
    const sets: SetsDocument = { _id: ID, definition: this.#definition, live, retired: [] };
    try {
      await this.#connection.guard(() => this.#sets.insertOne(sets));
    } catch (error) {
      if (!(error instanceof MongoServerError) || error.code !== DUPLICATE_KEY) throw error;
    }
  }

  async #replace({ definition, live: former, retired }: SetsDocument, live: RegisteredSet): Promise<void> {
    const change: UpdateFilter<SetsDocument> = {
      $set: { definition: this.#definition, live, retired: [...retired, { generation: former.generation, since: new Date() }] },
      $unset: { rebuild: '', verify: '' },
    };
    await this.#connection.guard(() =>
      this.#sets.updateOne({ _id: ID, definition, 'live.generation': former.generation }, change),
    );
  }

  async #createIndexes(generation: string): Promise<void> {
    await Promise.all(
      this.#options.collections.map(collection => this.documents(generation, collection.name).createIndexes(collection)),
    );
  }

  async #stored(): Promise<SetsDocument | undefined> {
    const sets = await this.#connection.guard(() => this.#sets.findOne({ _id: ID }, { maxTimeMS: WORK_MS }));
    return sets ?? undefined;
  }

  /** Changes the sets document if the condition holds for it; false when it does not. */
  async #update(condition: Readonly<Record<string, string>>, change: UpdateFilter<SetsDocument>): Promise<boolean> {
    const filter = { _id: ID, definition: this.#definition, ...condition } as const;
    const { matchedCount } = await this.#connection.guard(() => this.#sets.updateOne(filter, change));
    return matchedCount === 1;
  }

  async #drop(name: string): Promise<void> {
    await this.#connection.guard(() => this.#connection.collection(name).drop());
  }

  #fits({ definition }: SetsDocument): boolean {
    return definition === this.#definition;
  }
}

const anotherVersion = (): ReadStoreUnavailable => new ReadStoreUnavailable('the read store was taken over by another version');
