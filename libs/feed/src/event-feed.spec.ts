import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '#bus';
import { ManualClock, until } from '#bus/testing';
import { EventStoreUnavailable, SqliteEventStore, type EventStore } from '#event-store';
import { MemoryBroker, Random, SampleLog } from '../testing/index.js';
import { runEventFeed, type EventFeedOptions } from './event-feed.js';
import { FeedUnavailable, type FeedProgress } from './feed-stream.js';

let folder: string;
let events: SqliteEventStore;
let log: SampleLog;
let broker: MemoryBroker;
let said: string[];
const running: Relay[] = [];

/** A relay that runs until it is stopped. */
interface Relay {
  stop(): Promise<void>;
  readonly ended: Promise<void>;
  readonly progress: FeedProgress | undefined;
}

/** A clock whose timers fire at once: waiting takes no time. */
const hasty = { now: () => 0, setTimer: (_ms: number, fire: () => void) => systemClock.setTimer(0, fire) };

async function start(options: Partial<EventFeedOptions> = {}): Promise<Relay> {
  const stopping = new AbortController();
  const relay = { progress: undefined as FeedProgress | undefined };
  const ended = runEventFeed({
    eventStore: events,
    stream: await broker.relay(),
    log: { warn: text => void said.push(text), error: text => void said.push(text) },
    clock: hasty,
    signal: stopping.signal,
    onProgress: progress => void (relay.progress = progress),
    batchSize: 10,
    ...options,
  });
  ended.catch(() => {});
  const stop = (): Promise<void> => {
    stopping.abort();
    return ended;
  };
  const started = Object.assign(relay, { stop, ended });
  running.push(started);
  return started;
}

const allIds = async (): Promise<string[]> => (await events.readAll({ limit: 100_000 })).map(({ id }) => id);
const sentIds = async (): Promise<string[]> => (await broker.received()).map(({ id }) => id);
const complete = async (): Promise<boolean> => (await sentIds()).length === (await allIds()).length;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'feed-'));
  events = await SqliteEventStore.open({ path: join(folder, 'events.db') });
  log = new SampleLog(events, 1);
  broker = new MemoryBroker();
  said = [];
});
afterEach(async () => {
  for (const relay of running.splice(0)) await relay.stop().catch(() => {});
  await events.close();
  await rm(folder, { recursive: true });
});

describe('the relay', () => {
  it('publishes what is in the log, then what comes, in its order', async () => {
    await log.append(95);
    const relay = await start();
    await until(complete);
    await log.append(40);
    await until(complete);
    expect(await sentIds()).toEqual(await allIds());
    await until(async () => relay.progress?.position === (await events.head()));
    expect(said).toEqual([]);
  });

  it('publishes the batch at hand before it stops, and goes on behind it', async () => {
    await log.append(50);
    const first = await start({ onProgress: ({ position }) => void (position && first.stop()) });
    await first.ended;
    expect(await sentIds()).toEqual((await allIds()).slice(0, 10));
    await start();
    await until(complete);
    expect(await sentIds()).toEqual(await allIds());
  });

  it('waits for a broker that is away, says so once, and goes on', async () => {
    await log.append(30);
    let failures = 0;
    broker.onCall = method => {
      if (method === 'publish' && failures++ < 5) throw new FeedUnavailable('no broker');
    };
    await start();
    await until(complete);
    await until(() => said.length === 2);
    expect(said).toEqual(['the event feed stands still, trying on: no broker', 'the event feed goes on']);
    expect(await sentIds()).toEqual(await allIds());
  });

  it('waits longer and longer, and at once no more when it is stopped', async () => {
    await log.append(1);
    const clock = new ManualClock();
    broker.onCall = () => {
      throw new FeedUnavailable('no broker');
    };
    const relay = await start({ clock });
    for (const wait of [100, 200, 400, 800, 1600, 3200, 5000, 5000]) {
      await until(() => clock.pending.length > 0);
      expect(clock.pending).toEqual([wait]);
      clock.advance(wait);
    }
    await relay.stop();
    expect(clock.pending).toEqual([]);
  });

  it('waits for an event store that is away', async () => {
    await log.append(20);
    let failures = 0;
    const flaky: Pick<EventStore, 'head' | 'subscribe'> = {
      head: () => events.head(),
      async *subscribe(options) {
        for await (const batch of events.subscribe(options)) {
          yield batch;
          if (failures++ < 3) throw new EventStoreUnavailable('no store');
        }
      },
    };
    await start({ eventStore: flaky });
    await until(complete);
    expect(await sentIds()).toEqual(await allIds());
    expect(said[0]).toBe('the event feed stands still, trying on: no store');
  });

  it('publishes everything again when the stream was wiped, without a new event', async () => {
    await log.append(25);
    await start();
    await until(complete);
    await broker.wipe();
    await until(complete);
    expect(await sentIds()).toEqual(await allIds());
  });

  it('goes on behind what it has published when all of that has grown too old', async () => {
    await log.append(25);
    const first = await start();
    await until(complete);
    await until(async () => first.progress?.position === (await events.head()));
    await first.stop();
    await broker.forget();
    await log.append(5);
    await start();
    await until(async () => (await sentIds()).length === 5);
    expect(await sentIds()).toEqual((await allIds()).slice(-5));
  });

  it('refuses to follow a log that ends before the feed does', async () => {
    await log.append(3);
    const stream = await broker.relay();
    await stream.resume();
    await stream.publish([{ subject: 's', id: 'x', position: '9'.repeat(20), headers: {}, data: '{}' }]);
    await start();
    await until(() => said.length > 0);
    expect(said[0]).toContain('delete the stream to have the feed rebuilt from this log');
    expect(await sentIds()).toEqual(['x']);
  });

  it('ends with a defect, which is no passing failure', async () => {
    broker.onCall = () => {
      throw new TypeError('a defect');
    };
    await expect((await start()).ended).rejects.toThrow('a defect');
  });
});

describe('an event that can not be told', () => {
  const broken = (id: string) => ({
    stream: 'session-x',
    expected: 'any' as const,
    events: [{ id, type: 'SessionStarted', data: '{broken', metadata: '{}' }],
  });

  it('is left out, logged and counted, and holds up no other', async () => {
    await log.append(12);
    await events.append([broken('5c1f7d0e-8a55-5e0a-9a53-000000000001')]);
    await log.append(12);
    const relay = await start();
    await until(async () => (await sentIds()).length === 24);
    await until(() => relay.progress?.leftOut === 1);
    expect(relay.progress?.newestLeftOut).toEqual([
      expect.objectContaining({ stream: 'session-x', revision: 0, event_id: '5c1f7d0e-8a55-5e0a-9a53-000000000001' }),
    ]);
    expect(said).toEqual([expect.stringContaining('event 0 of session-x (SessionStarted) is left out of the event feed: ')]);
  });

  it('is counted once, whatever happens around it, and counted still after a restart', async () => {
    await log.append(5);
    await events.append([broken('5c1f7d0e-8a55-5e0a-9a53-000000000001')]);
    await log.append(3);
    let failures = 0;
    broker.keeps = 2;
    broker.onCall = method => {
      if (method === 'publish' && failures++ === 3) broker.keeps = Infinity;
    };
    const first = await start();
    await until(async () => (await sentIds()).length === 8);
    await first.stop();
    const second = await start();
    await until(() => second.progress !== undefined);
    expect(second.progress?.leftOut).toBe(1);
    expect(said.filter(text => text.includes('left out'))).toHaveLength(1);
  });

  it('is also one that the broker will never take', async () => {
    await log.append(25);
    const lengths = (await events.readAll({ limit: 100 })).map(({ data }) => data.length);
    broker.most = Math.max(...lengths) - 1;
    const tooLarge = lengths.filter(length => length > broker.most).length;
    const relay = await start();
    await until(async () => (await sentIds()).length === 25 - tooLarge);
    await until(() => relay.progress?.leftOut === tooLarge);
    expect(said.every(text => text.endsWith('is left out of the event feed: too large'))).toBe(true);
  });
});

describe('whatever fails, in whatever order', () => {
  const seed = Number(process.env['FEED_SEED'] ?? Date.now() % 1_000_000);

  it(`two relays leave the stream with the whole log, in its order, no event twice (FEED_SEED=${seed})`, async () => {
    const random = new Random(seed);
    for (let round = 0; round < 10; round++) {
      let faults = 40;
      broker.onCall = method => {
        broker.keeps = faults > 0 && random.below(3) === 0 ? random.below(10) : Infinity;
        if (faults > 0 && random.below(4) === 0) {
          faults -= 1;
          throw new FeedUnavailable(`no broker for ${method}`);
        }
        if (faults > 0 && random.below(30) === 0) {
          faults -= 1;
          void broker.wipe();
        }
        if (broker.keeps < Infinity) faults -= 1;
      };
      const relays = [await start(), await start()];
      await log.append(1 + random.below(100));
      if (random.below(2)) await relays[0]?.stop();
      await until(() => faults <= 0);
      await until(complete);
      expect(await sentIds()).toEqual(await allIds());
      for (const relay of relays) await relay.stop();
    }
  });
});
