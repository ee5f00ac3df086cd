import { describe, expect, it } from '@jest/globals';
import { EventStoreUnavailable } from '../src/event-store.js';
import { aStream, aWrite, someEvents } from './fixtures.js';
import type { OpenEventStore } from './index.js';

/** The end of a store. */
export function describeClose(open: OpenEventStore): void {
  describe('close', () => {
    it('finishes the appends that were accepted', async () => {
      const opened = await open();
      const { store } = opened;
      const appends = Array.from({ length: 20 }, (_, n) =>
        store.append([aWrite(aStream(), n % 2 === 0 ? 'none' : 'any', someEvents(1))]),
      );
      await store.close();
      for (const results of await Promise.all(appends)) expect(results).toMatchObject([{ revision: 0 }]);
      await opened.close();
    });

    it('makes later calls reject with EventStoreUnavailable', async () => {
      const opened = await open();
      const { store } = opened;
      await store.close();
      const calls = [
        store.append([aWrite(aStream(), 'none', someEvents(1))]),
        store.readStream(aStream()),
        store.readAll({ limit: 1 }),
        store.head(),
        store.countAfter(undefined),
      ];
      for (const outcome of await Promise.allSettled(calls)) {
        expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(EventStoreUnavailable) });
      }
      await opened.close();
    });

    it('ends the subscriptions', async () => {
      const opened = await open();
      const { store } = opened;
      const { signal } = new AbortController();
      const batches = store.subscribe({ stream: aStream(), signal })[Symbol.asyncIterator]();
      expect(await batches.next()).toMatchObject({ done: false, value: { events: [], caughtUp: true } });
      const next = batches.next();
      await store.close();
      expect(await next).toMatchObject({ done: true });
      await opened.close();
    });

    it('may be called again', async () => {
      const opened = await open();
      const { store } = opened;
      await store.close();
      await expect(store.close()).resolves.toBeUndefined();
      await opened.close();
    });
  });
}
