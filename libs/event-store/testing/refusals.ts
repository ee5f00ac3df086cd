import { describe, expect, it } from '@jest/globals';
import { anEvent, aStream, aWrite, someEvents } from './fixtures.js';
import type { GetStore } from './index.js';

const HALF = '\ud83d';

/** What an engine could not store, or would not give back as it was. */
export function describeRefusals(store: GetStore): void {
  describe('append', () => {
    it.each([
      { what: 'an id that is no UUID', event: anEvent('{}', 'one') },
      { what: 'an id in upper case', event: anEvent('{}', '0B2A8C1E-5F6D-4A3B-9C8D-7E6F5A4B3C2D') },
      { what: 'the empty id', event: anEvent('{}', '00000000-0000-0000-0000-000000000000') },
      { what: 'an empty type', event: { ...anEvent(), type: '' } },
      { what: 'a type of the engine', event: { ...anEvent(), type: '$metadata' } },
      { what: 'half a character in its data', event: anEvent(`"${HALF}"`) },
      { what: 'half a character in its metadata', event: { ...anEvent(), metadata: `"${HALF}"` } },
      { what: 'half a character in its type', event: { ...anEvent(), type: HALF } },
    ])('refuses an event with $what as a programming error, and appends nothing of the call', async ({ event }) => {
      const [good, bad] = [aStream(), aStream()];
      const appending = store().append([aWrite(good, 'none', someEvents(1)), aWrite(bad, 'none', [anEvent(), event])]);
      await expect(appending).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining(bad) });
      expect(await store().readStream(good)).toEqual([]);
    });

    it.each(['', '$system-stream', `a-${HALF}`])('refuses the stream name "%s" as a programming error', async name => {
      const good = aStream();
      const appending = store().append([aWrite(good, 'none', someEvents(1)), aWrite(name, 'none', someEvents(1))]);
      await expect(appending).rejects.toMatchObject({ name: 'Error', message: expect.stringContaining("can't name a stream") });
      expect(await store().readStream(good)).toEqual([]);
    });
  });
}
