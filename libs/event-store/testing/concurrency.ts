import { describe, expect, it } from '@jest/globals';
import { aCategory, aStream, aWrite, idsOf, someEvents } from './fixtures.js';
import type { GetStore } from './index.js';

/** Many callers at a time. */
export function describeConcurrency(store: GetStore): void {
  describe('concurrent appends', () => {
    it.each(['none', 0] as const)('lets exactly one of 64 writers that expect %s win', async expected => {
      const stream = aStream();
      if (expected === 0) await store().append([aWrite(stream, 'none', someEvents(1))]);
      const before = expected === 0 ? 1 : 0;
      const writes = Array.from({ length: 64 }, () => aWrite(stream, expected, someEvents(2)));
      const outcomes = await Promise.allSettled(writes.map(write => store().append([write])));
      const winners = writes.filter((_, index) => outcomes[index]!.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          expect(outcome.reason).toMatchObject({ name: 'WrongExpectedRevision', actual: before + 1 });
      }
      expect(idsOf((await store().readStream(stream)).slice(before))).toEqual(idsOf(winners[0]!.events));
    });

    it('keeps every event of writers that expect anything, without gaps', async () => {
      const stream = aStream();
      const writes = Array.from({ length: 64 }, () => aWrite(stream, 'any', someEvents(3)));
      await Promise.all(writes.map(write => store().append([write])));
      const events = await store().readStream(stream);
      expect(events.map(({ revision }) => revision)).toEqual(Array.from({ length: 192 }, (_, revision) => revision));
      expect(new Set(idsOf(events))).toEqual(new Set(writes.flatMap(({ events }) => idsOf(events))));
    });

    it('appends to many streams in parallel: no gaps in revisions, positions increase strictly', async () => {
      const category = aCategory();
      const streams = Array.from({ length: 32 }, () => aStream(category));
      await Promise.all(
        streams.map(async stream => {
          for (let count = 0; count < 8; count += 1) {
            await store().append([aWrite(stream, count === 0 ? 'none' : count - 1, someEvents(1))]);
          }
        }),
      );
      const log = await store().readAll({ categories: [category], limit: 1000 });
      const positions = log.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort());
      for (const stream of streams) {
        const revisions = log.filter(event => event.stream === stream).map(({ revision }) => revision);
        expect(revisions).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      }
    });

    it('does not let the conflicts of some disturb the appends of others', async () => {
      const streams = Array.from({ length: 32 }, () => aStream());
      const appends = streams.map((stream, index) =>
        store().append([aWrite(stream, index % 2 === 0 ? 'none' : 5, someEvents(2))]),
      );
      const outcomes = await Promise.allSettled(appends);
      for (const [index, stream] of streams.entries()) {
        expect(outcomes[index]!.status).toBe(index % 2 === 0 ? 'fulfilled' : 'rejected');
        expect(await store().readStream(stream)).toHaveLength(index % 2 === 0 ? 2 : 0);
      }
    });
  });
}
