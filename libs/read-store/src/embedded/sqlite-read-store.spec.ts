import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describeReadStore } from '../../testing/index.js';
import { at, fill, idsOf, idsOfScan, insertion, THINGS } from '../../testing/sample.js';
import { allOf, equals } from '../filter.js';
import { ReadStoreUnavailable, type Collection, type Query } from '../read-store.js';
import { SqliteConnection, toPortError } from './sqlite-connection.js';
import { SqliteReadStore } from './sqlite-read-store.js';
import { SqliteTable } from './sqlite-table.js';

const newFolder = (): string => mkdtempSync(join(tmpdir(), 'read-store-'));
const remove = (folder: string): void => rmSync(folder, { recursive: true, force: true });

describeReadStore('on SQLite', async collections => {
  const folder = newFolder();
  const store = await SqliteReadStore.open({ path: join(folder, 'read.db'), collections });
  return {
    store,
    close: async () => {
      await store.close();
      remove(folder);
    },
  };
});

describe('SqliteReadStore', () => {
  let folder: string;
  let path: string;
  const opened: SqliteReadStore[] = [];

  beforeEach(() => {
    folder = newFolder();
    path = join(folder, 'read.db');
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    remove(folder);
  });

  const open = async (
    options: { collections?: readonly Collection[]; readonly?: boolean; busyTimeout?: number } = {},
  ): Promise<SqliteReadStore> => {
    const store = await SqliteReadStore.open({ path, collections: [THINGS], ...options });
    opened.push(store);
    return store;
  };

  describe('with several connections', () => {
    it('shows what one has committed to the others, a read-only one included', async () => {
      const writer = await open();
      const readers = [await open(), await open({ readonly: true })];
      for (let n = 1; n <= 3; n++) {
        await writer.live.apply([insertion(`id-${n}`, { name: 'x' }, at(n))], at(n));
        for (const { live } of readers) {
          expect([(await idsOf(live, {})).length, await live.checkpoint()]).toEqual([n, at(n)]);
        }
      }
    });

    it('shows nothing of a transaction that is not committed, and does not wait for it', async () => {
      const reader = await open();
      await fill(reader.live, { a: {} });
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE; DELETE FROM live_things');
      expect(await idsOf(reader.live, {})).toEqual(['a']);
      other.exec('COMMIT');
      expect(await idsOf(reader.live, {})).toEqual([]);
      other.close();
    });

    it('shows a swap at once to readers that have read before, and to a scan in the middle', async () => {
      const [writer, reader] = [await open(), await open({ readonly: true })];
      for (const round of [1, 2, 3]) {
        const set = await writer.beside('rebuild');
        await fill(set, { [`round-${round}`]: { size: round, project_id: 'p' }, z: { size: 0 } });
        expect(await idsOf(reader.live, { filter: equals('size', round) })).toEqual([]);
        await writer.swapIn('rebuild');
        expect(await idsOf(reader.live, { filter: equals('size', round) })).toEqual([`round-${round}`]);
        expect(await idsOf(reader.live, { filter: equals('project_id', 'p') })).toEqual([`round-${round}`]);
        expect(await idsOfScan(reader.live)).toEqual([`round-${round}`, 'z']);
      }
    });

    it('counts anew after every commit, its own, of another, and of a swap', async () => {
      const [one, two] = [await open(), await open()];
      const totals = async (): Promise<number[]> => {
        const query = { collection: THINGS.name, filter: equals('name', 'x'), orderBy: [], offset: 0, limit: 0 };
        return [(await one.live.find(query)).total, (await two.live.find(query)).total];
      };
      expect(await totals()).toEqual([0, 0]);
      await one.live.apply([insertion('a', { name: 'x' })], at(1));
      expect(await totals()).toEqual([1, 1]);
      await two.live.apply([insertion('b', { name: 'x' })], at(2));
      expect(await totals()).toEqual([2, 2]);
      await fill(await two.beside('rebuild'), { c: { name: 'x' } });
      expect(await totals()).toEqual([2, 2]);
      await two.swapIn('rebuild');
      expect(await totals()).toEqual([1, 1]);
    });

    it('keeps guards between writers', async () => {
      const [one, two] = [await open(), await open()];
      await fill(one.live, { a: {} });
      const update = { ...insertion('a', { name: 'x' }, at(2)), expected: at(1) };
      expect(await one.live.apply([update], at(2))).toEqual([]);
      expect(await two.live.apply([update], at(2))).toEqual([update]);
    });

    it('is unavailable to a writer that waited for another too long, and writes once that one is done', async () => {
      const store = await open({ busyTimeout: 1 });
      const other = new DatabaseSync(path);
      other.exec('BEGIN IMMEDIATE');
      await expect(store.live.apply([insertion('a', {})], at(1))).rejects.toThrow(ReadStoreUnavailable);
      other.exec('ROLLBACK');
      other.close();
      expect(await store.live.apply([insertion('a', {})], at(1))).toEqual([]);
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
      ['another collection', [THINGS, { name: 'more', fields: {}, indexes: [] }]],
    ];
    it.each(changes)('with %s, is empty and has no checkpoint', async (_, collections) => {
      const first = await open();
      await fill(first.live, { a: { name: 'x' } });
      await fill(await first.beside('rebuild'), { b: {} });
      await first.close();
      await expect(open({ collections, readonly: true })).rejects.toThrow(/another version/);
      const second = await open({ collections });
      expect([await idsOf(second.live, {}), await second.live.checkpoint()]).toEqual([[], undefined]);
      await expect(second.swapIn('rebuild')).rejects.toThrow(/rebuild/);
      await fill(second.live, { a: { name: 'y' } });
      expect(await idsOf(second.live, { filter: equals('name', 'y') })).toEqual(['a']);
    });
  });

  describe('refuses to open', () => {
    it('a file that is no database, and says that it can be deleted', async () => {
      writeFileSync(path, 'this is not a database, and long enough to be told apart from an empty file'.repeat(100));
      await expect(open()).rejects.toThrow(/read\.db is damaged .* delete it/);
      await expect(open({ readonly: true })).rejects.toThrow(ReadStoreUnavailable);
    });

    it("another program's database, and leaves it as it is", async () => {
      const other = new DatabaseSync(path);
      other.exec('CREATE TABLE live_music (title TEXT)');
      await expect(open()).rejects.toThrow(/no read store/);
      expect(other.prepare('SELECT count(*) AS n FROM live_music').get()).toEqual({ n: 0 });
      other.close();
    });

    it('a file in a folder that does not exist, and a file to read that does not exist', async () => {
      await expect(open({ readonly: true })).rejects.toThrow(ReadStoreUnavailable);
      path = join(folder, 'nowhere', 'read.db');
      await expect(open()).rejects.toThrow(ReadStoreUnavailable);
    });

    it.each([
      ['a collection name', { ...THINGS, name: 'x"; --' }],
      ['a field name', { ...THINGS, fields: { 'a"b': 'text' } as const, indexes: [] }],
      ['an index over an unknown field', { ...THINGS, indexes: [['nobody']] }],
    ])('%s that is wrong', async (_, collection) => {
      await expect(open({ collections: [collection] })).rejects.toThrow(/name|field/);
    });
  });

  it('is unavailable when the disk is full, as SQLite reports it', () => {
    const database = new DatabaseSync(path);
    database.exec('PRAGMA max_page_count = 2; CREATE TABLE t (x)');
    const fillUp = (): void => database.exec('INSERT INTO t VALUES (zeroblob(100000))');
    let error: unknown;
    try {
      fillUp();
    } catch (full) {
      error = toPortError(full, path);
    }
    database.close();
    expect(error).toBeInstanceOf(ReadStoreUnavailable);
    expect(String(error)).toMatch(/full/);
  });

  it('refuses to write through a read-only store', async () => {
    await open();
    const reader = await open({ readonly: true });
    await expect(reader.live.apply([], at(1))).rejects.toThrow(ReadStoreUnavailable);
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
    const plans: [string, Query, string][] = [
      ['a list of a project, oldest first', query(equals('project_id', 'p'), created('asc')), '0'],
      ['a list of a project, newest first', query(equals('project_id', 'p'), created('desc')), '0'],
      ['a search in a project', query(allOf(equals('project_id', 'p'), allOf(equals('name', 'x'))), created('asc')), '0'],
      [
        'a span of time in a project',
        query(
          allOf(equals('project_id', 'p'), {
            kind: 'compare',
            field: 'created_at',
            operator: 'gt',
            value: '2026-01-01T00:00:00.000Z',
          }),
          created('asc'),
        ),
        '0',
      ],
      ['an index of one field', query(equals('size', 1)), '1'],
      ['an order alone', query(undefined, { field: 'size', direction: 'desc' }), '1'],
    ];

    it.each(plans)('%s walks its index and sorts nothing', async (_, query, index) => {
      await open();
      const connection = new SqliteConnection({ path, readonly: true, busyTimeout: 0 });
      const { sql, values } = new SqliteTable(connection, 'live', THINGS).pageQuery(query);
      const plan = connection.rows(`EXPLAIN QUERY PLAN ${sql}`, ...values).map(row => String(row[3]));
      connection.close();
      expect(plan).toEqual([expect.stringMatching(new RegExp(`USING INDEX things_\\d+_${index}\\b`))]);
    });
  });
});
