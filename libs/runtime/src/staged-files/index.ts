export { FolderStagedFiles } from './folder-staged-files.js';
export { folderNameOf, UPLOADS, type StagedFiles } from './staged-files.js';
