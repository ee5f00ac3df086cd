import { beforeAll, describe, expect, it } from '@jest/globals';
import type { Position, RecordedEvent } from '../src/event-store.js';
import { aCategory, aStream, aWrite, idsOf, someEvents } from './fixtures.js';
import type { GetStore } from './index.js';

/** Reading: a stream and the log, both ways. */
export function describeReads(store: GetStore): void {
  describe('readStream', () => {
    const stream = aStream();
    const events = someEvents(10);
    beforeAll(async () => {
      await store().append([aWrite(stream, 'none', events)]);
    });

    it.each([
      { options: undefined, revisions: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] },
      { options: { limit: 3 }, revisions: [0, 1, 2] },
      { options: { from: 7 }, revisions: [7, 8, 9] },
      { options: { from: 2, limit: 2 }, revisions: [2, 3] },
      { options: { from: 10 }, revisions: [] },
      { options: { direction: 'backwards' as const }, revisions: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0] },
      { options: { direction: 'backwards' as const, limit: 1 }, revisions: [9] },
      { options: { direction: 'backwards' as const, from: 2 }, revisions: [2, 1, 0] },
      { options: { direction: 'backwards' as const, from: 5, limit: 2 }, revisions: [5, 4] },
      { options: { direction: 'backwards' as const, from: 99, limit: 2 }, revisions: [9, 8] },
      { options: { direction: 'backwards' as const, from: 0 }, revisions: [0] },
    ])('with $options reads revisions $revisions', async ({ options, revisions }) => {
      const read = await store().readStream(stream, options);
      expect(read.map(({ revision }) => revision)).toEqual(revisions);
      expect(idsOf(read)).toEqual(revisions.map(revision => events[revision]!.id));
      expect(read.every(event => event.stream === stream)).toBe(true);
    });

    it('is empty when there is no such stream', async () => {
      expect(await store().readStream(aStream())).toEqual([]);
      expect(await store().readStream(aStream(), { direction: 'backwards' })).toEqual([]);
    });

    it('reads a long stream whole, both ways', async () => {
      const long = aStream();
      const written = someEvents(2500);
      await store().append([aWrite(long, 'none', written.slice(0, 1250)), aWrite(long, 1249, written.slice(1250))]);
      expect(idsOf(await store().readStream(long))).toEqual(idsOf(written));
      expect(idsOf(await store().readStream(long, { direction: 'backwards', limit: 2400 }))).toEqual(
        idsOf(written).toReversed().slice(0, 2400),
      );
    });
  });

  describe('the log', () => {
    const [red, blue, green] = [aCategory(), aCategory(), aCategory()];
    let log: RecordedEvent[];
    let before: Position | undefined;
    beforeAll(async () => {
      before = await store().head();
      const streams = [red, blue, red, green, blue, red, green, red].map(category => aStream(category));
      for (const stream of streams) await store().append([aWrite(stream, 'none', someEvents(2))]);
      log = (await Promise.all(streams.map(stream => store().readStream(stream)))).flat();
    });
    const of = (...categories: string[]): RecordedEvent[] =>
      log.filter(({ stream }) => categories.includes(stream.split('-')[0]!));

    it('is in the order of the appends, with positions that increase as strings', async () => {
      const all = await store().readAll({ after: before, limit: 100_000 });
      const ours = all.filter(({ id }) => log.some(event => event.id === id));
      expect(ours).toEqual(log);
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort());
      expect(positions.every(position => before === undefined || position > before)).toBe(true);
    });

    it('reads the categories asked for, merged in order', async () => {
      expect(await store().readAll({ categories: [red], limit: 100 })).toEqual(of(red));
      expect(await store().readAll({ categories: [green, red], limit: 100 })).toEqual(of(green, red));
      expect(await store().readAll({ categories: [aCategory()], limit: 100 })).toEqual([]);
      expect(await store().readAll({ categories: [], limit: 100 })).toEqual([]);
    });

    it('does not take a category for another that begins alike', async () => {
      const longer = `${red}x`;
      await store().append([aWrite(aStream(longer), 'none', someEvents(1))]);
      expect(await store().readAll({ categories: [red], limit: 100 })).toEqual(of(red));
      expect(await store().readAll({ categories: [longer], limit: 100 })).toHaveLength(1);
    });

    it('reads after a position, itself excluded, and no more than the limit', async () => {
      const reds = of(red);
      expect(await store().readAll({ after: reds[2]!.position, categories: [red], limit: 100 })).toEqual(reds.slice(3));
      expect(await store().readAll({ after: reds[2]!.position, categories: [red], limit: 2 })).toEqual(reds.slice(3, 5));
      expect(await store().readAll({ after: reds.at(-1)!.position, categories: [red], limit: 2 })).toEqual([]);
    });

    it('reads backwards, from the last event or before a position', async () => {
      const categories = [red, blue];
      const backwards = of(red, blue).toReversed();
      expect(await store().readAll({ direction: 'backwards', categories, limit: 100 })).toEqual(backwards);
      expect(await store().readAll({ direction: 'backwards', categories, limit: 3 })).toEqual(backwards.slice(0, 3));
      const after = backwards[4]!.position;
      expect(await store().readAll({ direction: 'backwards', after, categories, limit: 3 })).toEqual(backwards.slice(5, 8));
      const [newest] = await store().readAll({ direction: 'backwards', limit: 1 });
      expect(newest!.position >= log.at(-1)!.position).toBe(true);
    });

    it('reads more than a page', async () => {
      const category = aCategory();
      const written = someEvents(2500);
      await store().append([
        aWrite(aStream(category), 'none', written.slice(0, 1300)),
        aWrite(aStream(category), 'none', written.slice(1300)),
      ]);
      expect(idsOf(await store().readAll({ categories: [category], limit: 5000 }))).toEqual(idsOf(written));
      expect(idsOf(await store().readAll({ categories: [category], direction: 'backwards', limit: 2100 }))).toEqual(
        idsOf(written).toReversed().slice(0, 2100),
      );
    });

    it('has the position of the newest event as its head', async () => {
      const [result] = await store().append([aWrite(aStream(), 'none', someEvents(3))]);
      const head = await store().head();
      expect(head! >= result!.position).toBe(true);
      const [newest] = await store().readAll({ direction: 'backwards', limit: 1 });
      expect(newest!.position >= head!).toBe(true);
    });

    it('counts the events after a position', async () => {
      const [first] = await store().append([aWrite(aStream(), 'none', someEvents(1))]);
      const counted = await store().countAfter(first!.position);
      await store().append([aWrite(aStream(), 'none', someEvents(5))]);
      expect(await store().countAfter(first!.position)).toBeGreaterThanOrEqual(counted + 5);
      const all = await store().readAll({ after: first!.position, limit: 100_000 });
      expect(await store().countAfter(first!.position)).toBeGreaterThanOrEqual(all.length);
      expect(await store().countAfter(all.at(-1)!.position)).toBeLessThan(all.length);
      expect(await store().countAfter(undefined)).toBeGreaterThan(log.length);
    });
  });
}
