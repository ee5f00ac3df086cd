export * from './export.js';
export * from './proxy-decision.js';
export * from './verifier.js';
