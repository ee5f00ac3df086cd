/**
 * Speed of the embedded event store: durable appends a second by the number in flight, point reads and reads of the whole log.
 * Run on the build: `npm run build && node bench/event-store.js`.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store';

/** Appends measured for each number in flight, after half as many to warm up. */
const APPENDS = { 1: 1_000, 64: 20_000, 256: 40_000 };
const POINT_READS = 20_000;

const data = JSON.stringify({ text: 'x'.repeat(320) });
const metadata = JSON.stringify({ actor: 'bench', text: 'y'.repeat(60) });

/** Keeps `inFlight` callers busy, each appending one event of about 500 bytes to a stream of its own as soon as the last is durable. */
async function appendAll(store, inFlight, total) {
  const each = Math.ceil(total / inFlight);
  const callers = Array.from({ length: inFlight }, async () => {
    const stream = `bench-${randomUUID()}`;
    for (let revision = 0; revision < each; revision += 1) {
      const events = [{ id: randomUUID(), type: 'SomethingHappened', data, metadata }];
      await store.append([{ stream, expected: revision === 0 ? 'none' : revision - 1, events }]);
    }
    return stream;
  });
  return { streams: await Promise.all(callers), count: each * inFlight };
}

/** Seconds that the work takes, and what it returns. */
async function timed(work) {
  const start = performance.now();
  const result = await work();
  return { seconds: (performance.now() - start) / 1000, result };
}

/** @returns {Promise<{ what: string, value: number, unit: string }[]>} */
export async function run(folder = process.cwd()) {
  const place = await mkdtemp(join(folder, 'bench-event-store-'));
  const store = await SqliteEventStore.open({ path: join(place, 'events.db') });
  const rows = [];
  const row = (what, value, unit) => rows.push({ what, value, unit });
  try {
    let streams = [];
    for (const [inFlight, total] of Object.entries(APPENDS)) {
      await appendAll(store, Number(inFlight), total / 2);
      const { seconds, result } = await timed(() => appendAll(store, Number(inFlight), total));
      streams = result.streams;
      row(`durable appends, ${inFlight} in flight`, Math.round(result.count / seconds), 'events/s');
    }
    const point = await timed(async () => {
      for (let n = 0; n < POINT_READS; n += 1) {
        await store.readStream(streams[n % streams.length], { direction: 'backwards', limit: 1 });
      }
    });
    row('last event of a stream', Number(((point.seconds / POINT_READS) * 1e6).toFixed(1)), 'µs');
    const whole = await timed(() => store.readAll({ limit: 1_000_000 }));
    row('read of the whole log', Math.round(whole.result.length / whole.seconds), 'events/s');
    const category = await timed(() => store.readAll({ categories: ['bench'], limit: 1_000_000 }));
    row('read of a category', Math.round(category.result.length / category.seconds), 'events/s');
    return rows;
  } finally {
    await store.close();
    await rm(place, { recursive: true });
  }
}

if (import.meta.main) console.table(await run());
