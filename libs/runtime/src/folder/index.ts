export * from './errors.js';
export { Folder, MAX_FILE_BYTES, type Entry } from './folder.js';
