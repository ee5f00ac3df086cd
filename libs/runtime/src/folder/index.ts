export * from './errors.js';
export { Folder, MAX_FILE_BYTES, removeFolder, type Entry } from './folder.js';
