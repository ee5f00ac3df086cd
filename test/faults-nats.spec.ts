/** Ticks and events over a broker that is killed and wiped, and under a system that is: nothing lost, nothing doubled. */
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { describeWithEngine } from '#testing';
import { brokerOf, type Broker } from './support/broker.js';
import { expectInvariants } from './support/invariants.js';
import { owePastTicks } from './support/past-ticks.js';
import { randomFrom, testSeed } from './support/random.js';
import { allEvents } from './support/stores.js';
import { TestBed, type System } from './support/system.js';
import { until } from './support/until.js';
import { eventsInAll } from './support/watched-log.js';

const seed = testSeed();
const random = randomFrom(seed);
const upTo = (most: number): number => Math.floor(random() * most);

describeWithEngine('nats', `a system and its broker, with TEST_SEED=${seed}`, () => {
  const bed = new TestBed();
  let dataDir: string;
  let broker: Broker;

  beforeEach(async () => {
    dataDir = await bed.dataDir();
    broker = await brokerOf(dataDir);
  }, 120_000);
  afterEach(async () => {
    await bed.clear();
    await broker.stop();
  });

  const start = (): Promise<System> => bed.start(dataDir, { NATS_URL: broker.server.url });
  const startedTicks = (log: readonly { type: string }[]): number => log.filter(({ type }) => type === 'RunStarted').length;

  it('nats-server killed and wiped in the middle of 1,000 ticks: each of them starts one session', async () => {
    await owePastTicks(dataDir, { project: 'ticks', schedules: 20, ticks: 50 });
    const system = await start();
    const losses = (): number => system.output.split('is lost, reconnecting').length;
    const returns = (): number => system.output.split(/connected to NATS at \S+ again/).length;
    const breaks = [true, false, true].map((wiped, n) => ({ wiped, after: 100 + 250 * n + upTo(200) }));
    for (const { wiped, after } of breaks) {
      await eventsInAll(dataDir, after, 'RunStarted');
      const before = losses();
      await broker.server.kill();
      await until(() => losses() !== before, 60_000, 'the system says that the broker is lost');
      await broker.server.restart({ wiped });
      await until(() => returns() >= losses(), 60_000, 'the system says that it found the broker again');
    }
    expect(startedTicks(await expectInvariants(dataDir, broker.plain, { timeoutMs: 300_000 }))).toBe(1000);
  }, 900_000);

  it('the whole system killed at random points in the middle of ticks: each of them starts one session', async () => {
    await owePastTicks(dataDir, { project: 'ticks', schedules: 10, ticks: 20 });
    for (let round = 1; round <= 4; round++) {
      const { length } = await allEvents(dataDir);
      const system = await start();
      await eventsInAll(dataDir, length + 1 + upTo(300));
      await system.kill9();
    }
    await start();
    expect(startedTicks(await expectInvariants(dataDir, broker.plain, { timeoutMs: 300_000 }))).toBe(200);
  }, 900_000);
});
