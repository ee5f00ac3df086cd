import { afterEach, describe, expect, it } from '@jest/globals';
import type { DocumentSet, DocumentUpdate, ReadStore } from '#read-store';
import { History, MemoryEventStore, Random, ReadStores } from '../testing/index.js';
import { Projector } from './projector.js';
import { verify } from './verify.js';

const stores = new ReadStores();
afterEach(() => stores.clear());

async function projectedHistory() {
  const events = new MemoryEventStore();
  const history = new History(new Random(7));
  await history.live(600, events);
  const reads = await stores.make();
  await new Projector(events, reads.live, { poison: 'park' }).catchUp();
  const { documents } = await reads.live.find({ collection: 'sessions', orderBy: [], offset: 0, limit: 1 });
  const { id, position, json, state } = documents[0]!;
  const body = JSON.parse(json!) as Record<string, unknown>;
  /** Writes the document in another way, behind the projector's back. */
  const tamper = async (change: Partial<DocumentUpdate>) => {
    const update = {
      collection: 'sessions',
      id,
      expected: position,
      position,
      body,
      state: JSON.parse(state) as object,
      ...change,
    };
    expect(await reads.live.apply([update as DocumentUpdate], position)).toEqual([]);
  };
  return { events, history, reads, id, position, body, tamper };
}

/** The store with another way to read its live documents. */
const withLive = (reads: ReadStore, ways: Partial<DocumentSet>): ReadStore => ({
  live: {
    get: (collection, ids) => reads.live.get(collection, ids),
    find: query => reads.live.find(query),
    scan: collection => reads.live.scan(collection),
    apply: (updates, checkpoint) => reads.live.apply(updates, checkpoint),
    checkpoint: () => reads.live.checkpoint(),
    ...ways,
  },
  beside: name => reads.beside(name),
  swapIn: name => reads.swapIn(name),
  drop: name => reads.drop(name),
  close: () => reads.close(),
});

describe('verify', () => {
  it('finds live documents equal to what the log makes of them', async () => {
    const { events, reads } = await projectedHistory();
    expect(await verify(events, reads)).toEqual({ equal: true, documents: expect.any(Number) });
  });

  it('names the one field that differs', async () => {
    const { events, reads, id, body, tamper } = await projectedHistory();
    await tamper({ body: { ...body, name: 'changed' } });
    const first = { collection: 'sessions', id, field: 'body.name', live: 'changed', rebuilt: body['name'] };
    expect(await verify(events, reads)).toEqual({ equal: false, first });
  });

  it('looks at what a projection remembers, too', async () => {
    const { events, reads, id, tamper } = await projectedHistory();
    await tamper({ state: { revision: 99 } });
    expect(await verify(events, reads)).toMatchObject({ equal: false, first: { id, field: expect.stringContaining('state.') } });
  });

  it('finds a document that the log does not make', async () => {
    const { events, reads, tamper } = await projectedHistory();
    await tamper({ id: 'zzz', expected: undefined });
    expect(await verify(events, reads)).toMatchObject({
      equal: false,
      first: { collection: 'sessions', id: 'zzz', rebuilt: undefined },
    });
  });

  it('finds a document that is missing', async () => {
    const { events, reads, id } = await projectedHistory();
    const lacking = withLive(reads, {
      get: async (collection, ids) =>
        reads.live.get(
          collection,
          ids.filter(wanted => wanted !== id),
        ),
      scan: async function* (collection) {
        for await (const page of reads.live.scan(collection)) yield page.filter(document => document.id !== id);
      },
    });
    expect(await verify(events, lacking)).toMatchObject({ equal: false, first: { collection: 'sessions', id, live: undefined } });
  });

  it('is right while the live documents move on', async () => {
    const { events, history, reads } = await projectedHistory();
    const projector = new Projector(events, reads.live, { poison: 'park', batchSize: 20 });
    let pages = 0;
    const moving = withLive(reads, {
      scan: async function* (collection) {
        for await (const page of reads.live.scan(collection)) {
          yield page;
          pages += 1;
          await history.live(50, events);
          await projector.catchUp();
        }
      },
    });
    expect(await verify(events, moving)).toMatchObject({ equal: true });
    expect(pages).toBeGreaterThan(5);
  });

  it('drops the set that it has built, whatever it finds', async () => {
    const { events, reads, tamper } = await projectedHistory();
    await tamper({ body: {} });
    const dropped: string[] = [];
    await verify(events, { ...withLive(reads, {}), drop: async name => (dropped.push(name), reads.drop(name)) });
    expect(dropped).toEqual(['verify']);
  });
});
