import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { openEventStore, type EventStore, type EventStoreAddress } from '#event-store';

export interface Logs {
  readonly source: EventStore;
  readonly target: EventStore;
  close(): Promise<void>;
}

/**
 * Opens the source to read, and the target to write; an embedded target is made when it is not there.
 * @throws {Error} there is no source, the target is in use, or an address has a mistake
 */
export async function openLogs(from: EventStoreAddress, to: EventStoreAddress): Promise<Logs> {
  if ('path' in from && !existsSync(from.path)) throw new Error(`there is no log to copy at ${from.path}`);
  const source = await openEventStore(from, { readonly: true });
  try {
    if ('path' in to) await mkdir(dirname(to.path), { recursive: true, mode: 0o700 });
    const target = await openEventStore(to);
    const close = async (): Promise<void> => {
      await target.close();
      await source.close();
    };
    return { source, target, close };
  } catch (error) {
    await source.close();
    throw error;
  }
}
