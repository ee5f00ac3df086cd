import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteReadStore, type Document, type DocumentSet } from '#read-store';
import { COLLECTIONS } from '../src/collections.js';

/** Read stores of one test file; `clear` closes and removes them. */
export class ReadStores {
  readonly #open: { store: SqliteReadStore; folder: string }[] = [];

  async make(): Promise<SqliteReadStore> {
    const folder = await mkdtemp(join(tmpdir(), 'projections-'));
    const store = await SqliteReadStore.open({ path: join(folder, 'reads.db'), collections: COLLECTIONS });
    this.#open.push({ store, folder });
    return store;
  }

  async clear(): Promise<void> {
    for (const { store, folder } of this.#open.splice(0)) {
      await store.close();
      await rm(folder, { recursive: true });
    }
  }
}

/** All documents of a set, tombstones included. */
export async function contentOf(set: DocumentSet): Promise<Record<string, Document[]>> {
  const content: Record<string, Document[]> = {};
  for (const { name } of COLLECTIONS) {
    const documents: Document[] = [];
    for await (const page of set.scan(name)) documents.push(...page);
    content[name] = documents;
  }
  return content;
}

/** The body and state of a document, parsed. */
export async function documentOf(set: DocumentSet, collection: string, id: string) {
  const [document] = await set.get(collection, [id]);
  if (!document) return undefined;
  const body = document.json === undefined ? undefined : (JSON.parse(document.json) as Record<string, unknown>);
  return { body, state: JSON.parse(document.state) as Record<string, unknown>, position: document.position };
}
