import type { EventStore } from './event-store.js';
import { SqliteEventStore } from './embedded/sqlite-event-store.js';
import { KurrentDbEventStore } from './kurrentdb/kurrentdb-event-store.js';

/** Where an event store is: the embedded one's file, or the connection string of a server. */
export type EventStoreAddress = { readonly path: string } | { readonly url: string };

/** `readonly` matters to the embedded store, which has one writer. @throws {EventStoreUnavailable} @throws {Error} a bad connection string */
export const openEventStore = (address: EventStoreAddress, { readonly = false } = {}): Promise<EventStore> =>
  'url' in address ? KurrentDbEventStore.open(address) : SqliteEventStore.open({ path: address.path, readonly });
