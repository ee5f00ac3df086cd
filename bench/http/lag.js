/**
 * Watches, from a process of its own, how long the read models take to hold what the log holds: every few milliseconds it notes the log's
 * head, which is durable and about to be answered, and later the moment when the read models' checkpoint reaches it.
 */
import { setInterval } from 'node:timers';
import { SqliteEventStore } from '#event-store';
import { COLLECTIONS } from '#projections';
import { SqliteReadStore } from '#read-store';

const EVERY_MS = 5;

const [eventStorePath, readStorePath] = process.argv.slice(2);
const events = await SqliteEventStore.open({ path: eventStorePath, readonly: true });
const reads = await SqliteReadStore.open({ path: readStorePath, collections: COLLECTIONS, readonly: true });

/** Heads that the read models have not reached, oldest first. @type {{ position: string, at: number }[]} */
const awaited = [];
/** Milliseconds. @type {number[]} */
const lags = [];
let last;

async function look() {
  const checkpoint = (await reads.live.checkpoint()) ?? '';
  const now = performance.now();
  while (awaited.length > 0 && awaited[0].position <= checkpoint) lags.push(now - awaited.shift().at);
  const position = await events.head();
  if (position === last) return;
  last = position;
  awaited.push({ position, at: now });
}

setInterval(() => void look(), EVERY_MS);
// Tells when everything is caught up: a head that the read models never reach must not be left out of the measure.
process.on('message', () => {
  const asking = setInterval(() => {
    if (awaited.length > 0) return;
    clearInterval(asking);
    process.send({ lags });
  }, EVERY_MS);
});
process.on('disconnect', () => process.exit());
process.send('ready');
