import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { aStream, aWrite, someEvents } from '../../testing/fixtures.js';
import { FORMAT, TABLES } from './format.js';
import { startWriter, WriterThread } from './writer-thread.js';

describe('WriterThread', () => {
  let folder: string;
  let worker: Worker;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'writer-thread-'));
    worker = startWriter({ path: join(folder, 'events.db'), format: FORMAT, tables: TABLES, channel: folder });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('rejects what is in flight, and all that comes later, when the thread dies', async () => {
    const thread = await WriterThread.start(worker, () => undefined);
    const inFlight = Array.from({ length: 3 }, () => thread.append([aWrite(aStream(), 'none', someEvents(1))]));
    const outcomes = Promise.allSettled(inFlight);
    await worker.terminate();
    const dead = { name: 'EventStoreUnavailable', message: expect.stringContaining('writer thread has exited') };
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: dead });
    await expect(thread.append([aWrite(aStream(), 'none', someEvents(1))])).rejects.toMatchObject(dead);
    await expect(thread.close()).resolves.toBeUndefined();
  });

  it('tells after each group that something may have been committed', async () => {
    const committed = Promise.withResolvers<void>();
    const thread = await WriterThread.start(worker, committed.resolve);
    await thread.append([aWrite(aStream(), 'none', someEvents(1))]);
    await expect(committed.promise).resolves.toBeUndefined();
    await thread.close();
  });
});
