import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent, SubscriptionBatch } from '../src/event-store.js';
import { aCategory, anEvent, aStream, aWrite, followUntil, idsOf, someEvents } from './fixtures.js';
import type { GetStore } from './index.js';

const eventsOf = (batches: readonly SubscriptionBatch[]): RecordedEvent[] => batches.flatMap(({ events }) => events);
const isCaughtUp = (batches: readonly SubscriptionBatch[]): boolean => batches.at(-1)!.caughtUp;
const hasEvents = (count: number) => (batches: readonly SubscriptionBatch[]) => eventsOf(batches).length >= count;

/** Subscriptions: catch up, then follow. */
export function describeSubscriptions(store: GetStore): void {
  describe('subscribe', () => {
    it('to a stream yields its events from the first on', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(5)), aWrite(aStream(), 'none', someEvents(2))]);
      const batches = await followUntil(store(), { stream }, isCaughtUp);
      expect(eventsOf(batches)).toEqual(await store().readStream(stream));
    });

    it('to a stream goes on after a position, be it of an event of the stream or of another', async () => {
      const stream = aStream();
      const writes = [
        aWrite(stream, 'none', someEvents(3)),
        aWrite(aStream(), 'none', someEvents(1)),
        aWrite(stream, 2, someEvents(2)),
      ];
      const results = await store().append(writes);
      const events = await store().readStream(stream);
      const own = await followUntil(store(), { stream, after: events[1]!.position }, isCaughtUp);
      expect(eventsOf(own)).toEqual(events.slice(2));
      const foreign = await followUntil(store(), { stream, after: results[1]!.position }, isCaughtUp);
      expect(eventsOf(foreign)).toEqual(events.slice(3));
    });

    it('to categories yields the events of all their streams in log order', async () => {
      const [one, two, other] = [aCategory(), aCategory(), aCategory()];
      for (const category of [one, other, two, one, two])
        await store().append([aWrite(aStream(category), 'none', someEvents(2))]);
      const batches = await followUntil(store(), { categories: [two, one] }, isCaughtUp);
      expect(eventsOf(batches)).toEqual(await store().readAll({ categories: [one, two], limit: 100 }));
      expect(eventsOf(batches)).toHaveLength(8);
    });

    it('to everything yields what all others append', async () => {
      const after = await store().head();
      const written = someEvents(3);
      await store().append(written.map(event => aWrite(aStream(), 'none', [event])));
      const isWritten = ({ id }: RecordedEvent): boolean => idsOf(written).includes(id);
      const batches = await followUntil(store(), { after }, batches => eventsOf(batches).filter(isWritten).length === 3);
      expect(idsOf(eventsOf(batches).filter(isWritten))).toEqual(idsOf(written));
      expect(eventsOf(batches).every(({ position }) => after === undefined || position > after)).toBe(true);
    });

    it('yields batches no larger than asked for, and is caught up only at the last', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(25))]);
      const batches = await followUntil(store(), { stream, batchSize: 10 }, batches => isCaughtUp(batches));
      expect(batches.every(({ events }) => events.length <= 10)).toBe(true);
      expect(eventsOf(batches)).toHaveLength(25);
      expect(batches.slice(0, -1).some(({ caughtUp }) => caughtUp)).toBe(false);
    });

    it('is caught up also when the events fill the last batch to the brim', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(20))]);
      const batches = await followUntil(store(), { stream, batchSize: 10 }, isCaughtUp);
      expect(eventsOf(batches)).toHaveLength(20);
    });

    it('says that it is caught up, and where, when nothing matches', async () => {
      await store().append([aWrite(aStream(), 'none', someEvents(1))]);
      const head = await store().head();
      const batches = await followUntil(store(), { categories: [aCategory()] }, isCaughtUp);
      expect(eventsOf(batches)).toEqual([]);
      expect(batches.at(-1)!.position! >= head!).toBe(true);
    });

    it('to a stream that does not exist says that it is caught up, and yields what is appended then', async () => {
      const stream = aStream();
      const events = someEvents(3);
      const batches = await followUntil(store(), { stream }, async batches => {
        if (batches.length === 1) await store().append([aWrite(stream, 'none', events)]);
        return hasEvents(3)(batches);
      });
      expect(batches[0]).toMatchObject({ events: [], caughtUp: true });
      expect(idsOf(eventsOf(batches))).toEqual(idsOf(events));
    });

    it('to a stream leaves out those whose names begin alike', async () => {
      const stream = aStream();
      const longer = `${stream}x`;
      const batches = await followUntil(store(), { stream }, async batches => {
        if (batches.length === 1)
          await store().append([aWrite(longer, 'none', someEvents(1)), aWrite(stream, 'none', someEvents(1))]);
        return hasEvents(1)(batches);
      });
      expect(eventsOf(batches)).toMatchObject([{ stream }]);
    });

    it('to no category at all yields no event', async () => {
      await store().append([aWrite(aStream(), 'none', someEvents(1))]);
      expect(eventsOf(await followUntil(store(), { categories: [] }, isCaughtUp))).toEqual([]);
    });

    it('moves its position past events that do not match, though not past each at once', async () => {
      const category = aCategory();
      const other = aStream();
      const written = await store().append([
        aWrite(aStream(category), 'none', someEvents(1)),
        aWrite(other, 'none', someEvents(1)),
      ]);
      let foreign: string | undefined;
      let isFollowing = true;
      const following = followUntil(store(), { categories: [category], after: written[0]!.position }, batches => {
        return foreign !== undefined && batches.at(-1)!.position! >= foreign;
      }).finally(() => (isFollowing = false));
      while (isFollowing) {
        const [last] = await store().append([aWrite(other, 'any', someEvents(20))]);
        foreign ??= last!.position;
      }
      const batches = await following;
      expect(eventsOf(batches)).toEqual([]);
      const positions = batches.map(({ position }) => position!);
      expect(positions).toEqual([...positions].sort());
    });

    it('can be taken up again after the position of any batch without loss or repetition', async () => {
      const category = aCategory();
      let after = await store().head();
      for (let n = 0; n < 6; n += 1) {
        await store().append([aWrite(aStream(category), 'none', someEvents(2)), aWrite(aStream(), 'none', someEvents(1))]);
      }
      const expected = idsOf(await store().readAll({ categories: [category], limit: 100 }));
      const seen: string[] = [];
      while (seen.length < expected.length) {
        const [batch] = await followUntil(store(), { categories: [category], after, batchSize: 5 }, () => true);
        seen.push(...idsOf(batch!.events));
        after = batch!.position;
      }
      expect(seen).toEqual(expected);
    });

    it('follows live after it has caught up', async () => {
      const stream = aStream();
      let appended = 0;
      const batches = await followUntil(store(), { stream }, async batches => {
        if (eventsOf(batches).length < appended) return false;
        if (appended === 20) return true;
        await store().append([aWrite(stream, 'any', someEvents(1))]);
        appended += 1;
        return false;
      });
      expect(eventsOf(batches).map(({ revision }) => revision)).toEqual(Array.from({ length: 20 }, (_, revision) => revision));
    });

    it('goes from catching up to live without loss or repetition while a writer writes 2,000 events', async () => {
      const category = aCategory();
      const streams = Array.from({ length: 10 }, () => aStream(category));
      const write = (stream: string) => store().append([aWrite(stream, 'any', someEvents(2))]);
      const writing = (async () => {
        for (let round = 0; round < 100; round += 1) await Promise.all(streams.map(write));
      })();
      const [all, oneStream] = await Promise.all([
        followUntil(store(), { categories: [category], batchSize: 64 }, hasEvents(2000)),
        followUntil(store(), { stream: streams[0]!, batchSize: 7 }, hasEvents(200)),
        writing,
      ]);
      expect(eventsOf(all)).toEqual(await store().readAll({ categories: [category], limit: 3000 }));
      expect(eventsOf(all)).toHaveLength(2000);
      expect(eventsOf(oneStream)).toEqual(await store().readStream(streams[0]!));
    });

    it('serves two subscribers, each at its own pace', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(30))]);
      const held = Promise.withResolvers<boolean>();
      const slow = followUntil(store(), { stream, batchSize: 10 }, async batches => {
        await held.promise;
        return hasEvents(60)(batches);
      });
      const fast = followUntil(store(), { stream, batchSize: 10 }, hasEvents(60));
      await store().append([aWrite(stream, 29, someEvents(30))]);
      const expected = await store().readStream(stream);
      expect(eventsOf(await fast)).toEqual(expected);
      held.resolve(true);
      expect(eventsOf(await slow)).toEqual(expected);
    });

    it.each(['categories', 'stream'] as const)(
      'to %s leaves nothing out for a subscriber that is held up while far more is appended than a batch',
      async of => {
        const category = aCategory();
        const stream = aStream(category);
        const selection = of === 'stream' ? { stream } : { categories: [category] };
        const isLive = Promise.withResolvers<void>();
        const held = Promise.withResolvers<void>();
        const following = followUntil(store(), { ...selection, after: await store().head(), batchSize: 10 }, async batches => {
          if (isCaughtUp(batches)) isLive.resolve();
          if (batches.length === 2) await held.promise;
          return hasEvents(4000)(batches);
        });
        await isLive.promise;
        const data = JSON.stringify({ text: 'x'.repeat(500) });
        for (let n = 0; n < 40; n += 1) {
          const events = Array.from({ length: 100 }, () => anEvent(data));
          await store().append([aWrite(stream, n === 0 ? 'none' : 100 * n - 1, events)]);
        }
        held.resolve();
        const batches = await following;
        expect(idsOf(eventsOf(batches))).toEqual(idsOf(await store().readStream(stream)));
        expect(batches.every(({ events }) => events.length <= 10)).toBe(true);
      },
    );

    it('ends when its signal aborts while it waits', async () => {
      const ending = new AbortController();
      const batches = store().subscribe({ stream: aStream(), signal: ending.signal })[Symbol.asyncIterator]();
      expect(await batches.next()).toMatchObject({ done: false, value: { caughtUp: true } });
      const next = batches.next();
      ending.abort();
      expect(await next).toMatchObject({ done: true });
    });

    it('ends before the next batch when its signal aborts while a batch is handled', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(30))]);
      const batches = await followUntil(store(), { stream, batchSize: 10 }, () => true);
      expect(batches).toHaveLength(1);
    });

    it('yields nothing when its signal has aborted before', async () => {
      const batches = store().subscribe({ signal: AbortSignal.abort() });
      expect(await batches[Symbol.asyncIterator]().next()).toMatchObject({ done: true });
    });
  });
}
