/** The stores of a system, read by another process than the one that writes them. */
import { openEventStore, type EventStore, type RecordedEvent } from '#event-store';
import { COLLECTIONS, verify, type Verdict } from '#projections';
import { openReadStore } from '#read-store';
import { brokenLink } from './chain.js';
import { addressesFor } from './engines.js';

const PAGE = 5000;

/** Works on the events of a data folder, also while a system writes to it. */
export async function withEvents<T>(dataDir: string, work: (events: EventStore) => Promise<T>): Promise<T> {
  const events = await openEventStore((await addressesFor(dataDir)).eventStore, { readonly: true });
  try {
    return await work(events);
  } finally {
    await events.close();
  }
}

/** Whether the read models are what the log makes of them, and whether they hold all of it. */
export const verifyReadModels = (dataDir: string): Promise<Verdict & { readonly caughtUp: boolean }> =>
  withEvents(dataDir, async events => {
    const reads = await openReadStore((await addressesFor(dataDir)).readStore, COLLECTIONS);
    try {
      const caughtUp = (await reads.live.checkpoint()) === (await events.head());
      return { ...(await verify(events, reads)), caughtUp };
    } finally {
      await reads.close();
    }
  });

/** Every event of the log, in order. */
export const allEvents = (dataDir: string): Promise<RecordedEvent[]> =>
  withEvents(dataDir, async events => {
    const all: RecordedEvent[] = [];
    for (;;) {
      const page = await events.readAll({ after: all.at(-1)?.position, limit: PAGE });
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  });

/** What is wrong with the hash chains of a log; empty when nothing is. */
export function brokenLinks(log: readonly RecordedEvent[]): string[] {
  const streams = Map.groupBy(log, ({ stream }) => stream);
  const parsed = [...streams.values()].map(events =>
    brokenLink(
      events.map(({ data, metadata, ...event }) => ({ ...event, payload: JSON.parse(data), metadata: JSON.parse(metadata) })),
    ),
  );
  return parsed.filter(problem => problem !== undefined);
}
