import { afterEach, describe, expect, it } from '@jest/globals';
import { ksuid } from '#contracts';
import { SchedulerWorld } from '../testing/scheduler-world.js';
import { leaseOfShard, shardOf } from './shards.js';

const ids = Array.from({ length: 3000 }, (_, n) => ksuid(Date.UTC(2026, 0, 1), Buffer.alloc(16, `${n}x`)));
/** Computed apart, in another language. */
const PINNED = [
  [0, 3, 0],
  [0, 1, 3],
  [0, 3, 5],
  [0, 2, 6],
];

describe('the shard of a schedule', () => {
  it('is the same for ever: every release of the program must agree', () => {
    expect(ids.slice(0, 4).map(id => [shardOf(id, 1), shardOf(id, 4), shardOf(id, 7)])).toEqual(PINNED);
  });

  it.each([2, 3, 4, 8, 16])('is spread evenly over %i', count => {
    const sizes = Array.from({ length: count }, () => 0);
    for (const id of ids) sizes[shardOf(id, count)]! += 1;
    for (const size of sizes) expect(Math.abs(size / (ids.length / count) - 1)).toBeLessThan(0.3);
  });

  it('has a lease of its own; the only one that of old', () => {
    expect(leaseOfShard(0, 1)).toBe('scheduler');
    expect([0, 1].map(shard => leaseOfShard(shard, 2))).toEqual(['scheduler-0-of-2', 'scheduler-1-of-2']);
  });
});

describe('a scheduler that leads some shards', () => {
  let world: SchedulerWorld;
  afterEach(() => world.end());

  it('asks for the ticks of their schedules, and for no others', async () => {
    world = await SchedulerWorld.at('2026-02-01T09:59:50.000Z');
    const some = ids.slice(0, 20);
    for (const id of some) await world.create(id, { schedule: '0 * * * *' });
    await world.start({ shards: 4, leads: [1, 3] });
    await world.clock.advance(15_000);
    const own = some.filter(id => [1, 3].includes(shardOf(id, 4)));
    expect(world.bus.sent.map(({ request }) => request.scheduled_session_id).toSorted()).toEqual(own.toSorted());
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(some.length);
  });

  it('asks for nothing while it leads none', async () => {
    world = await SchedulerWorld.at('2026-02-01T09:59:50.000Z');
    await world.create(ids[0]!, { schedule: '0 * * * *' });
    await world.start({ leads: [] });
    await world.clock.advance(15_000);
    expect(world.bus.sent).toEqual([]);
  });
});
