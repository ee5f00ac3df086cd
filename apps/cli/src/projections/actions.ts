import { lagOf, parkedEvents, rebuild, verify, type RebuildOptions } from '#projections';
import type { Context } from '../context.js';
import { withStores } from '../engines.js';
import { EXIT } from '../errors.js';
import { Progress } from '../output/progress.js';

/** Shows that work goes on: a position tells no count. */
function reported<T>(work: (options: RebuildOptions) => Promise<T>): Promise<T> {
  const progress = new Progress('batches of events');
  let batches = 0;
  return work({ onProgress: () => progress.at((batches += 1)) }).finally(() => progress.end());
}

export async function status({ printer }: Context): Promise<number> {
  const found = await withStores(async (events, reads) => {
    const position = await reads.live.checkpoint();
    const { total: parked } = await reads.live.find({ collection: parkedEvents.name, orderBy: [], offset: 0, limit: 0 });
    const lag = await lagOf(events, position, Date.now());
    return { head: await events.head(), position, lag_events: lag.events, lag_seconds: lag.seconds, parked_events: parked };
  });
  if (printer.isForPrograms) await printer.value(found);
  else await printer.fields(Object.fromEntries(Object.entries(found).map(([name, value]) => [name, value ?? 'none'])));
  return found.parked_events === 0 ? EXIT.ok : EXIT.failed;
}

export async function rebuildAll({ printer }: Context): Promise<void> {
  const position = await withStores((events, reads) => reported(options => rebuild(events, reads, options)));
  if (printer.isForPrograms) return printer.value({ rebuilt: true, position });
  await printer.write('rebuilt and swapped in\n');
}

export async function verifyAll({ printer }: Context): Promise<number> {
  const verdict = await withStores((events, reads) => reported(options => verify(events, reads, options)));
  if (printer.isForPrograms) await printer.value(verdict);
  else if (verdict.equal) await printer.write(`${printer.paint('green', 'equal')}: ${verdict.documents} documents\n`);
  else {
    const { collection, id, field } = verdict.first;
    await printer.write(`${printer.paint('red', 'not equal')}: ${collection} ${id}${field === undefined ? '' : `, ${field}`}\n`);
    await printer.fields({ live: verdict.first.live ?? 'missing', rebuilt: verdict.first.rebuilt ?? 'missing' });
  }
  return verdict.equal ? EXIT.ok : EXIT.failed;
}
