export * from './filter.js';
export * from './read-store.js';
export { parseSearch, SearchSyntaxError } from './search-language.js';
export { SqliteReadStore } from './embedded/sqlite-read-store.js';
export { MongoReadStore, type MongoReadStoreOptions } from './mongodb/mongo-read-store.js';
export { openReadStore, type ReadStoreAddress } from './open.js';
