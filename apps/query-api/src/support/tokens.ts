/** What the module provides under a symbol: ports, which have no class to be asked by. */
export const EVENT_STORE = Symbol('EventStore');
export const READ_STORE = Symbol('ReadStore');
export const SEALER = Symbol('Sealer');
export const ABOUT = Symbol('About');
export const TIMERS = Symbol('Timers');
export const AUDIT_RETENTION = Symbol('AuditRetention');
