import { describe, expect, it } from '@jest/globals';
import { anEvent, aStream, aWrite, idsOf, someEvents } from './fixtures.js';
import type { GetStore } from './index.js';

/** The same append again: by event id, at the same expected revision. */
export function describeIdempotency(store: GetStore): void {
  describe('append, again', () => {
    it('answers a repeated write as it did the first time and appends nothing', async () => {
      const stream = aStream();
      const writes = [aWrite(stream, 'none', someEvents(2)), aWrite(stream, 1, someEvents(1))];
      const first = await store().append(writes);
      expect(await store().append(writes)).toEqual(first);
      expect(await store().readStream(stream)).toHaveLength(3);
    });

    it('does so also when the stream has gone on since', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(1))]);
      const write = aWrite(stream, 0, someEvents(2));
      const first = await store().append([write]);
      await store().append([aWrite(stream, 2, someEvents(3))]);
      expect(await store().append([write])).toEqual(first);
      expect(await store().readStream(stream)).toHaveLength(6);
    });

    it.each(['any', 'none'] as const)(
      'finds the events of a write that expected "%s" when it comes again expecting anything',
      async expected => {
        const stream = aStream();
        const events = someEvents(2);
        const first = await store().append([aWrite(stream, expected, events)]);
        await store().append([aWrite(stream, 'any', someEvents(1))]);
        expect(await store().append([aWrite(stream, 'any', events)])).toEqual(first);
        expect(await store().readStream(stream)).toHaveLength(3);
      },
    );

    it('goes on with the writes that are new after those that are repeated', async () => {
      const [one, two] = [aStream(), aStream()];
      const done = aWrite(one, 'none', someEvents(1));
      await store().append([done]);
      const results = await store().append([done, aWrite(two, 'none', someEvents(1)), aWrite(one, 0, someEvents(1))]);
      expect(results.map(({ revision }) => revision)).toEqual([0, 0, 1]);
      expect(await store().readStream(one)).toHaveLength(2);
    });

    it('takes the same call twice at the same time as one', async () => {
      const stream = aStream();
      const write = aWrite(stream, 'none', someEvents(2));
      const results = await Promise.all(Array.from({ length: 8 }, () => store().append([write])));
      for (const result of results) expect(result).toEqual(results[0]);
      expect(await store().readStream(stream)).toHaveLength(2);
    });

    it.each([0, 'any'] as const)(
      'refuses a write, expecting %s, of which only the first events are in the stream',
      async expected => {
        const stream = aStream();
        await store().append([aWrite(stream, 'none', someEvents(1))]);
        const events = someEvents(2);
        await store().append([aWrite(stream, 0, events)]);
        const appending = store().append([aWrite(stream, expected, [...events, anEvent()])]);
        await expect(appending).rejects.toMatchObject({ name: 'WrongExpectedRevision', expected, actual: 2 });
        expect(await store().readStream(stream)).toHaveLength(3);
      },
    );

    it('refuses a write whose events are in the stream but follow another revision', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(1))]);
      const events = someEvents(2);
      await store().append([aWrite(stream, 0, events)]);
      const appending = store().append([aWrite(stream, 'none', events)]);
      await expect(appending).rejects.toMatchObject({ name: 'WrongExpectedRevision', expected: 'none', actual: 2 });
      expect(await store().readStream(stream)).toHaveLength(3);
    });

    it('refuses a write whose events are in the stream in another order', async () => {
      const stream = aStream();
      const [a, b] = someEvents(2);
      await store().append([aWrite(stream, 'none', [a!, b!])]);
      const appending = store().append([aWrite(stream, 'none', [b!, a!])]);
      await expect(appending).rejects.toMatchObject({ name: 'WrongExpectedRevision', actual: 1 });
      expect(idsOf(await store().readStream(stream))).toEqual([a!.id, b!.id]);
    });

    it('does not take an event of another stream for the same', async () => {
      const [one, two] = [aStream(), aStream()];
      const events = someEvents(1);
      await store().append([aWrite(one, 'none', events)]);
      await store().append([aWrite(two, 'none', events)]);
      expect(await store().readStream(two)).toMatchObject([{ id: events[0]!.id, revision: 0 }]);
    });
  });
}
