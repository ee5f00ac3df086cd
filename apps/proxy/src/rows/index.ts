/** All that passes the door. */
import { BACKEND_ROWS } from './backend.js';
import { NATIVE_ROWS, OWN_ROWS } from './native.js';
import type { Row } from './row.js';
import { RUNNER_ROWS } from '../runner/routes.js';

export const ROWS: readonly Row[] = [...OWN_ROWS, ...NATIVE_ROWS, ...RUNNER_ROWS, ...BACKEND_ROWS];
export * from './row.js';
