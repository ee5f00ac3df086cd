/** Documents from files, folders and standard input. JSON is YAML too. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { UsageError } from '../errors.js';
import { contentOf } from '../fields.js';
import type { RawDocument } from './manifest.js';

const FILE = /\.(ya?ml|json)$/;

/** @throws {UsageError} */
export async function documentsIn(paths: readonly string[]): Promise<RawDocument[]> {
  const files = (await Promise.all(paths.map(filesOf))).flat();
  const documents = await Promise.all(files.map(async path => parsed(path, await contentOf(path))));
  return documents.flat();
}

async function filesOf(path: string): Promise<string[]> {
  if (path === '-') return [path];
  const found = await stat(path).catch((error: unknown) => {
    throw new UsageError(`${path} can't be read: ${(error as Error).message}`, { cause: error });
  });
  if (!found.isDirectory()) return [path];
  const names = (await readdir(path)).filter(name => FILE.test(name)).toSorted();
  if (names.length === 0) throw new UsageError(`${path} holds no .yaml, .yml or .json file`);
  return names.map(name => join(path, name));
}

function parsed(path: string, text: string): RawDocument[] {
  const shown = path === '-' ? 'standard input' : path;
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document, index) => {
    const where = documents.length === 1 ? shown : `${shown}, document ${index + 1}`;
    const [error] = document.errors;
    if (error) throw new UsageError(`${where}: ${error.message}`);
    const value = document.toJS() as unknown;
    if (value === null || value === undefined) return [];
    // A JSON list of resources, as `-o json` makes it.
    return Array.isArray(value)
      ? value.map((each, at) => ({ where: `${where}, item ${at + 1}`, value: each as unknown }))
      : [{ where, value }];
  });
}
