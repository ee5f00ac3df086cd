import { afterAll, beforeAll, describe } from '@jest/globals';
import type { EventStore } from '../src/event-store.js';
import { describeAppend } from './append.js';
import { describeConcurrency } from './concurrency.js';
import { describeIdempotency } from './idempotency.js';
import { describeRefusals } from './refusals.js';
import { describeReads } from './reads.js';
import { describeSubscriptions } from './subscriptions.js';
import { describeTexts } from './texts.js';
import { describeClose } from './close.js';

/** Opens a store for a suite. The engine behind it may hold foreign events, and others may write to it meanwhile. */
export type OpenEventStore = () => Promise<{ store: EventStore; close(): Promise<void> }>;

/** How the parts of the contract get at the store of the suite, once it is open. */
export type GetStore = () => EventStore;

/** The contract of the port {@link EventStore}: every adapter passes it. */
export function describeEventStore(name: string, open: OpenEventStore): void {
  describe(`${name} is an EventStore`, () => {
    let opened: Awaited<ReturnType<OpenEventStore>>;
    const store: GetStore = () => opened.store;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    describeAppend(store);
    describeTexts(store);
    describeIdempotency(store);
    describeConcurrency(store);
    describeRefusals(store);
    describeReads(store);
    describeSubscriptions(store);
    describeClose(open);
  });
}
export { KURRENTDB_COMMAND, KurrentDbProcess } from './kurrentdb-process.js';
