import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#bus';
import { until } from '#bus/testing';
import { SqliteEventStore } from '#event-store';
import { describeWithEngine, startNatsServer, type NatsServer } from '#testing';
import {
  contentOfStream,
  lengthOfStream,
  NatsBroker,
  PlainSubscriber,
  Random,
  RelayProcess,
  SampleLog,
} from '../../testing/index.js';
import { runEventFeed } from '../index.js';

const seed = Number(process.env['FEED_SEED'] ?? Date.now() % 1_000_000);

describeWithEngine('nats', `the event feed and its faults (FEED_SEED=${seed})`, () => {
  let server: NatsServer;
  let broker: NatsBroker;
  let folder: string;
  let path: string;
  let events: SqliteEventStore;
  let log: SampleLog;
  let random: Random;
  let stopping: AbortController;
  const feeds: Promise<void>[] = [];
  const processes: RelayProcess[] = [];

  beforeEach(async () => {
    server = await startNatsServer();
    broker = await NatsBroker.open(server.url);
    folder = await mkdtemp(join(tmpdir(), 'feed-'));
    path = join(folder, 'events.db');
    events = await SqliteEventStore.open({ path });
    log = new SampleLog(events, seed);
    random = new Random(seed);
    stopping = new AbortController();
  });
  afterEach(async () => {
    stopping.abort();
    await Promise.all([...feeds.splice(0), ...processes.splice(0).map(relay => relay.kill())]);
    await broker.close();
    await server.stop();
    await events.close();
    await rm(folder, { recursive: true });
  });

  async function startFeed(): Promise<void> {
    const stream = await broker.relay();
    const quiet = { warn: () => {}, error: () => {} };
    const options = { eventStore: events, stream, log: quiet, clock: systemClock, signal: stopping.signal };
    feeds.push(runEventFeed({ ...options, batchSize: 50, checkEveryMs: 100 }));
  }

  function startProcess(): RelayProcess {
    const relay = new RelayProcess(path, server.url);
    processes.push(relay);
    return relay;
  }

  const allIds = async (): Promise<string[]> => (await events.readAll({ limit: 100_000 })).map(({ id }) => id);
  const length = (): Promise<number> => lengthOfStream(broker.connection);
  const sentIds = async () => (await contentOfStream(server.url)).map(({ headers }) => headers['ce-id']);

  /** Exactly the log: no event left out, none twice, in its order. */
  async function expectWholeLog(): Promise<void> {
    const ids = await allIds();
    await until(async () => (await length()) >= ids.length, 60_000);
    expect(await sentIds()).toEqual(ids);
  }

  it('kill -9 of the relay at any point leaves out no event and doubles none', async () => {
    await log.append(1500);
    for (let round = 0; round < 4; round++) {
      const relay = startProcess();
      await relay.further(1 + random.below(6));
      await relay.kill();
      await log.append(random.below(100));
    }
    expect(await length()).toBeLessThan((await allIds()).length);
    startProcess();
    await expectWholeLog();
  }, 120_000);

  it('a relay that was stopped while another went ahead does no harm when it wakes, nor do two at once', async () => {
    await log.append(600);
    const [first, second] = [startProcess(), startProcess()];
    for (let round = 0; round < 4; round++) {
      const [stopped, other] = round % 2 === 0 ? [first, second] : [second, first];
      stopped.signal('SIGSTOP');
      const further = other.further(1);
      await log.append(100 + random.below(100));
      await further;
      stopped.signal('SIGCONT');
      await log.append(random.below(50));
    }
    await expectWholeLog();
  }, 120_000);

  it('a broker that is killed loses nothing that it has acknowledged, and gets the rest when it is back', async () => {
    await startFeed();
    for (let round = 0; round < 4; round++) {
      await log.append(300);
      const wanted = Math.min((await length()) + random.below(200), (await allIds()).length);
      await until(async () => (await length()) >= wanted);
      await server.restart();
    }
    await expectWholeLog();
  }, 120_000);

  it('a broker whose data are wiped in the middle has everything again afterwards', async () => {
    await startFeed();
    await log.append(500);
    await until(async () => (await length()) > random.below(400));
    const appending = log.append(500);
    await server.restart({ wiped: true });
    await appending;
    await expectWholeLog();
    // Also when nothing happens any more.
    await server.restart({ wiped: true });
    await expectWholeLog();
    const subscriber = await PlainSubscriber.open(server.url);
    await until(() => subscriber.received.length === 1000);
    expect(subscriber.received.map(({ headers }) => headers['ce-id'])).toEqual(await allIds());
    await subscriber.close();
  }, 120_000);

  it('a stream that is deleted, and its checkpoint left, is made and filled again', async () => {
    await log.append(200);
    await startFeed();
    await expectWholeLog();
    await broker.deleteStream();
    await expectWholeLog();
  }, 60_000);
});
