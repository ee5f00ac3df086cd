export * from './codec.js';
export * from './journal.js';
export { LruMap } from './lru-map.js';
export { ProxyAuditJournal } from './proxy-audit.js';
