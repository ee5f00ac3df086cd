export * from './events/index.js';
export * from './fields.js';
export * from './http/errors.js';
export { openApiDocument } from './http/openapi.js';
export * from './http/routes.js';
export * from './messages/trigger-requested.js';
export * from './resources/index.js';
export * from './validation.js';
