import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithEngine } from '#testing';
import { Door } from '../../testing/door.js';
import { aCategory, anEvent, aStream, aWrite, followUntil, idsOf, someEvents } from '../../testing/fixtures.js';
import { describeEventStore, type GetStore } from '../../testing/index.js';
import { KURRENTDB_COMMAND, KurrentDbProcess } from '../../testing/kurrentdb-process.js';
import { EventStoreUnavailable, type EventStore, type RecordedEvent, type SubscriptionBatch } from '../event-store.js';
import { KurrentDbEventStore } from './kurrentdb-event-store.js';

const opened: KurrentDbEventStore[] = [];
const open = async (url: string, deadlineMs?: number): Promise<KurrentDbEventStore> => {
  const store = await KurrentDbEventStore.open({ url, deadlineMs });
  opened.push(store);
  return store;
};
const closeAll = (): Promise<unknown> => Promise.all(opened.splice(0).map(store => store.close()));
const at = ({ port }: Door): string => `kurrentdb://127.0.0.1:${port}?tls=false`;
/** A connection string with other hosts; the certificate of a server that speaks TLS has to name them. */
const withHosts = (url: string, ...hosts: string[]): string =>
  url.replace(/^([a-z+]+:\/\/(?:[^@/]*@)?)[^/?]+/, `$1${hosts.join(',')}`);

/** Everything that asks the engine. */
const calls = (store: EventStore): Promise<unknown>[] => [
  store.append([aWrite(aStream(), 'none', someEvents(1))]),
  store.append([aWrite(aStream(), 'any', someEvents(1))]),
  store.readStream(aStream()),
  store.head(),
];

/** Tries again until it works, as a client does that is told to come back. */
async function untilItWorks<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable)) throw error;
      await sleep(20);
    }
  }
}

/** Appends to several streams for as long as told, the same write again when its fate is unknown; the ids of what was acknowledged. */
async function writeOn(
  store: EventStore,
  streams: readonly string[],
  goesOn: (acknowledged: number) => boolean,
): Promise<string[]> {
  const acknowledged: string[] = [];
  await Promise.all(
    streams.map(async stream => {
      for (let revision = -1; goesOn(acknowledged.length); revision += 2) {
        const write = aWrite(stream, revision < 0 ? 'none' : revision, someEvents(2));
        const [result] = await untilItWorks(() => store.append([write]));
        expect(result!.revision).toBe(revision + 2);
        acknowledged.push(...idsOf(write.events));
      }
    }),
  );
  return acknowledged;
}

/** The log of a category, which holds exactly what was acknowledged, once, without a gap in any stream. */
async function logOf(store: EventStore, category: string, acknowledged: readonly string[]): Promise<RecordedEvent[]> {
  const log = await untilItWorks(() => store.readAll({ categories: [category], limit: 100_000 }));
  expect(new Set(idsOf(log))).toEqual(new Set(acknowledged));
  expect(log).toHaveLength(acknowledged.length);
  for (const stream of new Set(log.map(({ stream }) => stream))) {
    const revisions = log.filter(event => event.stream === stream).map(({ revision }) => revision);
    expect(revisions).toEqual(revisions.map((_, index) => index));
  }
  return log;
}

const eventsOf = (batches: readonly SubscriptionBatch[]): RecordedEvent[] => batches.flatMap(({ events }) => events);

describe('KurrentDbEventStore', () => {
  afterEach(closeAll);

  it.each([
    'esdb://127.0.0.1:2113?tls=false',
    'kurrentdb://admin:changeit@127.0.0.1:2113?tls=true&tlsVerifyCert=false',
    'kurrentdb://one:2113,two:2113,three:2113?nodePreference=leader',
    'kurrentdb+discover://admin:changeit@cluster.example:2113',
  ])('takes the connection string %s, and does not wait for an engine', async url => {
    await expect(open(url)).resolves.toBeInstanceOf(KurrentDbEventStore);
  });

  it('refuses a connection string with a mistake', async () => {
    await expect(open('kurrentdb://127.0.0.1:2113?tls=perhaps')).rejects.toThrow('true or false');
  });

  it('is unavailable while nothing listens', async () => {
    const door = await Door.to();
    await door.shut();
    for (const url of [at(door), `kurrentdb://127.0.0.1:${door.port},localhost:${door.port}?tls=false&maxDiscoverAttempts=2`]) {
      for (const outcome of await Promise.allSettled(calls(await open(url)))) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventStoreUnavailable) });
        expect(outcome).toHaveProperty('reason.cause');
      }
    }
  });

  it('is unavailable after the deadline when a server takes the connection and never answers', async () => {
    const door = await Door.to();
    try {
      const started = performance.now();
      for (const outcome of await Promise.allSettled(calls(await open(at(door), 300)))) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventStoreUnavailable) });
      }
      expect(performance.now() - started).toBeGreaterThan(299);
      expect(performance.now() - started).toBeLessThan(3000);
    } finally {
      await door.shut();
    }
  });
});

describeWithEngine('kurrentdb', 'KurrentDbEventStore with an engine', url => {
  const openStore = async () => {
    const store = await KurrentDbEventStore.open({ url: url() });
    return { store, close: () => store.close() };
  };
  let shared: EventStore;
  const store: GetStore = () => shared;
  beforeAll(async () => {
    shared = await KurrentDbEventStore.open({ url: url() });
  });
  afterAll(() => shared.close());

  describeEventStore('KurrentDbEventStore', openStore);

  describe('in the engine', () => {
    it('marks as JSON what is JSON, and keeps all of it letter for letter', async () => {
      const stream = aStream();
      const texts = ['{"a":1,"b":{"c":[true,null,"ü"]}}', '{"2":1,"1":2}', '{ "a": 1 }', '1.0', 'no JSON'];
      await store().append([
        aWrite(
          stream,
          'none',
          texts.map(text => anEvent(text)),
        ),
      ]);
      const client = KurrentDBClient.connectionString(url());
      const marked: boolean[] = [];
      for await (const { event } of client.readStream(stream)) marked.push(event?.isJson === true);
      await client.dispose();
      expect(marked).toEqual([true, true, true, true, false]);
      expect((await store().readStream(stream)).map(({ data }) => data)).toEqual(texts);
    });

    it('passes over the streams of the engine', async () => {
      const client = KurrentDBClient.connectionString(url());
      const before = await store().head();
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(2))]);
      const head = await store().head();
      await client.setStreamMetadata(stream, { cacheControl: 60 });
      await client.dispose();
      expect(await store().head()).toBe(head);
      expect(await store().countAfter(head)).toBe(0);
      const log = await store().readAll({ after: before, limit: 1000 });
      expect(log.filter(event => event.stream.startsWith('$'))).toEqual([]);
      expect(log.filter(event => event.stream === stream)).toHaveLength(2);
      const batches = await followUntil(store(), { after: before }, batches => batches.at(-1)!.caughtUp);
      expect(idsOf(eventsOf(batches))).toEqual(idsOf(log));
    });

    it('names positions by commit and prepare position, and refuses those of other stores', async () => {
      const [result] = await store().append([aWrite(aStream(), 'none', someEvents(1))]);
      expect(result!.position).toMatch(/^\d{20}-\d{20}$/);
      const foreign = '00000000000000000003';
      await expect(store().countAfter(foreign)).rejects.toThrow(`"${foreign}" is not a position of this store`);
      await expect(store().readAll({ after: foreign, limit: 1 })).rejects.toThrow('is not a position of this store');
      const following = store().subscribe({ after: foreign, signal: AbortSignal.timeout(5000) });
      await expect(following[Symbol.asyncIterator]().next()).rejects.toThrow('is not a position of this store');
    });

    it.each([2, 20])('refuses an event of %i MiB for good, and says why, without harm to others', async size => {
      const large = anEvent(JSON.stringify('x'.repeat(size * 1024 * 1024)));
      const refused = store().append([aWrite(aStream(), 'none', [large])]);
      const taken = store().append([aWrite(aStream(), 'none', someEvents(1))]);
      await expect(refused).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining('MaxAppendSize') });
      await expect(taken).resolves.toHaveLength(1);
    });

    it('refuses one append that is far too large, and takes those beside it', async () => {
      const large = Array.from({ length: 24 }, () => anEvent(JSON.stringify('x'.repeat(900_000))));
      const [refused, ...taken] = await Promise.allSettled([
        store().append([aWrite(aStream(), 'none', large)]),
        ...Array.from({ length: 20 }, () => store().append([aWrite(aStream(), 'none', someEvents(1))])),
      ]);
      expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('MaxAppendSize') } });
      expect(taken.map(({ status }) => status)).toEqual(taken.map(() => 'fulfilled'));
    });

    it('finds the node to speak to among several', async () => {
      const { host } = new URL(url());
      const nowhere = await Door.to();
      await nowhere.shut();
      const clustered = await open(withHosts(url(), `127.0.0.1:${nowhere.port}`, host));
      const stream = aStream();
      await clustered.append([aWrite(stream, 'none', someEvents(1))]);
      expect(await clustered.readStream(stream)).toHaveLength(1);
      await clustered.close();
    });

    it('answers conflicts alike when the connection string makes the client not throw', async () => {
      const quiet = await open(`${url()}&throwOnAppendFailure=false`);
      const stream = aStream();
      await quiet.append([aWrite(stream, 'none', someEvents(3))]);
      const appending = quiet.append([aWrite(stream, 0, someEvents(1))]);
      await expect(appending).rejects.toMatchObject({ name: 'WrongExpectedRevision', expected: 0, actual: 2 });
      await quiet.close();
    });
  });

  describe('when the way to the engine is lost', () => {
    let door: Door;
    const through = async (deadlineMs?: number): Promise<EventStore> => {
      door = await Door.to(url());
      return open(withHosts(url(), `127.0.0.1:${door.port}`), deadlineMs);
    };
    afterEach(async () => {
      await closeAll();
      await door.shut();
    });

    it('refuses calls at once, and takes them when it is back', async () => {
      const store = await through();
      await untilItWorks(() => store.head());
      await door.shut();
      for (const outcome of await Promise.allSettled(calls(store))) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventStoreUnavailable) });
      }
      await door.open();
      await untilItWorks(() => Promise.all(calls(store)));
    });

    it('finds a cluster that is there later than the store', async () => {
      door = await Door.to(url());
      await door.shut();
      const store = await open(withHosts(url(), `127.0.0.1:${door.port}`, `localhost:${door.port}`));
      for (let n = 0; n < 3; n += 1) {
        await expect(store.append([aWrite(aStream(), 'none', someEvents(1))])).rejects.toThrow(EventStoreUnavailable);
      }
      await door.open();
      await untilItWorks(() => Promise.all(calls(store)));
    });

    it('gives up after the deadline while nothing passes, and goes on when it does', async () => {
      const store = await through(1500);
      await untilItWorks(() => Promise.all(calls(store)));
      door.hold();
      for (const outcome of await Promise.allSettled(calls(store))) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventStoreUnavailable) });
      }
      await door.shut();
      await door.open();
      await untilItWorks(() => Promise.all(calls(store)));
    });

    it.each(['categories', 'stream', 'everything'] as const)(
      'subscriptions to %s go on where they were, and appends come through once',
      async of => {
        const store = await through();
        const category = aCategory();
        const streams = Array.from({ length: 4 }, () => aStream(category));
        const selection = { categories: { categories: [category] }, stream: { stream: streams[0]! }, everything: {} }[of];
        const after = await untilItWorks(() => store.head());
        const own = (batches: readonly SubscriptionBatch[]): RecordedEvent[] =>
          eventsOf(batches).filter(({ stream }) => streams.includes(stream));
        let expected = Infinity;
        const following = followUntil(store, { ...selection, after, batchSize: 10 }, batches => own(batches).length >= expected);
        const writing = writeOn(store, streams, acknowledged => acknowledged < 400);
        const breaking = (async () => {
          for (let n = 0; n < 3; n += 1) {
            await sleep(60);
            await door.shut();
            await sleep(30);
            await door.open();
          }
        })();
        const [acknowledged] = await Promise.all([writing, breaking]);
        const written = (await shared.readAll({ categories: [category], limit: 1000 })).filter(
          ({ stream }) => of !== 'stream' || stream === streams[0],
        );
        expected = written.length + 1;
        await store.append([aWrite(streams[0]!, 'any', someEvents(1))]);
        const seen = own(await following);
        expect(idsOf(seen).slice(0, -1)).toEqual(idsOf(written));
        if (of !== 'stream') expect(new Set(idsOf(written))).toEqual(new Set(acknowledged));
        expect(new Set(idsOf(seen)).size).toBe(seen.length);
      },
    );
  });
});

const withProcess = KURRENTDB_COMMAND === undefined ? describe.skip : describe;
const hint = KURRENTDB_COMMAND === undefined ? ' (skipped, needs a command that runs a server: set KURRENTDB_TEST_COMMAND)' : '';

withProcess(`KurrentDbEventStore and a server that is killed${hint}`, () => {
  let server: KurrentDbProcess;
  afterEach(async () => {
    await closeAll();
    await server.remove();
  });

  it('waits for one that starts later; and loses nothing, and yields nothing twice, when it is killed under load, twice', async () => {
    server = await KurrentDbProcess.prepare();
    const store = await open(server.url);
    const category = aCategory();
    const streams = Array.from({ length: 8 }, () => aStream(category));
    let expected = Infinity;
    const has = (batches: readonly SubscriptionBatch[]): boolean => eventsOf(batches).length >= expected;
    const following = [
      followUntil(store, { batchSize: 50 }, has),
      followUntil(store, { categories: [category], batchSize: 50 }, has),
    ];
    await expect(store.append([aWrite(aStream(), 'none', someEvents(1))])).rejects.toThrow(EventStoreUnavailable);
    server.start();
    await untilItWorks(() => store.head());
    let kills = 0;
    let enough = 400;
    let acknowledgedSoFar = 0;
    const killing = (async () => {
      for (; kills < 2; kills += 1) {
        const goal = enough;
        while (acknowledgedSoFar < goal - 100) await sleep(10);
        await server.kill();
        server.start();
        enough += 400;
      }
    })();
    const writing = writeOn(store, streams, acknowledged => {
      acknowledgedSoFar = acknowledged;
      return kills < 2 || acknowledged < enough;
    });
    const [acknowledged] = await Promise.all([writing, killing]);
    const log = await logOf(store, category, acknowledged);
    expected = log.length + 1;
    await untilItWorks(() => store.append([aWrite(streams[0]!, 'any', someEvents(1))]));
    for (const batches of await Promise.all(following)) expect(idsOf(eventsOf(batches)).slice(0, -1)).toEqual(idsOf(log));
  }, 180_000);

  it('is unavailable while the process is stopped, and goes on with it', async () => {
    server = await KurrentDbProcess.prepare();
    server.start();
    const store = await open(server.url, 1000);
    await untilItWorks(() => Promise.all(calls(store)));
    server.signal('SIGSTOP');
    for (const outcome of await Promise.allSettled(calls(store))) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventStoreUnavailable) });
    }
    server.signal('SIGCONT');
    await untilItWorks(() => Promise.all(calls(store)));
  }, 120_000);
});

withProcess(`KurrentDbEventStore and a cluster of three${hint}`, () => {
  let nodes: KurrentDbProcess[] = [];
  const start = (node: KurrentDbProcess): void =>
    node.startInCluster(nodes.filter(other => other !== node).map(({ port }) => port));
  const leader = async (): Promise<KurrentDbProcess> => {
    for (;;) {
      const states = await Promise.all(nodes.map(node => node.state()));
      const index = states.indexOf('leader');
      if (index >= 0) return nodes[index]!;
      await sleep(100);
    }
  };
  afterEach(async () => {
    await closeAll();
    await Promise.all(nodes.map(node => node.remove()));
  });

  it('loses nothing, and yields nothing twice, when its leader is killed under load, twice', async () => {
    nodes = await Promise.all(Array.from({ length: 3 }, () => KurrentDbProcess.prepare()));
    for (const node of nodes) start(node);
    const store = await open(withHosts(nodes[0]!.url, ...nodes.map(({ port }) => `127.0.0.1:${port}`)));
    await untilItWorks(() => Promise.all(calls(store)));
    const category = aCategory();
    const streams = Array.from({ length: 8 }, () => aStream(category));
    const after = await untilItWorks(() => store.head());
    let expected = Infinity;
    const following = followUntil(store, { after, categories: [category] }, batches => eventsOf(batches).length >= expected);
    let acknowledgedSoFar = 0;
    let takeovers = 0;
    const killing = (async () => {
      for (; takeovers < 2; takeovers += 1) {
        while (acknowledgedSoFar < (takeovers + 1) * 400) await sleep(10);
        const first = await leader();
        await first.kill();
        await leader();
        start(first);
        while (!['leader', 'follower'].includes((await first.state()) ?? '')) await sleep(100);
      }
    })();
    const writing = writeOn(store, streams, acknowledged => {
      acknowledgedSoFar = acknowledged;
      return takeovers < 2 || acknowledged < 1200;
    });
    const [acknowledged] = await Promise.all([writing, killing]);
    const log = await logOf(store, category, acknowledged);
    expected = log.length + 1;
    await untilItWorks(() => store.append([aWrite(streams[0]!, 'any', someEvents(1))]));
    expect(idsOf(eventsOf(await following)).slice(0, -1)).toEqual(idsOf(log));
  }, 180_000);
});
