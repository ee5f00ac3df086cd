import { afterEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store';
import { contentOf, History, MemoryEventStore, Random, ReadStores } from '../testing/index.js';
import { PoisonEvent } from './parked.js';
import { Projector } from './projector.js';
import { rebuild } from './rebuild.js';
import { verify } from './verify.js';

const stores = new ReadStores();
afterEach(() => stores.clear());

const poison = {
  stream: 'agent-x',
  expected: 'any' as const,
  events: [{ id: 'x', type: 'AgentCreated', data: '{', metadata: '{}' }],
};

describe('rebuild', () => {
  it('makes the documents that projecting live has made', async () => {
    const events = new MemoryEventStore();
    const history = new History(new Random(11));
    const reads = await stores.make();
    for (let i = 0; i < 4; i++) {
      await history.live(400, events);
      await new Projector(events, reads.live, { poison: 'park', batchSize: 30 }).catchUp();
    }
    const live = await contentOf(reads.live);
    const told: string[] = [];
    expect(await rebuild(events, reads, { onProgress: position => void told.push(position) })).toBe(await events.head());
    expect(await contentOf(reads.live)).toEqual(live);
    expect(told.at(-1)).toBe(await events.head());
  });

  it('answers nothing on an empty log', async () => {
    const reads = await stores.make();
    expect(await rebuild(new MemoryEventStore(), reads)).toBeUndefined();
    expect(await verify(new MemoryEventStore(), reads)).toEqual({ equal: true, documents: 0 });
  });

  it('frees what was parked once the events can be read', async () => {
    const events = new MemoryEventStore();
    await new History(new Random(12)).live(200, events);
    await events.append([poison]);
    const reads = await stores.make();
    await new Projector(events, reads.live, { poison: 'park' }).catchUp();
    events.log.pop();
    await rebuild(events, reads);
    const again = new Projector(events, reads.live, { poison: 'park' });
    await again.catchUp();
    expect(again.parked).toBe(0);
  });

  it('stops at a poison event and leaves the live documents as they were', async () => {
    const events = new MemoryEventStore();
    await new History(new Random(13)).live(200, events);
    const reads = await stores.make();
    await new Projector(events, reads.live, { poison: 'park' }).catchUp();
    const live = await contentOf(reads.live);
    await events.append([poison]);
    await expect(rebuild(events, reads)).rejects.toThrow(PoisonEvent);
    expect(await contentOf(reads.live)).toEqual(live);
    await expect(reads.swapIn('rebuild')).rejects.toThrow();
  });

  it('goes on beside writers, a live projector and readers, on the embedded stores', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'projections-'));
    const events = await SqliteEventStore.open({ path: join(folder, 'events.db') });
    const history = new History(new Random(14));
    await history.live(800, events);
    const reads = await stores.make();
    const stopping = new AbortController();
    const waiting = new Map<string, () => void>();
    const onProgress = (position: string) => waiting.forEach((resolve, wanted) => position >= wanted && resolve());
    const live = new Projector(events, reads.live, { poison: 'park', batchSize: 50, onProgress });
    const running = live.run(stopping.signal);

    const totals: number[] = [];
    const rebuilding = new AbortController();
    const read = async () => {
      while (!rebuilding.signal.aborted) {
        totals.push((await reads.live.find({ collection: 'sessions', orderBy: [], offset: 0, limit: 10 })).total);
        await history.live(10, events);
      }
    };
    await new Promise<void>(resolve => void events.head().then(head => waiting.set(head!, resolve)));
    waiting.clear();
    const reading = read();
    for (let i = 0; i < 3; i++) await rebuild(events, reads);
    rebuilding.abort();
    await reading;
    expect(Math.min(...totals)).toBeGreaterThan(0);

    const head = (await events.head())!;
    if (live.position! < head) await new Promise<void>(resolve => waiting.set(head, resolve));
    expect(await verify(events, reads)).toMatchObject({ equal: true });
    stopping.abort();
    await running;
    await events.close();
    await rm(folder, { recursive: true });
  });
});
