import { describe, expect, it } from '@jest/globals';
import { WrongExpectedRevision } from '../src/event-store.js';
import { anEvent, aStream, aWrite, idsOf, someEvents } from './fixtures.js';
import type { GetStore } from './index.js';

const SAME_ID = '0b2a8c1e-5f6d-4a3b-9c8d-7e6f5a4b3c2d';

/** Appending: expected revisions, all or none, order. */
export function describeAppend(store: GetStore): void {
  describe('append', () => {
    it('starts a stream at revision 0 and answers with the last event of the write', async () => {
      const stream = aStream();
      const [result] = await store().append([aWrite(stream, 'none', someEvents(3))]);
      const events = await store().readStream(stream);
      expect(events.map(({ revision }) => revision)).toEqual([0, 1, 2]);
      expect(result).toEqual({ revision: 2, position: events[2]!.position });
    });

    it('goes on after the revision that the writer expects', async () => {
      const stream = aStream();
      await store().append([aWrite(stream, 'none', someEvents(2))]);
      expect(await store().append([aWrite(stream, 1, someEvents(1))])).toMatchObject([{ revision: 2 }]);
    });

    it('appends to a stream in any state when the writer expects anything', async () => {
      const stream = aStream();
      expect(await store().append([aWrite(stream, 'any', someEvents(1))])).toMatchObject([{ revision: 0 }]);
      expect(await store().append([aWrite(stream, 'any', someEvents(2))])).toMatchObject([{ revision: 2 }]);
    });

    it.each([
      { expected: 'none' as const, having: 2, actual: 1 },
      { expected: 0, having: 2, actual: 1 },
      { expected: 2, having: 2, actual: 1 },
      { expected: 0, having: 0, actual: -1 },
      { expected: 7, having: 0, actual: -1 },
    ])(
      'refuses expected $expected on a stream of $having events, naming its revision $actual',
      async ({ expected, having, actual }) => {
        const stream = aStream();
        if (having > 0) await store().append([aWrite(stream, 'none', someEvents(having))]);
        const error = await store()
          .append([aWrite(stream, expected, someEvents(2))])
          .catch((error: unknown) => error);
        expect(error).toBeInstanceOf(WrongExpectedRevision);
        expect(error).toMatchObject({ name: 'WrongExpectedRevision', stream, expected, actual, writeIndex: 0 });
        expect(await store().readStream(stream)).toHaveLength(having);
      },
    );

    it('appends several writes in order, one result for each', async () => {
      const [one, two] = [aStream(), aStream()];
      const results = await store().append([
        aWrite(one, 'none', someEvents(2)),
        aWrite(two, 'none', someEvents(1)),
        aWrite(one, 1, someEvents(1)),
      ]);
      expect(results.map(({ revision }) => revision)).toEqual([1, 0, 2]);
      const positions = results.map(({ position }) => position);
      expect(positions).toEqual([...positions].sort());
      expect(new Set(positions).size).toBe(3);
    });

    it('stops at the first write that fails: those before it stay, those after it are not tried', async () => {
      const [before, failing, after] = [aStream(), aStream(), aStream()];
      const kept = someEvents(2);
      const appending = store().append([
        aWrite(before, 'none', kept),
        aWrite(failing, 4, someEvents(2)),
        aWrite(after, 'none', someEvents(1)),
      ]);
      await expect(appending).rejects.toMatchObject({
        name: 'WrongExpectedRevision',
        stream: failing,
        actual: -1,
        writeIndex: 1,
      });
      expect(idsOf(await store().readStream(before))).toEqual(idsOf(kept));
      expect(await store().readStream(failing)).toEqual([]);
      expect(await store().readStream(after)).toEqual([]);
    });

    it('answers an empty list of writes with an empty list', async () => {
      expect(await store().append([])).toEqual([]);
    });

    it.each([
      { what: 'without events', events: [], expected: 'none' as const },
      { what: 'with one id twice', events: [anEvent('{}', SAME_ID), anEvent('{}', SAME_ID)], expected: 'none' as const },
      { what: 'that expects a revision below 0', events: someEvents(1), expected: -1 },
      { what: 'that expects half a revision', events: someEvents(1), expected: 0.5 },
    ])('refuses a write $what as a programming error, and appends nothing of the call', async ({ events, expected }) => {
      const [good, bad] = [aStream(), aStream()];
      const error = await store()
        .append([aWrite(good, 'none', someEvents(1)), aWrite(bad, expected, events)])
        .catch((error: unknown) => error);
      expect(error).toMatchObject({ name: 'Error', message: expect.stringContaining(bad) });
      expect(await store().readStream(good)).toEqual([]);
    });

    it('keeps id, type, data and metadata byte for byte', async () => {
      const stream = aStream();
      const data = `{"b":1, "a" :"Zoë ✓ 𝄞 ‮ \\u0000 \\ud800 e\u0301 \u2028",  "n":1.0,"big":12345678901234567890}`;
      const event = { ...anEvent(data), type: 'Täst', metadata: '{ "κλειδί" : "значение 🚀" }' };
      await store().append([aWrite(stream, 'none', [event])]);
      expect(await store().readStream(stream)).toEqual([{ ...event, stream, revision: 0, position: expect.any(String) }]);
    });

    it('keeps a write of 1 MiB, all its texts counted', async () => {
      const stream = aStream();
      const event = anEvent();
      const size = 1024 * 1024 - 1024 - Buffer.byteLength(event.metadata + event.type);
      const data = JSON.stringify({ text: 'ö0123456789abcde'.repeat(size / 17) });
      await store().append([aWrite(stream, 'none', [{ ...event, data }])]);
      const [read] = await store().readStream(stream);
      expect(read!.data === data).toBe(true);
    });

    it('is readable by everyone once it has resolved', async () => {
      const stream = aStream();
      const [result] = await store().append([aWrite(stream, 'none', someEvents(1))]);
      expect(await store().readStream(stream)).toHaveLength(1);
      expect((await store().head())! >= result!.position).toBe(true);
    });
  });
}
