/** The thread of {@link startProjectorThread}: opens stores of its own and follows the log until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import { openEventStore } from '#event-store';
import { openReadStore } from '#read-store';
import { COLLECTIONS } from './collections.js';
import type { ProjectorStores, ToParent } from './projector-thread.js';
import { Projector } from './projector.js';

if (!parentPort) throw new Error('this module is the entry of a worker thread');
const parent = parentPort;
const { eventStore, readStore } = workerData as ProjectorStores;
const tell = (message: ToParent): void => parent.postMessage(message);

const stop = new AbortController();
parent.once('message', () => stop.abort());

const events = await openEventStore(eventStore, { readonly: true });
const reads = await openReadStore(readStore, COLLECTIONS);
const projector = new Projector(events, reads.live, {
  poison: 'park',
  onProgress: position => tell({ type: 'progress', position }),
  onParked: event => tell({ type: 'parked', event }),
});
try {
  await projector.run(stop.signal);
} finally {
  await events.close();
  await reads.close();
  parent.close();
}
