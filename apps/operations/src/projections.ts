/** `npm run projections -- verify | rebuild`: the read models against the log. Also while the system runs. */
import { addressesOf } from '#engines';
import { openEventStore } from '#event-store';
import { COLLECTIONS, rebuild, verify } from '#projections';
import { openReadStore } from '#read-store';
import { loadEnvironment } from '#service';

async function main(command: string | undefined): Promise<number> {
  if (command !== 'verify' && command !== 'rebuild') {
    console.error('usage: npm run projections -- verify | rebuild');
    return 2;
  }
  const { eventStore, readStore } = addressesOf(loadEnvironment());
  const events = await openEventStore(eventStore, { readonly: true });
  const reads = await openReadStore(readStore, COLLECTIONS);
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
