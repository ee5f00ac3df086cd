import { afterEach, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import type { DocumentSet } from '#read-store';
import { documentOf, idFor, MemoryEventStore, ReadStores } from '../testing/index.js';
import { foldBatch } from './batch.js';
import { progress } from './collections.js';
import type { ParkedEvent } from './documents.js';
import { PoisonEvent } from './parked.js';
import { Projector } from './projector.js';
import { rebuild } from './rebuild.js';

const stores = new ReadStores();
afterEach(() => stores.clear());

const park = { poison: 'park' } as const;
const stop = { poison: 'stop' } as const;

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
