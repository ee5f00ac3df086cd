/** The event store is killed and started again under load: nothing acknowledged is lost, and writes say meanwhile when to come again. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Cluster } from './support/cluster.js';
import { expectInvariants } from './support/invariants.js';
import { describeOnServers } from './support/on-servers.js';
import { owePastTicks } from './support/past-ticks.js';
import { allEvents } from './support/stores.js';
import { TestBed } from './support/system.js';
import { until } from './support/until.js';
import { Writers } from './support/writers.js';

const ROUNDS = 3;
const MORE = 20;

describeOnServers('an event store that is killed and started again', () => {
  const bed = new TestBed();
  let cluster: Cluster;

  beforeAll(async () => {
    cluster = await Cluster.start(await bed.dataDir(), 1);
  }, 180_000);
  afterAll(async () => {
    await cluster?.stop();
    await bed.clear();
  });

  it('loses no write that was acknowledged; writes get 503 with Retry-After meanwhile; all recovers by itself', async () => {
    const { kurrentdb } = cluster.servers;
    const writers = new Writers(cluster.clients, 'writes');
    await writers.start(8);
    await owePastTicks(cluster.dataDir, { project: 'ticks', schedules: 2, ticks: 50 });
    const refused = (): number => writers.answers.get('503') ?? 0;
    for (let round = 1; round <= ROUNDS; round++) {
      const kept = writers.acknowledged.size;
      await until(() => writers.acknowledged.size >= kept + MORE, 60_000, 'writes are acknowledged');
      const before = refused();
      await kurrentdb.kill();
      await until(() => refused() > before, 60_000, 'writes are refused with 503');
      kurrentdb.start();
    }
    const kept = writers.acknowledged.size;
    await until(() => writers.acknowledged.size >= kept + MORE, 60_000, 'writes are acknowledged again');
    await writers.stop();
    expect([...writers.answers.keys()].filter(status => !['200', '201', '409', '503'].includes(status))).toEqual([]);
    writers.expectKept(await allEvents(cluster.dataDir));
    await expectInvariants(cluster.dataDir, cluster.plain);
  }, 240_000);
});
