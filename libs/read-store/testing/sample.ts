/** What the contract suite stores and how it says so in few words. */
import type { Collection, DocumentSet, DocumentUpdate, Position, Query, ReadStore } from '../src/read-store.js';

/** How the suite gets a store: an empty one for every call. */
export type OpenStore = (
  collections: readonly Collection[],
) => Promise<{ readonly store: ReadStore; readonly close: () => Promise<void> }>;

/** A field of each type, one of them inside an object, and indexes of one, two and no fields. */
export const THINGS: Collection = {
  name: 'things',
  fields: {
    id: 'text',
    project_id: 'text',
    name: 'text',
    size: 'number',
    active: 'boolean',
    created_at: 'time',
    'run.outcome': 'text',
  },
  indexes: [['project_id', 'created_at'], ['size']],
};

/** A second collection with documents of its own. */
export const OTHERS: Collection = { name: 'others', fields: { name: 'text' }, indexes: [] };

export type Body = Readonly<Record<string, unknown>>;

/** The n-th position of a log. */
export const at = (n: number): Position => String(n).padStart(20, '0');

/** Puts a document that does not exist yet. */
export const insertion = (id: string, body: Body | undefined, position = at(1)): DocumentUpdate => ({
  collection: THINGS.name,
  id,
  expected: undefined,
  position,
  body: body && { id, ...body },
});

/** Fills an empty set with bodies, each under the id it is listed by. */
export async function fill(set: DocumentSet, bodies: Readonly<Record<string, Body>>): Promise<void> {
  const updates = Object.entries(bodies).map(([id, body]) => insertion(id, body));
  await set.apply(updates, at(1));
}

/** The ids that a query finds, in order. */
export async function idsOf(set: DocumentSet, query: Partial<Query>): Promise<string[]> {
  const page = await set.find({ collection: THINGS.name, orderBy: [], offset: 0, limit: 1000, ...query });
  return page.documents.map(({ id }) => id);
}

/** The body that is stored under an id, undefined when there is none. */
export async function bodyOf(set: DocumentSet, id: string): Promise<unknown> {
  const [document] = await set.get(THINGS.name, [id]);
  return document?.json === undefined ? undefined : JSON.parse(document.json);
}

/** All that a scan of the things yields. */
export async function idsOfScan(set: DocumentSet): Promise<string[]> {
  const ids: string[] = [];
  for await (const page of set.scan(THINGS.name)) ids.push(...page.map(({ id }) => id));
  return ids;
}

/** Runs a test on an empty store and closes it after. */
export const withStore =
  (open: OpenStore, test: (store: ReadStore) => Promise<void>): (() => Promise<void>) =>
  async () => {
    const { store, close } = await open([THINGS, OTHERS]);
    try {
      await test(store);
    } finally {
      await close();
    }
  };
