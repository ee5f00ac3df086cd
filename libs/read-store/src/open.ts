import type { Collection, ReadStore } from './read-store.js';
import { SqliteReadStore } from './embedded/sqlite-read-store.js';
import { MongoReadStore } from './mongodb/mongo-read-store.js';

/** Where a read store is: the embedded one's file, or the connection string of a server. */
export type ReadStoreAddress = { readonly path: string } | { readonly url: string };

/** @throws {ReadStoreUnavailable} @throws {Error} a bad connection string */
export const openReadStore = (address: ReadStoreAddress, collections: readonly Collection[]): Promise<ReadStore> =>
  'url' in address ? MongoReadStore.open({ ...address, collections }) : SqliteReadStore.open({ ...address, collections });
