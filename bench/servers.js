/**
 * The services on real engines: creates on KurrentDB beside its bare client, one command-api process beside two, projection to MongoDB, the
 * event feed to NATS. A part whose engines are not there is skipped, and says so; `servers/engines.js` tells how to give them.
 * Run on the build: `npm run build && node bench/servers.js`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { run as creates } from './servers/creates.js';
import { MISSING } from './servers/engines.js';
import { run as feed } from './servers/feed.js';
import { run as projection } from './servers/projection.js';

const PARTS = [
  { title: 'creates on KurrentDB', engines: ['kurrentdb', 'mongodb', 'nats'], run: creates },
  { title: 'projection to MongoDB', engines: ['mongodb'], run: projection },
  { title: 'event feed to NATS', engines: ['nats'], run: feed },
];

const missingOf = ({ engines }) => engines.map(engine => MISSING[engine]).filter(missing => missing !== undefined);

/** What the issue asks for, where it can be measured. */
export const TARGETS =
  missingOf(PARTS[0]).length > 0 ? [] : [{ row: /beside the bare client making its /, column: 'ratio', atLeast: 0.5 }];

/** @returns {Promise<{ what: string, ours?: number, peer?: number, ratio?: number, unit?: string }[]>} */
export async function run(folder = process.cwd()) {
  const place = await mkdtemp(join(folder, 'bench-servers-'));
  const rows = [];
  try {
    for (const part of PARTS) {
      const missing = missingOf(part);
      if (missing.length > 0) rows.push({ what: `skipped: ${part.title}, needs ${missing.join(' and ')}` });
      else rows.push(...(await part.run(place)));
    }
    return rows;
  } finally {
    await rm(place, { recursive: true });
  }
}

if (import.meta.main) console.table(await run());
