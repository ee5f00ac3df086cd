/** Script: appends to the store at argv[2], 16 writers at a time, and prints `stream revision id` of every event once it is acknowledged. */
import { randomUUID } from 'node:crypto';
import { SqliteEventStore } from '../src/embedded/sqlite-event-store.js';
import { aStream, aWrite, someEvents } from './fixtures.js';

const store = await SqliteEventStore.open({ path: process.argv[2]! });
await Promise.all(
  Array.from({ length: 16 }, async () => {
    const stream = aStream(`killed${randomUUID().slice(0, 8)}`);
    for (let revision = -1; ; revision += 2) {
      const events = someEvents(2);
      await store.append([aWrite(stream, revision < 0 ? 'none' : revision, events)]);
      const lines = events.map(({ id }, index) => `${stream} ${revision + 1 + index} ${id}\n`);
      await new Promise(written => process.stdout.write(lines.join(''), written));
    }
  }),
);
