export * from './codec.js';
export * from './journal.js';
