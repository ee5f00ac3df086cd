import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DocumentSet } from '#read-store';
import { until } from '#bus/testing';
import { contentOf, History, ManualClock, MemoryEventStore, Random, ReadStores } from '../testing/index.js';
import { foldBatch } from './batch.js';
import { COLLECTIONS } from './collections.js';
import { Projector } from './projector.js';

const stores = new ReadStores();
afterEach(() => stores.clear());

const park = { poison: 'park' } as const;
const stop = { poison: 'stop' } as const;

async function historyOf(seed: number, commands: number): Promise<MemoryEventStore> {
  const events = new MemoryEventStore();
  await new History(new Random(seed)).live(commands, events);
  return events;
}

async function projected(events: MemoryEventStore, batchSize: number): Promise<DocumentSet> {
  const { live } = await stores.make();
  await new Projector(events, live, { ...stop, batchSize }).catchUp();
  return live;
}

/** A set that lets something happen before it does what it is asked for. */
function interfered(set: DocumentSet, before: (call: 'get' | 'find' | 'apply') => Promise<void>): DocumentSet {
  return {
    get: async (collection, ids) => (await before('get'), set.get(collection, ids)),
    find: async query => (await before('find'), set.find(query)),
    apply: async (updates, checkpoint) => (await before('apply'), set.apply(updates, checkpoint)),
    scan: collection => set.scan(collection),
    checkpoint: () => set.checkpoint(),
  };
}

describe('a projector', () => {
  it('makes the same documents of the same log, however the log is cut into batches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), async seed => {
        const events = await historyOf(seed, 5000);
        const small = await contentOf(await projected(events, 7));
        const large = await contentOf(await projected(events, 1000));
        expect(large).toEqual(small);
        for (const { name } of COLLECTIONS) expect([name, small[name]!.length > 0]).toEqual([name, name !== 'parked_events']);
      }),
      { numRuns: 2 },
    );
  });

  it('does not change a document by an event that is delivered again', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.nat(), fc.nat(), async (seed, a, b) => {
        const events = await historyOf(seed, 400);
        const set = await projected(events, 100);
        const [from, to] = [a % events.log.length, b % (events.log.length + 1)].sort((x, y) => x - y);
        for (const again of [events.log.slice(0, to), events.log.slice(from, to)]) {
          expect((await foldBatch(set, again, { blocked: new Map(), refused: new Map() })).updates).toEqual([]);
        }
      }),
      { numRuns: 5 },
    );
  });

  it('goes on where it, or another, has stopped', async () => {
    const events = new MemoryEventStore();
    const history = new History(new Random(1));
    const { live } = await stores.make();
    for (let i = 0; i < 5; i++) {
      await history.live(200, events);
      await new Projector(events, live, park).catchUp();
    }
    expect(await contentOf(live)).toEqual(await contentOf(await projected(events, 500)));
  });

  it('can be brought to any position', async () => {
    const events = await historyOf(2, 100);
    const { live } = await stores.make();
    const projector = new Projector(events, live, park);
    const { position } = events.log[40]!;
    await projector.catchUp(position);
    expect([projector.position, await live.checkpoint()]).toEqual([position, position]);
    expect(await projector.lag(Date.parse('2027-01-01T00:00:00Z'))).toEqual({
      events: events.log.length - 41,
      seconds: expect.any(Number),
    });
  });

  it('leaves the right documents when several work on one set', async () => {
    const events = await historyOf(3, 1500);
    const { live } = await stores.make();
    await Promise.all([3, 17, 90].map(batchSize => new Projector(events, live, { ...park, batchSize }).catchUp()));
    expect(await contentOf(live)).toEqual(await contentOf(await projected(events, 500)));
  });

  it('mends what a projector that was already beaten has written', async () => {
    const events = await historyOf(4, 1000);
    const { live } = await stores.make();
    // The other one folded a shorter batch, and its documents arrive between our reading and our writing.
    const late = await foldBatch(live, events.log.slice(0, 150), { blocked: new Map(), refused: new Map() });
    let writes = 0;
    const set = interfered(live, async call => {
      if (call === 'apply' && ++writes === 1) await live.apply(late.updates, events.log[149]!.position);
    });
    await new Projector(events, set, { ...park, batchSize: 300 }).catchUp();
    expect(await contentOf(live)).toEqual(await contentOf(await projected(events, 500)));
  });

  it('follows the log live until it is told to stop', async () => {
    const events = await historyOf(5, 50);
    const { live } = await stores.make();
    const reached = (position: string | undefined) =>
      new Promise<void>(resolve => (seen = at => void (at === position && resolve())));
    let seen: (position: string) => void = () => {};
    const projector = new Projector(events, live, { ...park, onProgress: position => seen(position) });
    const stopping = new AbortController();
    let caughtUp = reached(await events.head());
    const running = projector.run(stopping.signal);
    await caughtUp;
    const { position } = (
      await events.append([
        { stream: 'nameClaim-1', expected: 'any', events: [{ id: 'x', type: 'NameClaimed', data: '{}', metadata: '{}' }] },
      ])
    )[0]!;
    caughtUp = reached(position);
    await caughtUp;
    stopping.abort();
    await running;
    expect(projector.position).toBe(position);
  });

  it('fills a set again that was emptied while nothing happened', async () => {
    const events = await historyOf(7, 200);
    const [before, after] = [(await stores.make()).live, (await stores.make()).live];
    let current = before;
    const set: DocumentSet = {
      get: (collection, ids) => current.get(collection, ids),
      find: query => current.find(query),
      apply: (updates, checkpoint) => current.apply(updates, checkpoint),
      scan: collection => current.scan(collection),
      checkpoint: () => current.checkpoint(),
    };
    const head = await events.head();
    const clock = new ManualClock();
    const stopping = new AbortController();
    const running = new Projector(events, set, { ...park, clock }).run(stopping.signal);
    const isFull = async () => (await clock.advance(1000), await current.checkpoint()) === head;
    await until(isFull);
    current = after;
    await until(isFull);
    expect(await contentOf(after)).toEqual(await contentOf(before));
    stopping.abort();
    await running;
  });

  it('is not fooled by a set that is swapped under it, at whatever moment', async () => {
    const events = await historyOf(6, 400);
    const expected = await contentOf(await projected(events, 500));
    const behind = events.log[40]!.position;
    let [moment, calls] = [0, 0];
    do {
      const store = await stores.make();
      await new Projector(events, await store.beside('rebuild'), stop).catchUp(behind);
      [moment, calls] = [moment + 1, 0];
      const live = interfered(store.live, async () => {
        if (++calls === moment) await store.swapIn('rebuild');
      });
      await new Projector(events, live, { ...park, batchSize: 60 }).catchUp();
      expect({ moment, content: await contentOf(store.live) }).toEqual({ moment, content: expected });
      await stores.clear();
    } while (moment <= calls);
    expect(moment).toBeGreaterThan(20);
  });
});
