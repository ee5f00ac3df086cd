import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { streams } from '#contracts';
import type { DocumentSet } from '#read-store';
import { contentOf, documentOf, History, idFor, MemoryEventStore, Random, ReadStores } from '../testing/index.js';
import { foldBatch } from './batch.js';
import { COLLECTIONS, progress } from './collections.js';
import type { ParkedEvent } from './documents.js';
import { PoisonEvent } from './parked.js';
import { Projector } from './projector.js';
import { rebuild } from './rebuild.js';

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
      { numRuns: 10 },
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

describe('a poison event', () => {
  const agent = (id: string) => streams.agent(idFor(id));
  const metadata = JSON.stringify({
    schema_version: 1,
    occurred_at: '2026-01-01T00:00:00.000Z',
    actor: { id: 'ann', kind: 'user' },
  });
  const created = (stream: string) => write(stream, 'AgentCreated', { project_id: 'blue', owner_user_id: 'ann', name: 'one' });
  const updated = (stream: string, changes: object) => write(stream, 'AgentUpdated', { project_id: 'blue', changes });
  const write = (stream: string, type: string, payload: object | string) => ({
    stream,
    expected: 'any' as const,
    events: [{ id: 'x', type, data: typeof payload === 'string' ? payload : JSON.stringify(payload), metadata }],
  });
  const bad = (stream: string) => write(stream, 'AgentUpdated', '{broken');

  async function parkedIn(set: DocumentSet): Promise<ParkedEvent[]> {
    const { documents } = await set.find({
      collection: 'parked_events',
      orderBy: [{ field: 'id', direction: 'asc' }],
      offset: 0,
      limit: 100,
    });
    return documents.map(({ json }) => JSON.parse(json!) as ParkedEvent);
  }

  it('is parked with the later events of its stream, and holds up no other stream', async () => {
    const events = new MemoryEventStore();
    const { live } = await stores.make();
    const told: ParkedEvent[] = [];
    const options = { ...park, onParked: (event: ParkedEvent) => void told.push(event) };
    await events.append([
      created(agent('a')),
      created(agent('b')),
      bad(agent('a')),
      updated(agent('a'), { prompt: 'A' }),
      updated(agent('b'), { prompt: 'B' }),
    ]);
    const projector = new Projector(events, live, options);
    await projector.catchUp();
    expect(await parkedIn(live)).toEqual([
      expect.objectContaining({
        stream: agent('a'),
        revision: 1,
        type: 'AgentUpdated',
        attempts: 1,
        error: expect.stringContaining('JSON'),
        occurred_at: '2026-01-01T00:00:00.000Z',
      }),
      expect.objectContaining({
        stream: agent('a'),
        revision: 2,
        attempts: 0,
        error: 'an earlier event of this stream is parked',
      }),
    ]);
    expect(await documentOf(live, 'agents', idFor('a'))).toMatchObject({ state: { revision: 0 } });
    expect(await documentOf(live, 'agents', idFor('b'))).toMatchObject({ body: { prompt: 'B' }, state: { revision: 1 } });
    expect([projector.parked, told.length]).toEqual([2, 2]);
  });

  it('keeps its stream parked over a restart', async () => {
    const events = new MemoryEventStore();
    const { live } = await stores.make();
    await events.append([created(agent('a')), bad(agent('a'))]);
    await new Projector(events, live, park).catchUp();
    await events.append([updated(agent('a'), { prompt: 'A' }), created(agent('b'))]);
    const restarted = new Projector(events, live, park);
    await restarted.catchUp();
    expect((await parkedIn(live)).map(({ revision }) => revision)).toEqual([1, 2]);
    expect(restarted.parked).toBe(2);
    expect(await documentOf(live, 'agents', idFor('b'))).toBeDefined();
  });

  it('is parked once when it is delivered again', async () => {
    const events = new MemoryEventStore();
    const { live } = await stores.make();
    await events.append([created(agent('a')), bad(agent('a')), updated(agent('a'), { prompt: 'A' })]);
    await new Projector(events, live, park).catchUp();
    const again = await foldBatch(live, events.log, {
      blocked: new Map([[agent('a'), events.log[1]!.position]]),
      refused: new Map(),
    });
    expect([again.updates, again.parked]).toEqual([[], []]);
  });

  it('is found when it is the read store that refuses what it makes', async () => {
    const events = new MemoryEventStore();
    const { live } = await stores.make();
    const many = Array.from({ length: 20 }, (_, i) => created(agent(String(i))));
    await events.append([
      ...many,
      updated(agent('7'), { llm_max_tokens: 'many' }),
      ...many.map((_, i) => updated(agent(String(i)), { prompt: 'P' })),
    ]);
    await new Projector(events, live, park).catchUp();
    const [first, ...others] = await parkedIn(live);
    expect(first).toMatchObject({ stream: agent('7'), revision: 1, error: expect.stringContaining('llm_max_tokens') });
    expect(first!.attempts).toBeGreaterThan(1);
    expect(others).toEqual([expect.objectContaining({ stream: agent('7'), revision: 2, attempts: 0 })]);
    expect(await documentOf(live, 'agents', idFor('7'))).toMatchObject({ state: { revision: 0 } });
    expect(await documentOf(live, 'agents', idFor('19'))).toMatchObject({ body: { prompt: 'P' } });
  });

  it('is what an event is whose stream misses one before it', async () => {
    const events = new MemoryEventStore();
    const { live } = await stores.make();
    await events.append([created(agent('a')), updated(agent('a'), { prompt: 'A' }), updated(agent('a'), { prompt: 'B' })]);
    events.log.splice(1, 1);
    await new Projector(events, live, park).catchUp();
    expect(await parkedIn(live)).toEqual([expect.objectContaining({ error: expect.stringContaining('revision 2') })]);
  });

  it('blocks its stream no longer when a rebuild under a running projector could read it', async () => {
    const events = new MemoryEventStore();
    const store = await stores.make();
    await events.append([created(agent('a')), bad(agent('a'))]);
    let moved = Promise.withResolvers<void>();
    const projector = new Projector(events, store.live, { ...park, onProgress: () => moved.resolve() });
    const stopping = new AbortController();
    const running = projector.run(stopping.signal);
    await moved.promise;
    expect(projector.parked).toBe(1);

    events.log[1] = { ...events.log[1]!, data: JSON.stringify({ project_id: 'blue', changes: { prompt: 'A' } }) };
    await rebuild(events, store);
    moved = Promise.withResolvers();
    await events.append([updated(agent('a'), { display_name: 'One' })]);
    await moved.promise;
    stopping.abort();
    await running;
    expect(await documentOf(store.live, 'agents', idFor('a'))).toMatchObject({
      body: { prompt: 'A', display_name: 'One' },
      state: { revision: 2 },
    });
    expect([projector.parked, await parkedIn(store.live)]).toEqual([0, []]);
  });

  it('stops a rebuild, which says where and why', async () => {
    const events = new MemoryEventStore();
    const { live } = await stores.make();
    await events.append([created(agent('a')), write(agent('a'), 'AgentPromoted', {})]);
    const failing = new Projector(events, live, stop).catchUp();
    await expect(failing).rejects.toThrow(PoisonEvent);
    await expect(failing).rejects.toThrow(`event 1 of ${agent('a')} can't be projected: no event type AgentPromoted`);
    expect(await live.get(progress.name, ['position'])).toEqual([]);
  });
});
