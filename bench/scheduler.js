/**
 * The scheduler: how late it asks for ticks beside job schedulers of BullMQ and jobs of croner, another that takes over, a clock that is
 * set, and a million schedules in one process. What is not here to be measured beside it is skipped, and says so.
 * Run on the build: `npm run build && node bench/scheduler.js`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run as clock } from './scheduler/clock.js';
import { run as lateness } from './scheduler/lateness.js';
import { run as million } from './scheduler/million.js';
import { run as takeover } from './scheduler/takeover.js';
import { MISSING } from './servers/engines.js';

/** From the specification, *Precision and scale*. */
export const TARGETS = [
  { row: /^10,000 due in the same second, p99$/, column: 'ours', below: 250 },
  { row: /^200 a second .*p99$/, column: 'ours', below: 50 },
  { row: /suspension: (lost|asked for twice)$/, column: 'ours', below: 1 },
  { row: /schedules: ready from the log/, column: 'ours', below: 60 },
  { row: /schedules: memory, read from the log$/, column: 'ours', below: 1024 },
  { row: /schedules: CPU idle/, column: 'ours', below: 5 },
  ...(MISSING.nats
    ? []
    : [
        { row: /^takeover/, column: 'ours', below: 10 },
        { row: /: lost$/, column: 'ours', below: 1 },
        { row: /got twice$/, column: 'ours', below: 1 },
      ]),
];

/** @returns {Promise<import('./scheduler/lateness.js').Row[]>} */
export async function run() {
  const place = await mkdtemp(join(tmpdir(), 'bench-scheduler-'));
  try {
    const rows = await lateness(place);
    rows.push(...(MISSING.nats ? [{ what: `skipped: takeover, needs ${MISSING.nats}` }] : await takeover(place)));
    rows.push(...(await clock(place)));
    rows.push(...(await million(place)));
    return rows;
  } finally {
    await rm(place, { recursive: true });
  }
}

if (import.meta.main) console.table(await run());
