import { describe, expect, it } from '@jest/globals';
import { equals } from '../src/filter.js';
import { ReadStoreUnavailable } from '../src/read-store.js';
import { at, bodyOf, fill, idsOf, idsOfScan, insertion, THINGS, withStore, type OpenStore } from './sample.js';

/** Sets beside the live one, the swap, the end. */
export function describeSets(open: OpenStore): void {
  describe('a set beside the live one', () => {
    it(
      'starts empty and is kept apart',
      withStore(open, async store => {
        await fill(store.live, { a: { name: 'live' } });
        const set = await store.beside('rebuild');
        expect([await idsOf(set, {}), await set.checkpoint()]).toEqual([[], undefined]);
        await set.apply([insertion('a', { name: 'rebuilt' }), insertion('b', {})], at(5));
        expect(await bodyOf(store.live, 'a')).toMatchObject({ name: 'live' });
        expect([await idsOf(store.live, {}), await store.live.checkpoint()]).toEqual([['a'], at(1)]);
        expect([await idsOf(set, {}), await set.checkpoint()]).toEqual([['a', 'b'], at(5)]);
      }),
    );

    it(
      'guards its own documents, and lets `verify` and `rebuild` be at once',
      withStore(open, async store => {
        const [rebuild, verify] = [await store.beside('rebuild'), await store.beside('verify')];
        await fill(rebuild, { a: { name: 'rebuild' } });
        await fill(verify, { a: { name: 'verify' } });
        const again = insertion('a', { name: 'again' });
        expect(await rebuild.apply([again], at(2))).toEqual([again]);
        expect([await bodyOf(rebuild, 'a'), await bodyOf(verify, 'a')]).toEqual([
          { id: 'a', name: 'rebuild' },
          { id: 'a', name: 'verify' },
        ]);
      }),
    );

    it(
      'made anew is empty, and the earlier one is of no use any more',
      withStore(open, async store => {
        const first = await store.beside('rebuild');
        await fill(first, { a: {} });
        const second = await store.beside('rebuild');
        expect([await idsOf(second, {}), await second.checkpoint()]).toEqual([[], undefined]);
        await expect(first.apply([insertion('b', {})], at(2))).rejects.toThrow(/rebuild/);
        await expect(idsOf(first, {})).rejects.toThrow(/rebuild/);
        await expect(first.get(THINGS.name, ['a'])).rejects.toThrow(/rebuild/);
        await expect(idsOfScan(first)).rejects.toThrow(/rebuild/);
        await expect(first.checkpoint()).rejects.toThrow(/rebuild/);
      }),
    );

    it(
      'is gone when it was dropped; dropping what is not there is no error',
      withStore(open, async store => {
        const set = await store.beside('verify');
        await fill(set, { a: {} });
        await store.drop('verify');
        await store.drop('verify');
        await expect(idsOf(set, {})).rejects.toThrow(/verify/);
        expect(await idsOf(await store.beside('verify'), {})).toEqual([]);
      }),
    );
  });

  describe('swapIn', () => {
    it(
      'makes the set the live one, with its checkpoint, and drops the former',
      withStore(open, async store => {
        await fill(store.live, { a: { name: 'old' }, gone: { name: 'old' } });
        const set = await store.beside('rebuild');
        await set.apply([insertion('a', { name: 'new' }, at(7)), insertion('b', { name: 'new' }, at(8))], at(9));
        await store.swapIn('rebuild');
        expect(await idsOf(store.live, { filter: equals('name', 'new') })).toEqual(['a', 'b']);
        expect(await idsOfScan(store.live)).toEqual(['a', 'b']);
        expect(await store.live.checkpoint()).toBe(at(9));
        await expect(set.apply([], at(10))).rejects.toThrow(/rebuild/);
        expect(await store.live.apply([{ ...insertion('a', { name: 'newer' }, at(10)), expected: at(7) }], at(10))).toEqual([]);
      }),
    );

    it(
      'takes a set that has seen nothing: the live one has then seen nothing',
      withStore(open, async store => {
        await fill(store.live, { a: {} });
        await store.beside('rebuild');
        await store.swapIn('rebuild');
        expect([await idsOf(store.live, {}), await store.live.checkpoint()]).toEqual([[], undefined]);
      }),
    );

    it(
      'can be done again and again, and filters and orders as before',
      withStore(open, async store => {
        for (let round = 1; round <= 4; round++) {
          const set = await store.beside('rebuild');
          await fill(set, {
            a: { project_id: 'p', created_at: `2026-01-0${round}T00:00:00.000Z`, size: round },
            b: { size: -round },
          });
          await store.swapIn('rebuild');
          expect(
            await idsOf(store.live, { filter: equals('size', round), orderBy: [{ field: 'created_at', direction: 'desc' }] }),
          ).toEqual(['a']);
        }
      }),
    );

    it(
      'rejects and changes nothing when there is no set to swap in',
      withStore(open, async store => {
        await fill(store.live, { a: {} });
        await expect(store.swapIn('rebuild')).rejects.toThrow(/rebuild/);
        expect(await idsOf(store.live, {})).toEqual(['a']);
      }),
    );

    it(
      'shows readers the old set or the new one, complete, and never anything between',
      withStore(open, async store => {
        const bodies = (name: string): Record<string, { name: string }> =>
          Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`${name}-${i}`, { name }]));
        await fill(store.live, bodies('old'));
        let swapped = false;
        const seen = new Set<string>();
        const reading = (async () => {
          for (let sawNew = false; !sawNew;) {
            const begunAfterSwap = swapped;
            const { total, documents } = await store.live.find({ collection: THINGS.name, orderBy: [], offset: 0, limit: 1000 });
            const names = new Set(documents.map(({ json }) => JSON.parse(json!).name as string));
            seen.add(`${[...names].join('+')} ${total} ${documents.length}`);
            sawNew = names.has('new');
            expect(sawNew || !begunAfterSwap).toBe(true);
            // Lets the writer have its turn, also where find is done at once.
            await new Promise(setImmediate);
          }
        })();
        const writing = (async () => {
          const set = await store.beside('rebuild');
          const updates = Object.entries(bodies('new')).map(([id, body]) => insertion(id, body));
          for (let i = 0; i < updates.length; i += 50) {
            await set.apply(updates.slice(i, i + 50), at(i + 1));
            await new Promise(setImmediate);
          }
          await store.swapIn('rebuild');
          swapped = true;
        })();
        await Promise.all([reading, writing]);
        expect([...seen].sort()).toEqual(['new 300 300', 'old 300 300']);
      }),
    );
  });

  describe('close', () => {
    it('makes every later call unavailable, and may be called again', async () => {
      const { store, close } = await open([THINGS]);
      const set = await store.beside('verify');
      await store.close();
      const calls = [
        () => store.live.get(THINGS.name, ['a']),
        () => store.live.find({ collection: THINGS.name, orderBy: [], offset: 0, limit: 1 }),
        () => store.live.apply([], at(1)),
        () => store.live.checkpoint(),
        () => idsOfScan(store.live),
        () => set.checkpoint(),
        () => store.beside('rebuild'),
        () => store.swapIn('rebuild'),
        () => store.drop('verify'),
      ];
      for (const call of calls) await expect(call()).rejects.toThrow(ReadStoreUnavailable);
      await store.close();
      await close();
    });
  });
}
