/** Script, run as a process or as a worker thread: follows the store at argv[2] read-only and prints `caught up` and the id of every event. */
import { SqliteEventStore } from '../src/embedded/sqlite-event-store.js';

const store = await SqliteEventStore.open({ path: process.argv[2]!, readonly: true });
const keepAlive = setInterval(() => undefined, 60_000);
const ending = new AbortController();
for await (const { events, caughtUp } of store.subscribe({ signal: ending.signal })) {
  for (const { id, type } of events) {
    console.log(id);
    if (type === 'End') ending.abort();
  }
  if (caughtUp) console.log('caught up');
}
clearInterval(keepAlive);
await store.close();
