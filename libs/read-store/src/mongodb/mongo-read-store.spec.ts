import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient, type Db } from 'mongodb';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeWithEngine } from '#testing';
import { describeReadStore } from '../../testing/index.js';
import { at, bodyOf, fill, idsOf, idsOfScan, insertion, OTHERS, THINGS } from '../../testing/sample.js';
import { TcpProxy } from '../../testing/tcp-proxy.js';
import { allOf, equals } from '../filter.js';
import { ReadStoreUnavailable, type Collection, type Query } from '../read-store.js';
import { databaseOf, MongoConnection } from './mongo-connection.js';
import { indexesOf, MongoDocuments } from './mongo-documents.js';
import { MongoReadStore, type MongoReadStoreOptions } from './mongo-read-store.js';

/** The server's URL with another database. */
const withDatabase = (url: string, database: string): string =>
  url.replace(/^(\w[\w+]*:\/\/[^/?]+)(?:\/[^?]*)?/, `$1/${database}`);

/** Waits until the condition holds; the test's own time limit ends it. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}

describe('the database of a MongoDB URL', () => {
  it.each([
    ['mongodb://localhost:27017', 'ambient'],
    ['mongodb://localhost:27017/', 'ambient'],
    ['mongodb://a:1,b:2/?replicaSet=rs0', 'ambient'],
    ['mongodb://user:p%2Fw@a:1,b:2/reads?replicaSet=rs0', 'reads'],
    ['mongodb+srv://cluster.example.test/my%20reads', 'my reads'],
  ])('%s: %s', (url, database) => {
    expect(databaseOf(url)).toBe(database);
  });
});

describe('the indexes of a collection', () => {
  it('have tombstones apart first, and the id last', () => {
    expect(indexesOf({ ...THINGS, indexes: [['project_id', 'created_at'], ['created_at', 'id'], ['run.outcome']] })).toEqual([
      {
        name: 'project_id created_at',
        key: new Map([
          ['live', 1],
          ['fields.project_id', 1],
          ['fields.created_at', 1],
          ['_id', 1],
        ]),
      },
      {
        name: 'created_at id',
        key: new Map([
          ['live', 1],
          ['fields.created_at', 1],
          ['_id', 1],
        ]),
      },
      {
        name: 'run-outcome',
        key: new Map([
          ['live', 1],
          ['fields.run-outcome', 1],
          ['_id', 1],
        ]),
      },
    ]);
  });
});

describe('MongoReadStore', () => {
  it('refuses a URL that is none', async () => {
    await expect(MongoReadStore.open({ url: 'http://localhost', collections: [] })).rejects.toThrow(/scheme/i);
  });

  it.each([
    ['a collection name', { ...THINGS, name: 'x$' }],
    ['a field name', { ...THINGS, fields: { $where: 'text' } as const, indexes: [] }],
    ['an index over an unknown field', { ...THINGS, indexes: [['nobody']] }],
  ])('refuses %s that is wrong', async (_, collection) => {
    await expect(MongoReadStore.open({ url: 'mongodb://127.0.0.1:1', collections: [collection] })).rejects.toThrow(/name|field/);
  });
});

describeWithEngine('mongodb', 'MongoDB', url => {
  describeReadStore('on MongoDB', async collections => {
    const database = `test_${randomUUID()}`;
    const store = await MongoReadStore.open({ url: withDatabase(url(), database), collections });
    return {
      store,
      close: async () => {
        await store.close();
        await using client = new MongoClient(url());
        await client.db(database).dropDatabase();
      },
    };
  });

  describe('MongoReadStore', () => {
    let client: MongoClient;
    let database: Db;
    const opened: MongoReadStore[] = [];

    beforeEach(() => {
      client = new MongoClient(url());
      database = client.db(`test_${randomUUID()}`);
    });
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close();
      await database.dropDatabase();
      await client.close();
    });

    const open = async (options: Partial<MongoReadStoreOptions> = {}): Promise<MongoReadStore> => {
      const store = await MongoReadStore.open({
        url: withDatabase(url(), database.databaseName),
        collections: [THINGS],
        ...options,
      });
      opened.push(store);
      return store;
    };

    /** How many collections of documents there are. */
    const generations = async (): Promise<number> => {
      const collections = await database.listCollections().toArray();
      return new Set(collections.flatMap(({ name }) => /^read\.(g\w+)\./.exec(name)?.[1] ?? [])).size;
    };

    describe('with several processes', () => {
      it('shows what one has written to the others, a read-only one included', async () => {
        const writer = await open();
        const readers = [await open(), await open({ readonly: true })];
        for (let n = 1; n <= 3; n++) {
          await writer.live.apply([insertion(`id-${n}`, { name: 'x' }, at(n))], at(n));
          for (const { live } of readers) expect([(await idsOf(live, {})).length, await live.checkpoint()]).toEqual([n, at(n)]);
        }
      });

      it('shows a swap at once to readers that have read before, and to a scan in the middle', async () => {
        const [writer, reader] = [await open(), await open({ readonly: true })];
        const many = Object.fromEntries(Array.from({ length: 600 }, (_, i) => [`a-${String(i).padStart(3, '0')}`, {}]));
        await fill(writer.live, { ...many, z: { name: 'old' } });
        const scan = reader.live.scan(THINGS.name)[Symbol.asyncIterator]();
        await scan.next();
        for (const round of [1, 2, 3]) {
          const set = await writer.beside('rebuild');
          await fill(set, { [`round-${round}`]: { size: round }, z: { size: 0 } });
          expect(await idsOf(reader.live, { filter: equals('size', round) })).toEqual([]);
          await writer.swapIn('rebuild');
          expect(await idsOf(reader.live, { filter: equals('size', round) })).toEqual([`round-${round}`]);
          expect(await idsOfScan(reader.live)).toEqual([`round-${round}`, 'z']);
        }
        expect((await scan.next()).value.map(({ id }: { id: string }) => id)).toEqual(['round-3', 'z']);
      });

      it('lets one of several win that write the same document, and tells the others', async () => {
        const stores = [await open(), await open(), await open()];
        const race = async (expected: string | undefined, n: number): Promise<number> => {
          const updates = stores.map((_, i) => ({ ...insertion('a', { size: i }, at(n)), expected }));
          const refused = await Promise.all(stores.map(({ live }, i) => live.apply([updates[i]!], at(n))));
          const winners = refused.flatMap((refused, i) => (refused.length === 0 ? [i] : []));
          expect(await bodyOf(stores[0]!.live, 'a')).toEqual({ id: 'a', size: winners[0] });
          return winners.length;
        };
        expect(await race(undefined, 1)).toBe(1);
        for (let n = 2; n <= 20; n++) expect(await race(at(n - 1), n)).toBe(1);
      });

      it('applies to the set that is live, also when it was swapped in by another process since', async () => {
        const [projector, other] = [await open(), await open()];
        await fill(projector.live, { a: {} });
        const set = await other.beside('rebuild');
        await set.apply([insertion('a', {}, at(7))], at(7));
        await other.swapIn('rebuild');
        const stale = { ...insertion('a', { name: 'stale' }, at(2)), expected: at(1) };
        expect(await projector.live.apply([stale, insertion('b', {}, at(2))], at(2))).toEqual([stale]);
        expect([await idsOf(other.live, {}), await other.live.checkpoint()]).toEqual([['a', 'b'], at(7)]);
      });

      it('gives up a rebuild when another process has begun one', async () => {
        const [one, two] = [await open(), await open()];
        const first = await one.beside('rebuild');
        const second = await two.beside('rebuild');
        await expect(first.apply([insertion('a', {})], at(1))).rejects.toThrow(/rebuild/);
        await expect(idsOf(first, {})).rejects.toThrow(/rebuild/);
        await expect(one.swapIn('rebuild')).rejects.toThrow(/rebuild/);
        await one.drop('rebuild');
        await fill(second, { b: {} });
        await two.swapIn('rebuild');
        expect(await idsOf(one.live, {})).toEqual(['b']);
      });
    });

    describe('the collections of a set', () => {
      it('are dropped with it', async () => {
        const store = await open();
        await fill(store.live, { a: {} });
        await fill(await store.beside('verify'), { a: {} });
        expect(await generations()).toBe(2);
        await store.drop('verify');
        expect(await generations()).toBe(1);
      });

      it('that a process left when it died are dropped by the next of its name', async () => {
        const dead = await open();
        await fill(dead.live, { a: {} });
        await fill(await dead.beside('rebuild'), { a: {} });
        await dead.close();
        const store = await open();
        expect(await generations()).toBe(2);
        await store.beside('rebuild');
        await store.drop('rebuild');
        expect(await generations()).toBe(1);
        expect(await idsOf(store.live, {})).toEqual(['a']);
      });

      it('that no set has are dropped by the next process that starts', async () => {
        await open();
        await database.createCollection('read.g0123456789abcdef.things');
        await database.createCollection('others');
        await open({ readonly: true });
        expect(await generations()).toBe(2);
        await open();
        expect(await generations()).toBe(1);
        expect((await database.listCollections().toArray()).map(({ name }) => name)).toContain('others');
      });

      it('that was live are kept for the reads that run, and then dropped by any process that saw the swap', async () => {
        const keepMs = 300;
        const [one, two] = [await open({ keepMs }), await open({ keepMs })];
        await fill(one.live, { a: {} });
        await fill(await one.beside('rebuild'), { b: {} });
        await one.swapIn('rebuild');
        expect(await generations()).toBe(2);
        await one.close();
        expect(await idsOf(two.live, {})).toEqual(['b']);
        await until(async () => (await generations()) === 1);
        expect(await idsOf(two.live, {})).toEqual(['b']);
      });
    });

    describe('when opened again', () => {
      it('has kept documents and checkpoint', async () => {
        const first = await open();
        await fill(first.live, { a: { name: 'x' } });
        await first.close();
        const second = await open();
        expect([await idsOf(second.live, {}), await second.live.checkpoint()]).toEqual([['a'], at(1)]);
      });

      const changes: [string, readonly Collection[]][] = [
        ['a new field', [{ ...THINGS, fields: { ...THINGS.fields, extra: 'text' } }]],
        ['a field of another type', [{ ...THINGS, fields: { ...THINGS.fields, size: 'text' } }]],
        ['another index', [{ ...THINGS, indexes: [['name']] }]],
        ['another collection', [THINGS, OTHERS]],
      ];
      it.each(changes)('with %s, is empty and has no checkpoint; the older process is out', async (_, collections) => {
        const first = await open();
        await fill(first.live, { a: { name: 'x' } });
        const rebuild = await first.beside('rebuild');
        const reader = await open({ collections, readonly: true });
        await expect(reader.live.checkpoint()).rejects.toThrow(/another version/);
        const second = await open({ collections });
        for (const { live } of [second, reader])
          expect([await idsOf(live, {}), await live.checkpoint()]).toEqual([[], undefined]);
        await expect(second.swapIn('rebuild')).rejects.toThrow(/rebuild/);
        for (const set of [first.live, rebuild]) {
          await expect(set.apply([insertion('b', {})], at(2))).rejects.toThrow(ReadStoreUnavailable);
          await expect(idsOf(set, {})).rejects.toThrow(ReadStoreUnavailable);
        }
        await fill(second.live, { a: { name: 'y' } });
        expect(await idsOf(reader.live, { filter: equals('name', 'y') })).toEqual(['a']);
      });

      it('to read alone, waits for a process that projects', async () => {
        const reader = await open({ readonly: true });
        await expect(idsOf(reader.live, {})).rejects.toThrow(/not built yet/);
        expect(await generations()).toBe(0);
        await open();
        expect(await idsOf(reader.live, {})).toEqual([]);
      });

      it('is made anew where the database was dropped while it was open', async () => {
        const store = await open();
        await fill(store.live, { a: {} });
        await database.dropDatabase();
        expect([await idsOf(store.live, {}), await store.live.checkpoint()]).toEqual([[], undefined]);
        await fill(store.live, { b: {} });
        expect(await idsOf(store.live, {})).toEqual(['b']);
      });
    });

    describe('when the server is away', () => {
      let proxy: TcpProxy;
      beforeEach(async () => {
        const [{ host, port } = { host: '', port: 0 }] = client.options.hosts;
        proxy = await TcpProxy.to(host ?? '', port ?? 0);
      });
      afterEach(() => proxy.cut());

      const openByProxy = (): Promise<MongoReadStore> =>
        open({ url: `mongodb://${proxy.address}/${database.databaseName}?directConnection=true` });

      const callsOf = ({ live }: MongoReadStore): (() => Promise<unknown>)[] => [
        () => idsOf(live, {}),
        () => live.get(THINGS.name, ['a']),
        () => live.checkpoint(),
        () => live.apply([insertion('b', {})], at(2)),
      ];

      it('every call is unavailable within seconds, and is answered again once it is back', async () => {
        const store = await openByProxy();
        await fill(store.live, { a: {} });
        await proxy.cut();
        const begun = Date.now();
        await Promise.all(callsOf(store).map(call => expect(call()).rejects.toThrow(ReadStoreUnavailable)));
        expect(Date.now() - begun).toBeLessThan(8000);
        await proxy.mend();
        await until(() =>
          idsOf(store.live, {}).then(
            ids => ids.includes('a'),
            () => false,
          ),
        );
        expect(await store.live.apply([insertion('b', {})], at(2))).toEqual([]);
      });

      it('and does not answer although it is connected, every call is unavailable within seconds', async () => {
        const store = await openByProxy();
        await fill(store.live, { a: {} });
        proxy.hold();
        const begun = Date.now();
        await Promise.all(callsOf(store).map(call => expect(call()).rejects.toThrow(ReadStoreUnavailable)));
        expect(Date.now() - begun).toBeLessThan(15_000);
        await proxy.mend();
        await until(() =>
          idsOf(store.live, {}).then(
            ids => ids.includes('a'),
            () => false,
          ),
        );
      });

      it('a store opens, and is made by the first call that reaches the server', async () => {
        await proxy.cut();
        const store = await openByProxy();
        await expect(store.live.checkpoint()).rejects.toThrow(ReadStoreUnavailable);
        await proxy.mend();
        await until(() =>
          store.live.checkpoint().then(
            () => true,
            () => false,
          ),
        );
        await fill(store.live, { a: {} });
        expect(await idsOf(store.live, {})).toEqual(['a']);
      });
    });

    it('refuses a document that is larger than MongoDB takes it, with nothing of the call done', async () => {
      const store = await open();
      const large = insertion('b', { name: 'x'.repeat(9 * 1024 * 1024) });
      await expect(store.live.apply([insertion('a', {}), large], at(1))).rejects.toThrow(TypeError);
      expect(await idsOfScan(store.live)).toEqual([]);
      const fits = insertion('b', { note: 'x'.repeat(15 * 1024 * 1024) });
      expect(await store.live.apply([insertion('a', {}), fits], at(1))).toEqual([]);
      expect(await idsOf(store.live, {})).toEqual(['a', 'b']);
    });

    it('writes and reads more documents in one call than one command takes, and tells which of them it refused', async () => {
      const { live } = await open();
      const ids = Array.from({ length: 1200 }, (_, i) => `id-${String(i).padStart(4, '0')}`);
      expect(
        await live.apply(
          ids.map(id => insertion(id, { size: 1 })),
          at(1),
        ),
      ).toEqual([]);
      const updates = ids.map((id, i) => ({ ...insertion(id, { size: 2 }, at(2)), expected: i % 7 === 0 ? at(9) : at(1) }));
      expect(await live.apply(updates, at(2))).toEqual(updates.filter(({ expected }) => expected === at(9)));
      expect((await live.get(THINGS.name, ids)).length).toBe(1200);
      const { total } = await live.find({ collection: THINGS.name, filter: equals('size', 2), orderBy: [], offset: 0, limit: 0 });
      expect(total).toBe(1200 - Math.ceil(1200 / 7));
    });

    describe('query plans', () => {
      const query = (filter: Query['filter'], ...orderBy: Query['orderBy']): Query => ({
        collection: THINGS.name,
        filter,
        orderBy,
        offset: 0,
        limit: 100,
      });
      const created = (direction: 'asc' | 'desc') => ({ field: 'created_at', direction });
      const since = { kind: 'compare', field: 'created_at', operator: 'gt', value: '2026-01-01T00:00:00.000Z' } as const;
      const plans: [string, Query, string][] = [
        ['a list of a project, oldest first', query(equals('project_id', 'p'), created('asc')), 'project_id created_at'],
        ['a list of a project, newest first', query(equals('project_id', 'p'), created('desc')), 'project_id created_at'],
        [
          'a search in a project',
          query(allOf(equals('project_id', 'p'), allOf(equals('name', 'x'))), created('asc')),
          'project_id created_at',
        ],
        ['a span of time in a project', query(allOf(equals('project_id', 'p'), since), created('asc')), 'project_id created_at'],
        ['an index of one field', query(equals('size', 1)), 'size'],
        ['an order alone', query(undefined, { field: 'size', direction: 'desc' }), 'size'],
      ];

      /** All values under a key, at any depth. */
      const valuesOf = (key: string, value: unknown): unknown[] =>
        typeof value === 'object' && value !== null
          ? Object.entries(value).flatMap(([name, inner]) => [...(name === key ? [inner] : []), ...valuesOf(key, inner)])
          : [];

      it.each(plans)('%s walks its index and sorts nothing', async (_, query, index) => {
        const store = await open();
        const bodies = Array.from({ length: 500 }, (_, i): [string, object] => [
          `id-${i}`,
          {
            project_id: i % 10 === 0 ? 'p' : `p${i % 10}`,
            name: i % 3 === 0 ? 'x' : 'y',
            size: i % 20,
            created_at: new Date(Date.UTC(2026, 0, 1) + i).toISOString(),
          },
        ]);
        await fill(store.live, Object.fromEntries(bodies) as Record<string, Record<string, unknown>>);
        const [collection] = await database.listCollections({ name: /things$/ }).toArray();
        const connection = new MongoConnection(withDatabase(url(), database.databaseName));
        try {
          const { queryPlanner } = await new MongoDocuments(connection, collection!.name).explain(query);
          const plan = queryPlanner.winningPlan.queryPlan ?? queryPlanner.winningPlan;
          expect(valuesOf('indexName', plan)).toEqual([index]);
          expect(valuesOf('stage', plan)).toContain('IXSCAN');
          expect(valuesOf('stage', plan).filter(stage => stage === 'SORT' || stage === 'COLLSCAN')).toEqual([]);
        } catch (error) {
          if (!/no such command/i.test(String(error))) throw error;
          console.warn(`query plans: skipped, this server does not explain them (${String(error)})`);
        } finally {
          await connection.close();
        }
      });
    });
  });
});
