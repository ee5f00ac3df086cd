export * from './happen.js';
export * from './history.js';
export * from './manual-clock.js';
export * from './memory-event-store.js';
export * from './random.js';
export * from './stores.js';
