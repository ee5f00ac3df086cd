/** `npm run projections -- verify | rebuild`: the read models of a data folder against its log. Also while the system runs. */
import { join } from 'node:path';
import { SqliteEventStore } from '#event-store';
import { COLLECTIONS, rebuild, verify } from '#projections';
import { SqliteReadStore } from '#read-store';
import { loadEnvironment } from '#service';

async function main(command: string | undefined): Promise<number> {
  if (command !== 'verify' && command !== 'rebuild') {
    console.error('usage: npm run projections -- verify | rebuild');
    return 2;
  }
  const { AMBIENT_DATA_DIR } = loadEnvironment();
  const events = await SqliteEventStore.open({ path: join(AMBIENT_DATA_DIR, 'events.db'), readonly: true });
  const reads = await SqliteReadStore.open({ path: join(AMBIENT_DATA_DIR, 'read-models.db'), collections: COLLECTIONS });
  try {
    if (command === 'rebuild') {
      await rebuild(events, reads);
      console.log('rebuilt and swapped in');
      return 0;
    }
    const verdict = await verify(events, reads);
    console.log(JSON.stringify(verdict));
    return verdict.equal ? 0 : 1;
  } finally {
    await reads.close();
    await events.close();
  }
}

process.exitCode = await main(process.argv[2]).catch((error: unknown) => {
  console.error(`projections: ${error instanceof Error ? error.message : String(error)}`);
  return 1;
});
