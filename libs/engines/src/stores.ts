import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock, type Leases, type Log } from '#bus';
import { EventStoreUnavailable, openEventStore, type EventStore } from '#event-store';
import { COLLECTIONS, ReadBarrier, startProjectorThread } from '#projections';
import { openReadStore, ReadStoreUnavailable, type ReadStore } from '#read-store';
import { metrics } from '#service';
import type { Addresses } from './addresses.js';

/** The log, the read models, and what lets a list wait for the one to be in the other. */
export interface Stores {
  readonly eventStore: EventStore;
  readonly readStore: ReadStore;
  readonly barrier: ReadBarrier;
  close(): Promise<void>;
}

export interface StoresOptions {
  readonly log: Log;
  /** Ends the wait for a server that is not there yet. */
  readonly signal?: AbortSignal;
}

const RETRY_MS = 1000;

export async function openStores(addresses: Addresses, options: StoresOptions): Promise<Stores> {
  const eventStore = await openEventStore(addresses.eventStore);
  try {
    if ('url' in addresses.eventStore) await onceThere('event store', () => eventStore.head(), options);
    const open = (): Promise<ReadStore> => openReadStore(addresses.readStore, COLLECTIONS);
    const readStore = 'url' in addresses.readStore ? await onceThere('read store', open, options) : await open();
    const barrier = new ReadBarrier(eventStore, readStore, systemClock, 'url' in addresses.readStore);
    return {
      eventStore,
      readStore,
      barrier,
      close: async () => {
        await readStore.close();
        await eventStore.close();
      },
    };
  } catch (error) {
    await eventStore.close();
    throw error;
  }
}

/** Tries until a server is there: it may come later than this process. */
async function onceThere<T>(what: string, attempt: () => Promise<T>, { log, signal }: StoresOptions): Promise<T> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof EventStoreUnavailable || error instanceof ReadStoreUnavailable)) throw error;
      log.warn(`no connection to the ${what}, trying on: ${error.message}`);
      await sleep(RETRY_MS, undefined, { signal });
    }
  }
}

/** Keeps the read models up to date whenever this process leads. Resolves when `stop` has ended it. */
export function project(
  { eventStore, readStore }: Addresses,
  barrier: ReadBarrier,
  leases: Leases,
  log: Log,
  stop: AbortSignal,
): Promise<void> {
  const work = async (signal: AbortSignal): Promise<void> => {
    const projector = startProjectorThread({
      eventStore,
      readStore,
      clock: systemClock,
      log,
      onProgress: position => barrier.progress(position),
      onParked: () => metrics.parkedEvents.inc(),
    });
    await aborted(signal);
    await projector.stop();
  };
  return leases.lead('projector', work, stop);
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
