/** The read models in MongoDB, built from a log: events a second, beside the embedded read store. */
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store';
import { COLLECTIONS, parkedEvents, rebuild, verify } from '#projections';
import { MongoReadStore, SqliteReadStore } from '#read-store';
import { startMongoDb } from './engines.js';
import { makeLog } from './log.js';
import { medians, row } from './rounds.js';

const EVENTS = 20_000;
const ROUNDS = 3;

/** @param {string} place a folder for the log */
export async function run(place) {
  const path = join(place, 'projected.db');
  await makeLog(path, EVENTS);
  const events = await SqliteEventStore.open({ path, readonly: true });
  const mongodb = await startMongoDb();
  const reads = await MongoReadStore.open({ url: mongodb.url, collections: COLLECTIONS });
  const embedded = await SqliteReadStore.open({ path: join(place, 'reads.db'), collections: COLLECTIONS });
  try {
    const speeds = await medians({ mongodb: () => speed(events, reads), embedded: () => speed(events, embedded) }, ROUNDS);
    await checkAll(events, reads);
    const what = `rebuild in MongoDB of a log of ${EVENTS.toLocaleString('en-US')} events, beside SQLite`;
    return [row(what, speeds.mongodb, speeds.embedded, 'events/s')];
  } finally {
    await embedded.close();
    await reads.close();
    await mongodb.stop();
    await events.close();
  }
}

async function speed(events, reads) {
  const start = performance.now();
  await rebuild(events, reads);
  return EVENTS / ((performance.now() - start) / 1000);
}

/** What was measured is worth nothing when events were parked or documents differ. */
async function checkAll(events, reads) {
  const { total } = await reads.live.find({ collection: parkedEvents.name, orderBy: [], offset: 0, limit: 0 });
  const verdict = await verify(events, reads);
  if (total > 0 || !verdict.equal) throw new Error(`${total} events are parked; ${JSON.stringify(verdict)}`);
}
