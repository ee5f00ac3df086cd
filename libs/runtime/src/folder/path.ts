import { PathRefused } from './errors.js';

const MAX_DEPTH = 64;
const MAX_NAME_BYTES = 255;
const ODD = /[\p{Cc}\\]/u;

/**
 * The names of a relative path, `a/b.txt`; none for the folder itself, written as an empty path.
 * @throws PathRefused for a path that is, or could be read as, anything but names below the folder
 */
export function namesOf(path: string): string[] {
  if (path === '') return [];
  const names = path.split('/');
  if (path.startsWith('/')) throw new PathRefused('the path must be relative: it must not start with /');
  if (ODD.test(path)) throw new PathRefused('the path must not have a backslash or a control character');
  if (names.length > MAX_DEPTH) throw new PathRefused(`the path must not be deeper than ${MAX_DEPTH} folders`);
  for (const name of names) demandName(name);
  return names;
}

/** As `namesOf`, for a path that has to name something in the folder. */
export function fileNamesOf(path: string): { readonly folders: readonly string[]; readonly name: string } {
  const folders = namesOf(path);
  const name = folders.pop();
  if (name === undefined) throw new PathRefused('the path must not be empty');
  return { folders, name };
}

function demandName(name: string): void {
  if (name === '') throw new PathRefused('the path must not have an empty part');
  if (name === '.' || name === '..') throw new PathRefused('the path must not have the parts . and ..');
  if (Buffer.byteLength(name) > MAX_NAME_BYTES)
    throw new PathRefused(`a part of the path must not be longer than ${MAX_NAME_BYTES} bytes`);
  if (isHidden(name)) throw new PathRefused(`${name.startsWith(PARTIAL) ? PARTIAL : '.git'} is neither read nor written here`);
}

/** A file that is being written has such a name until it is whole. */
export const PARTIAL = '.ambient-partial-';

/** Git runs what its configuration and hooks name: whoever may write files must not thereby run programs, nor read git's credentials. */
export const isHidden = (name: string): boolean => name.toLowerCase() === '.git' || name.startsWith(PARTIAL);
