/**
 * `kill -9` of every service between each two of append, publish, ack, checkpoint and project, and at random points, while clients write
 * and ticks fall due: nothing acknowledged is lost, no tick is lost or doubled.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeOnServers } from './support/on-servers.js';
import { Cluster, SERVICES, type Service } from './support/cluster.js';
import { expectInvariants } from './support/invariants.js';
import { owePastTicks, type PastTicks } from './support/past-ticks.js';
import { randomFrom, testSeed } from './support/random.js';
import { allEvents } from './support/stores.js';
import { TestBed } from './support/system.js';
import { moreEvents } from './support/watched-log.js';
import { Writers } from './support/writers.js';

const seed = testSeed();
const random = randomFrom(seed);
const upTo = (most: number): number => Math.floor(random() * most);

/** What a service was doing when it was killed. */
interface Step {
  readonly service: Service;
  readonly between: string;
  /** Kills it there. It is started again afterwards. */
  kill(cluster: Cluster, service: Service): Promise<void>;
}

/** At each step, one after the other. */
const TIMES = 2;

const step = (service: Service, between: string, kill: Step['kill']): Step => ({ service, between, kill });

/** As soon as an event of a type is in the log. */
const onceAppended =
  (type?: string): Step['kill'] =>
  async (cluster, service) => {
    await moreEvents(cluster.dataDir, 1, type);
    await cluster.kill9(service);
  };

/** As soon as a message is published. */
const oncePublished =
  (subject: string): Step['kill'] =>
  async (cluster, service) => {
    await cluster.plain.next(subject);
    await cluster.kill9(service);
  };

/** After an event of a type was appended, while nothing gets through to the broker any more; and what was on its way there is lost. */
const cutFromBroker =
  (type: string): Step['kill'] =>
  async (cluster, service) => {
    const { nats } = cluster.servers;
    // What was delivered before is decided still.
    await moreEvents(cluster.dataDir, 1, type);
    nats.signal('SIGSTOP');
    try {
      await moreEvents(cluster.dataDir, 1, type);
      await cluster.kill9(service);
    } finally {
      await nats.restart();
    }
  };

/** After more events were appended, none of which it has seen. */
const suspended: Step['kill'] = async (cluster, service) => {
  for (const replica of cluster.of(service)) replica.signal('SIGSTOP');
  await moreEvents(cluster.dataDir, 10);
  await cluster.kill9(service);
};

/** At any point of its work. */
const sometime: Step['kill'] = async (cluster, service) => {
  await moreEvents(cluster.dataDir, 1 + upTo(100));
  await cluster.kill9(service);
};

const STEPS: readonly Step[] = [
  step('command-api', 'append and answer', onceAppended('SessionMessageAppended')),
  step('command-api', 'append of the request and append of its effect', onceAppended('RequestAccepted')),
  step('command-api', 'append of the admission and append of the session', onceAppended('SessionAdmitted')),
  step('command-api', 'append of the session and append of the outcome', onceAppended('SessionStarted')),
  step('command-api', 'append of the outcome and ack', cutFromBroker('RunStarted')),
  step('command-api', 'append of the end of a session and append of the end of its run', onceAppended('SessionStatusReported')),
  step('scheduler', 'publish of a request and its PubAck', oncePublished('ambient.trigger.>')),
  step('scheduler', 'append and publish of an event', cutFromBroker('RunStarted')),
  step('scheduler', 'publish of an event and checkpoint', oncePublished('ambient.events.>')),
  step('query-api', 'append and project', suspended),
  step('query-api', 'project and checkpoint', onceAppended()),
  step('proxy', 'append and answer', onceAppended('ScheduledSessionUpdated')),
  step('runtime', 'publish of a start and its report', onceAppended('SessionStarted')),
  step('runtime', 'report and end', onceAppended('SessionStatusReported')),
];

describeOnServers(`kill -9 of services in twos, with TEST_SEED=${seed}`, () => {
  const bed = new TestBed();
  let cluster: Cluster;
  let round = 0;

  beforeAll(async () => {
    cluster = await Cluster.start(await bed.dataDir());
  }, 180_000);
  afterAll(async () => {
    await cluster?.stop();
    await bed.clear();
  });

  /** Clients write and ticks fall due while `faults` happen; then everything is checked. */
  async function underLoad(ticks: Pick<PastTicks, 'schedules' | 'ticks'>, faults: () => Promise<void>): Promise<void> {
    const project = `ticks-${++round}`;
    const writers = new Writers(cluster.clients, `writes-${round}`);
    await writers.start(4);
    try {
      // The faults wait for what the ticks bring about.
      await Promise.all([faults(), owePastTicks(cluster.dataDir, { project, ...ticks, overlap: ['allow', 'skip'] })]);
    } finally {
      await writers.stop();
    }
    writers.expectKept(await allEvents(cluster.dataDir));
    await expectInvariants(cluster.dataDir, cluster.plain, { project });
    expect(writers.acknowledged.size).toBeGreaterThan(0);
  }

  describe.each(STEPS)('of the $service', ({ service, between, kill }) => {
    it(`between ${between}`, async () => {
      for (let time = 1; time <= TIMES; time++) {
        // Ticks of its own each time: those of the time before may all be through when the service is back.
        await underLoad({ schedules: 4, ticks: 12 }, async () => {
          await kill(cluster, service);
          await cluster.restart(service);
        });
      }
    }, 240_000);
  });

  it('of one process of each service after the other, at random points', async () => {
    await underLoad({ schedules: 6, ticks: 40 }, async () => {
      for (const service of SERVICES) {
        for (const replica of cluster.of(service)) {
          await moreEvents(cluster.dataDir, 1 + upTo(60));
          await replica.kill9();
          await replica.start();
        }
      }
    });
  }, 400_000);

  it.each(SERVICES)(
    'of the whole service at a random point: %s',
    async service => {
      await underLoad({ schedules: 4, ticks: 20 }, async () => {
        await sometime(cluster, service);
        await cluster.restart(service);
      });
    },
    240_000,
  );
});
