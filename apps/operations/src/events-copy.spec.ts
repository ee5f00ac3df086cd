import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { KurrentDbEventStore, SqliteEventStore, type EventStore } from '#event-store';
import { KURRENTDB_COMMAND, KurrentDbProcess } from '#event-store/testing';
import { copy, startCopy, type Ended } from '../testing/command.js';
import { contentOf, LogMaker } from '../testing/log.js';
import { copyLog } from './events-copy/copy-log.js';

/** A condition is looked at again after so long: what it waits for is to have the processor. */
const LOOK_AGAIN_MS = 20;

let folder: string;
const opened: EventStore[] = [];
const place = (name: string): string => join(folder, `${name}.db`);
const embedded = async (name: string, readonly = false): Promise<EventStore> => {
  const store = await SqliteEventStore.open({ path: place(name), readonly });
  opened.push(store);
  return store;
};
/** Lets go of every store, so that a process can write to it. */
const closeAll = (): Promise<unknown> => Promise.all(opened.splice(0).map(store => store.close()));

/** A log of `count` events or a little more in a file; the number of its events. */
async function aLog(name: string, count: number): Promise<number> {
  const store = await embedded(name);
  await store.append(new LogMaker().writes(count));
  return store.countAfter(undefined);
}

/** What the copy has printed. */
const resultOf = ({ stdout }: Ended): unknown => JSON.parse(stdout);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'events-copy-'));
});
afterEach(async () => {
  await closeAll();
  await rm(folder, { recursive: true });
});

describe('a copy of a log', () => {
  it('has every event in its place, byte for byte, also while the source is in use', async () => {
    const total = await aLog('from', 1500);
    expect(await copyLog(await embedded('from', true), await embedded('to'), { verify: true })).toEqual({
      copied: total,
      total,
      verified: true,
    });
    const [source, target] = await Promise.all([embedded('from', true), embedded('to', true)]);
    expect(await target.readAll({ limit: Infinity })).toEqual(await source.readAll({ limit: Infinity }));
  });

  it('copies nothing the second time', async () => {
    const total = await aLog('from', 700);
    const [source, target] = [await embedded('from', true), await embedded('to')];
    await copyLog(source, target, { verify: false });
    expect(await copyLog(source, target, { verify: true })).toEqual({ copied: 0, total, verified: true });
  });

  it('of an empty log is empty', async () => {
    const [source, target] = [await embedded('from'), await embedded('to')];
    expect(await copyLog(source, target, { verify: true })).toEqual({ copied: 0, total: 0, verified: true });
  });

  it('ends where the source ended when it began, and the next one takes the rest', async () => {
    const maker = new LogMaker();
    const source = await embedded('from');
    await source.append(maker.writes(1200));
    const before = await source.countAfter(undefined);
    const target = await embedded('to');
    const growing: Promise<unknown>[] = [];
    const onProgress = (): void => void growing.push(source.append(maker.writes(10)));
    expect(await copyLog(source, target, { verify: true, onProgress })).toMatchObject({ copied: before, total: before });
    await Promise.all(growing);
    const after = await source.countAfter(undefined);
    expect(after).toBeGreaterThan(before);
    expect(await copyLog(source, target, { verify: true })).toMatchObject({ copied: after - before, total: after });
    expect(await contentOf(target)).toEqual(await contentOf(source));
  });

  it.each([
    ['an event that the source does not have', [{ id: '6d5e2b1c-3f7a-4c52-9d43-b21f0a3e5c11' }], 'event 1 of the source is'],
    ['an event of the source with other bytes', [{ data: '{"b":2,"a":[1.0,1e2]}' }], 'has another data in the target'],
    ['more than the source', [{}, { id: '6d5e2b1c-3f7a-4c52-9d43-b21f0a3e5c11' }], 'is none of the source'],
  ])('is not made into a target that holds %s', async (_, changes, reason) => {
    const [source, target] = [await embedded('from'), await embedded('to')];
    const write = new LogMaker().write();
    await source.append([write]);
    const events = changes.map(change => ({ ...write.events[0]!, ...change }));
    await target.append([{ ...write, stream: reason.startsWith('event 1') ? 'other-1' : write.stream, events }]);
    const before = await contentOf(target);
    await expect(copyLog(source, target, { verify: true })).rejects.toThrow(reason);
    expect(await contentOf(target)).toEqual(before);
  });

  it.each([
    ['a changed payload', "UPDATE events SET data = '{}' WHERE position = 801", 'does not have the hash it claims'],
    ['a changed id', "UPDATE events SET id = '6d5e2b1c-3f7a-4c52-9d43-b21f0a3e5c11' WHERE position = 801", 'was hashed'],
    ['a text that is no JSON', "UPDATE events SET metadata = 'x' WHERE position = 801", 'is not valid JSON'],
    ['an event taken out', 'DELETE FROM events WHERE position = 801', 'was due'],
  ])('stops before %s in the source, and names stream and revision', async (_, tampering, reason) => {
    await aLog('from', 1200);
    const [event] = await opened[0]!.readAll({ after: '800'.padStart(20, '0'), limit: 1 });
    await closeAll();
    const db = new DatabaseSync(place('from'));
    db.exec(tampering);
    db.close();
    const broken = reason === 'was due' ? event!.revision + 1 : event!.revision;
    const target = await embedded('to');
    const copying = copyLog(await embedded('from', true), target, { verify: true });
    await expect(copying).rejects.toThrow(
      `the hash chain of stream ${event!.stream} is broken in the source at revision ${broken}`,
    );
    await expect(copying).rejects.toThrow(reason);
    expect(await target.countAfter(undefined)).toBeLessThanOrEqual(800);
  });

  it('is found out when something else has written to the target meanwhile', async () => {
    await aLog('from', 600);
    const target = await embedded('to');
    const foreign = { stream: 'other-1', expected: 'any', events: new LogMaker().write().events } as const;
    let writing: Promise<unknown> | undefined;
    const onProgress = (): void => void (writing ??= target.append([foreign]));
    await expect(copyLog(await embedded('from', true), target, { verify: true, onProgress })).rejects.toThrow(
      'the target is not a copy of the source',
    );
    await writing;
  });
});

describe('npm run events:copy', () => {
  it('copies a data folder, prints one line of JSON, and says on the second run that nothing was left', async () => {
    const total = await aLog('events', 300);
    const to = join(folder, 'new', 'folder');
    const first = await copy('--from', folder, '--to', to);
    expect(first).toMatchObject({ code: 0, stderr: '' });
    expect(resultOf(first)).toEqual({ copied: total, total, verified: true, seconds: expect.any(Number) });
    expect(resultOf(await copy('--from', folder, '--to', join(to, 'events.db'), '--no-verify'))).toMatchObject({
      copied: 0,
      total,
      verified: false,
    });
  });

  it.each([
    [2, 'a call without target', ['--from', 'a'], '--to is missing; usage:'],
    [1, 'a source that is not there', ['--from', 'nowhere', '--to', 'a'], 'there is no log to copy at'],
    [1, 'a server that is away', ['--from', 'kurrentdb://127.0.0.1:1?tls=false', '--to', 'a'], "the source can't be read"],
    [1, 'a mistake in a URL', ['--from', 'kurrentdb://127.0.0.1:x', '--to', 'a'], 'expected port number'],
  ])('ends with code %d and one line for %s', async (code, _, args, reason) => {
    const inFolder = args.map(arg => (/^[a-z]+$/.test(arg) ? join(folder, arg) : arg));
    const ended = await copy(...inFolder);
    expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(reason) });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });

  it('does not write to a target that is in use, and says who holds it', async () => {
    await aLog('from', 10);
    await embedded('to');
    expect(await copy('--from', place('from'), '--to', place('to'))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`is in use by another process (pid ${process.pid})`),
    });
  });

  it('goes on where it was when it is killed', async () => {
    const total = await aLog('from', 6000);
    await closeAll();
    const kills = await copyThroughKills(place('from'), place('to'), () => embedded('to', true), total);
    expect(kills).toBeGreaterThan(0);
    const [source, target] = await Promise.all([embedded('from', true), embedded('to', true)]);
    expect(await target.readAll({ limit: Infinity })).toEqual(await source.readAll({ limit: Infinity }));
  }, 120_000);
});

/** Copies, and kills the first three runs as soon as they have copied something. @returns how many of them had not been through */
async function copyThroughKills(from: string, to: string, target: () => Promise<EventStore>, total: number): Promise<number> {
  const present = async (limit = total): Promise<number> => {
    const store = await target();
    const events = await store.readAll({ limit });
    await store.close();
    return events.length;
  };
  let kills = 0;
  let copied = 0;
  for (let run = 0; run < 3; run += 1) {
    const { child, ended } = startCopy('--from', from, '--to', to);
    const before = copied;
    // A target that was not made yet can't be opened.
    while (child.exitCode === null && (await present(before + 1).catch(() => 0)) <= before) await sleep(LOOK_AGAIN_MS);
    child.kill('SIGKILL');
    await ended;
    copied = await present();
    if (copied < total) kills += 1;
  }
  const last = await copy('--from', from, '--to', to);
  expect(last).toMatchObject({ code: 0 });
  expect(resultOf(last)).toMatchObject({ copied: total - copied, total, verified: true });
  return kills;
}

/** Of the log that goes there and back. */
const EVENTS = Number(process.env['COPY_EVENTS'] ?? 3000);

const withServer = KURRENTDB_COMMAND === undefined ? describe.skip : describe;
const hint = KURRENTDB_COMMAND === undefined ? ' (skipped, needs a command that runs a server: set KURRENTDB_TEST_COMMAND)' : '';

withServer(`npm run events:copy and KurrentDB${hint}`, () => {
  let server: KurrentDbProcess;
  beforeEach(async () => {
    server = await KurrentDbProcess.prepare();
    server.start();
    const store = await onServer();
    const isUp = (): Promise<boolean> =>
      store.head().then(
        () => true,
        () => false,
      );
    while (!(await isUp())) await sleep(LOOK_AGAIN_MS);
  }, 60_000);
  afterEach(async () => {
    await closeAll();
    await server.remove();
  });

  const onServer = async (): Promise<EventStore> => {
    const store = await KurrentDbEventStore.open({ url: server.url });
    opened.push(store);
    return store;
  };

  it(
    'brings a log there, through kills, and back, byte for byte and every position of the embedded store',
    async () => {
      const total = await aLog('from', EVENTS);
      await closeAll();
      const kills = await copyThroughKills(place('from'), server.url, onServer, total);
      expect(kills).toBeGreaterThan(0);
      const back = await copy('--from', server.url, '--to', place('back'));
      expect(back).toMatchObject({ code: 0 });
      expect(resultOf(back)).toMatchObject({ copied: total, total, verified: true });
      const [source, target] = await Promise.all([embedded('from', true), embedded('back', true)]);
      expect(await target.readAll({ limit: Infinity })).toEqual(await source.readAll({ limit: Infinity }));
      expect(await contentOf(await onServer())).toEqual(await contentOf(source));
    },
    180_000 + EVENTS * 10,
  );
});
