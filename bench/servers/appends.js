/**
 * What creates are measured against, a process of its own: the bare client, which appends the bytes of our events to streams of their own.
 * As the service it appends to the streams of one operation one after the other.
 *
 * @typedef {object} Job
 * @property {{ type: string, data: string, metadata: string }[]} events appended in each operation, to a stream each
 * @property {number} concurrency operations under way at once
 * @property {number} seconds
 */
import { randomUUID } from 'node:crypto';
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client';

const [url] = process.argv.slice(2);
const client = KurrentDBClient.connectionString(url);

/** @param {Job} job @returns {Promise<number>} operations a second */
async function run({ events, concurrency, seconds }) {
  const parsed = events.map(({ type, data, metadata }) => ({ type, data: JSON.parse(data), metadata: Buffer.from(metadata) }));
  const deadline = performance.now() + seconds * 1000;
  let done = 0;
  const callers = Array.from({ length: concurrency }, async () => {
    for (;;) {
      for (const event of parsed) {
        const appended = jsonEvent({ id: randomUUID(), ...event });
        await client.appendToStream(`bench-${randomUUID()}`, appended, { streamState: 'no_stream' });
      }
      if (performance.now() > deadline) return;
      done += 1;
    }
  });
  await Promise.all(callers);
  return done / seconds;
}

process.on('message', job => {
  run(job).then(
    perSecond => process.send({ perSecond }),
    error => process.send({ failure: error.message }),
  );
});
process.on('disconnect', () => process.exit());
process.send('ready');
