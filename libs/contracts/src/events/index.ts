export * from './catalog.js';
export * from './chain.js';
export * from './metadata.js';
export * from './occurred.js';
export * from './streams.js';
export * from './upcast.js';
