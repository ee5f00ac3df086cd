/** Who is asking, and what they may: authentication, permissions, and the secrets of a service. */
export * from './authenticate.js';
export * from './credential.js';
export * from './errors.js';
export type { JwtOptions } from './jwt.js';
export * from './permissions.js';
export * from './principal.js';
export * from './sealing.js';
export * from './secret-file.js';
export * from './secret-key.js';
export * from './standalone-token.js';
