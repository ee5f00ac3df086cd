/**
 * Script, run where argv[2] is a small file system of its own: fills it with appends, makes space, goes on, opens again, and prints
 * what it saw as JSON.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SqliteEventStore } from '../src/embedded/sqlite-event-store.js';
import { anEvent, aStream, aWrite, idsOf } from './fixtures.js';

const folder = process.argv[2]!;
const path = join(folder, 'events.db');
const ballast = join(folder, 'ballast');
await writeFile(ballast, Buffer.alloc(4 * 1024 * 1024, 1));

const store = await SqliteEventStore.open({ path });
const stream = aStream();
const acknowledged: string[] = [];
const refused: string[] = [];
const errors: Error[] = [];
const data = JSON.stringify('x'.repeat(32 * 1024));
while (errors.length === 0) {
  const group = Array.from({ length: 4 }, () => anEvent(data));
  const outcomes = await Promise.allSettled(group.map(event => store.append([aWrite(stream, 'any', [event])])));
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome.status === 'fulfilled') acknowledged.push(group[index]!.id);
    else {
      refused.push(group[index]!.id);
      errors.push(outcome.reason as Error);
    }
  }
}
const readWhileFull = idsOf(await store.readStream(stream));
await rm(ballast);
const retried = anEvent(data, refused[0]);
await store.append([aWrite(stream, 'any', [retried])]);
await store.close();

const reopened = await SqliteEventStore.open({ path });
const readAfterwards = idsOf(await reopened.readStream(stream));
await reopened.close();
console.log(
  JSON.stringify({
    acknowledged,
    refused,
    errors: errors.map(({ name, message }) => `${name}: ${message}`),
    readWhileFull,
    readAfterwards,
  }),
);
