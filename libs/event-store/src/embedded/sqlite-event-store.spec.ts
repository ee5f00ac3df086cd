import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { linesOf, runScript, scriptPath, SOURCE_FLAGS } from '../../testing/child.js';
import { anEvent, aStream, aWrite, idsOf, someEvents } from '../../testing/fixtures.js';
import { describeEventStore } from '../../testing/index.js';
import { EventStoreUnavailable } from '../event-store.js';
import { FORMAT } from './format.js';
import { SqliteEventStore } from './sqlite-event-store.js';

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'event-store-'));

describeEventStore('SqliteEventStore', async () => {
  const folder = await newFolder();
  const store = await SqliteEventStore.open({ path: join(folder, 'events.db') });
  const close = async (): Promise<void> => {
    await store.close();
    await rm(folder, { recursive: true });
  };
  return { store, close };
});

describe('SqliteEventStore', () => {
  let folder: string;
  let path: string;
  const opened: SqliteEventStore[] = [];
  const open = async (options: { path?: string; readonly?: boolean } = {}): Promise<SqliteEventStore> => {
    const store = await SqliteEventStore.open({ path, ...options });
    opened.push(store);
    return store;
  };

  beforeEach(async () => {
    folder = await newFolder();
    path = join(folder, 'events.db');
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(store => store.close()));
    await rm(folder, { recursive: true });
  });

  it('numbers positions by row, padded to 20 digits', async () => {
    const store = await open();
    expect(await store.head()).toBeUndefined();
    expect(await store.countAfter(undefined)).toBe(0);
    const results = await store.append([aWrite(aStream(), 'none', someEvents(2)), aWrite(aStream(), 'none', someEvents(1))]);
    expect(results.map(({ position }) => position)).toEqual(['00000000000000000002', '00000000000000000003']);
    expect(await store.countAfter('00000000000000000001')).toBe(2);
    await expect(store.countAfter('3')).rejects.toThrow('"3" is not a position of this store');
  });

  it('refuses an event that the stream has already had, also at the expected revision', async () => {
    const store = await open();
    const stream = aStream();
    const events = someEvents(2);
    await store.append([aWrite(stream, 'none', events)]);
    const appending = store.append([aWrite(stream, 1, [anEvent(), events[0]!])]);
    await expect(appending).rejects.toMatchObject({ name: 'WrongExpectedRevision', expected: 1, actual: 1 });
    expect(await store.readStream(stream)).toHaveLength(2);
  });

  it('keeps what was appended when it is closed and opened again', async () => {
    const stream = aStream();
    const events = someEvents(3);
    const first = await open();
    await first.append([aWrite(stream, 'none', events)]);
    await first.close();
    const again = await open();
    expect(idsOf(await again.readStream(stream))).toEqual(idsOf(events));
    expect(await again.append([aWrite(stream, 2, someEvents(1))])).toEqual([{ revision: 3, position: '00000000000000000004' }]);
  });

  describe('as the one writer of its file', () => {
    it('refuses a second one in the same process, by whatever name the file goes', async () => {
      const store = await open();
      await symlink(path, join(folder, 'alias.db'));
      await expect(open()).rejects.toThrow(`${path} is already open for writing in this process`);
      await expect(open({ path: join(folder, 'alias.db') })).rejects.toThrow(EventStoreUnavailable);
      await expect(store.append([aWrite(aStream(), 'none', someEvents(1))])).resolves.toHaveLength(1);
    });

    it('is refused while another process writes, whose pid it tells; and opens once that is killed', async () => {
      const child = runScript('append-until-killed.ts', path);
      try {
        await linesOf(child.stdout)[Symbol.asyncIterator]().next();
        await expect(open()).rejects.toThrow(`${path} is in use by another process (pid ${child.pid})`);
      } finally {
        child.kill('SIGKILL');
      }
      await once(child, 'exit');
      await expect(open()).resolves.toBeInstanceOf(SqliteEventStore);
    });
  });

  it('has every acknowledged event, in order, after kill -9 in the middle of appends, three times over', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const child = runScript('append-until-killed.ts', path);
      let count = 0;
      for await (const line of linesOf(child.stdout)) {
        acknowledged.push(line);
        if (++count === 300) child.kill('SIGKILL');
      }
      const store = await open();
      const log = await store.readAll({ limit: 1_000_000 });
      const kept = new Set(log.map(({ stream, revision, id }) => `${stream} ${revision} ${id}`));
      expect(acknowledged.filter(line => !kept.has(line))).toEqual([]);
      expect(acknowledged.length).toBeGreaterThanOrEqual((round + 1) * 300);
      const next = new Map<string, number>();
      for (const { stream, revision } of log) {
        expect(revision).toBe(next.get(stream) ?? 0);
        next.set(stream, revision + 1);
      }
      expect([...next.values()].every(length => length % 2 === 0)).toBe(true);
      await store.close();
    }
  });

  const mayMount = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]).status === 0;
  (mayMount ? it : it.skip)(
    'on a full disk refuses appends, keeps all acknowledged ones, and goes on when there is space (needs unshare -rm)',
    async () => {
      const small = join(folder, 'small');
      await mkdir(small);
      const mount = 'mount -t tmpfs -o size=8m tmpfs "$1" && shift && exec "$@"';
      const command = [process.execPath, ...SOURCE_FLAGS, scriptPath('fill-disk.ts'), small];
      const { status, stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', mount, 'sh', small, ...command], {
        encoding: 'utf8',
        env: { ...process.env, NODE_OPTIONS: '' },
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const seen = JSON.parse(stdout) as Record<
        'acknowledged' | 'refused' | 'errors' | 'readWhileFull' | 'readAfterwards',
        string[]
      >;
      expect(seen.acknowledged.length).toBeGreaterThan(4);
      expect(seen.refused).toHaveLength(4);
      for (const error of seen.errors) expect(error).toMatch(/^EventStoreUnavailable: .*events\.db: .*(full|I\/O)/);
      expect(seen.readWhileFull).toEqual(seen.acknowledged);
      expect(seen.readAfterwards).toEqual([...seen.acknowledged, seen.refused[0]]);
    },
  );

  describe('read-only', () => {
    it('sees what the writer appends, and appends nothing itself', async () => {
      const writer = await open();
      const reader = await open({ readonly: true });
      const stream = aStream();
      await writer.append([aWrite(stream, 'none', someEvents(2))]);
      expect(await reader.readStream(stream)).toHaveLength(2);
      const appending = reader.append([aWrite(stream, 1, someEvents(1))]);
      await expect(appending).rejects.toThrow(EventStoreUnavailable);
      await expect(appending).rejects.toThrow(`${path} is open read-only`);
    });

    it.each(['a worker thread', 'another process'])('follows live in %s', async where => {
      const writer = await open();
      const before = someEvents(3);
      await writer.append([aWrite(aStream(), 'none', before)]);
      const script = 'follow-readonly.ts';
      const output =
        where === 'another process'
          ? runScript(script, path).stdout
          : new Worker(scriptPath(script), { argv: [path], execArgv: SOURCE_FLAGS, env: {}, stdout: true }).stdout;
      const after = someEvents(5);
      const seen: string[] = [];
      for await (const line of linesOf(output)) {
        if (line !== 'caught up') seen.push(line);
        else if (seen.length < 8) await writer.append([aWrite(aStream(), 'none', [after[seen.length - 3]!])]);
        else await writer.append([aWrite(aStream(), 'none', [{ ...anEvent(), type: 'End' }])]);
      }
      expect(seen.slice(0, 8)).toEqual(idsOf([...before, ...after]));
    });

    it('says which file is missing', async () => {
      await expect(open({ readonly: true })).rejects.toThrow(`${path} can't be read`);
    });
  });

  it.each([
    { readonly: false, message: 'newer than' },
    { readonly: true, message: 'reads format' },
  ])('refuses a file of a newer format, read-only: $readonly, and leaves it as it is', async ({ readonly, message }) => {
    await (await open()).close();
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA user_version = ${FORMAT + 1}`);
    await expect(open({ readonly })).rejects.toThrow(message);
    await expect(open({ readonly })).rejects.toThrow(EventStoreUnavailable);
    db.exec(`PRAGMA user_version = ${FORMAT}`);
    db.close();
    await expect(open({ readonly })).resolves.toBeInstanceOf(SqliteEventStore);
  });
});
