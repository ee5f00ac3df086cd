/** The engines that a system stands on, for what an operator does beside it: the same environment variables name them. */
import { addressesOf, openMessaging, type Addresses, type Messaging } from '#engines';
import { openEventStore, type EventStore } from '#event-store';
import { COLLECTIONS } from '#projections';
import { openReadStore, type ReadStore } from '#read-store';
import { ConfigurationError, loadEnvironment } from '#service';
import type { Context } from './context.js';
import { UsageError } from './errors.js';

/** A broker that is away is waited for no longer. */
const CONNECT_MS = 10_000;

function addresses(): Addresses {
  try {
    return addressesOf(loadEnvironment());
  } catch (error) {
    throw error instanceof ConfigurationError ? new UsageError(error.message, { cause: error }) : error;
  }
}

/** @throws {UsageError} without NATS_URL: nothing can be got at from outside the process */
export async function withMessaging<T>({ printer, signal }: Context, work: (messaging: Messaging) => Promise<T>): Promise<T> {
  const { nats } = addresses();
  if (!nats) throw new UsageError('NATS_URL is not set: without NATS, messages live and end with the process that has them');
  const timeout = AbortSignal.timeout(CONNECT_MS);
  const log = { warn: (text: string) => printer.note(text), error: (text: string) => printer.note(text) };
  const messaging = await openMessaging(nats, { log, name: 'ambientctl', signal: AbortSignal.any([timeout, signal]) }).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      if (!timeout.aborted) throw error;
      throw new Unreachable(`NATS has not answered within ${CONNECT_MS / 1000} s`, { cause: error });
    },
  );
  try {
    return await work(messaging);
  } finally {
    await messaging.close();
  }
}

/** An engine does not answer. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** The log, to be read only, and the read models. */
export async function withStores<T>(work: (events: EventStore, reads: ReadStore) => Promise<T>): Promise<T> {
  const { eventStore, readStore } = addresses();
  const events = await openEventStore(eventStore, { readonly: true });
  try {
    const reads = await openReadStore(readStore, COLLECTIONS);
    try {
      return await work(events, reads);
    } finally {
      await reads.close();
    }
  } finally {
    await events.close();
  }
}
