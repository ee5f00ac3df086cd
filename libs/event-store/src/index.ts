export * from './event-store.js';
export { SqliteEventStore, type SqliteEventStoreOptions } from './embedded/sqlite-event-store.js';
export { KurrentDbEventStore, type KurrentDbEventStoreOptions } from './kurrentdb/kurrentdb-event-store.js';
export { SharedRead } from './shared-read.js';
export { openEventStore, type EventStoreAddress } from './open.js';
