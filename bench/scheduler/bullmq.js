/** Job schedulers of BullMQ, a worker in the same process: `node bullmq.js at-once|steady <count> <per second> <redis port>`, by fork. */
import { createRequire } from 'node:module';
import { Queue, Worker } from 'bullmq';
import { dueTimes, expressionOf, report } from './due-times.js';

/** Job schedulers made at a time, and jobs that the worker has at a time. */
const MADE_AT_A_TIME = 500;
const CONCURRENCY = 200;

const [what, count, perSecond, port] = process.argv.slice(2);
const Redis = createRequire(import.meta.url)('ioredis');
const connection = new Redis({ host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null });
const due = dueTimes(what, Number(count), Number(perSecond));
const lateness = [];

const queue = new Queue('bench', { connection });
for (let from = 0; from < due.length; from += MADE_AT_A_TIME) {
  const some = due.slice(from, from + MADE_AT_A_TIME);
  await Promise.all(
    some.map((at, i) =>
      queue.upsertJobScheduler(
        `schedule-${from + i}`,
        { pattern: expressionOf(at), tz: 'UTC' },
        { data: { due: at }, opts: { removeOnComplete: true } },
      ),
    ),
  );
}
if (Date.now() > due[0] - 1000) throw new Error('the job schedulers were not made in time');
const worker = new Worker('bench', async job => void lateness.push(Date.now() - job.data.due), {
  connection,
  concurrency: CONCURRENCY,
});
await worker.waitUntilReady();
await report(lateness, due.length, due.at(-1));
