import { describe, expect, it } from '@jest/globals';
import { at, bodyOf, fill, idsOf, idsOfScan, insertion, OTHERS, THINGS, withStore, type OpenStore } from './sample.js';

/** Guards, tombstones, checkpoint. */
export function describeWriting(open: OpenStore): void {
  describe('apply', () => {
    it(
      'stores the body and answers its JSON text, with position and state',
      withStore(open, async ({ live }) => {
        const update = {
          ...insertion('a', { name: 'x', list: [1, null, { deep: 'ü😀' }], nothing: null }, at(7)),
          state: { seen: 2 },
        };
        expect(await live.apply([update], at(7))).toEqual([]);
        const [document] = await live.get(THINGS.name, ['a']);
        expect(document).toEqual({ id: 'a', position: at(7), json: JSON.stringify(update.body), state: '{"seen":2}' });
      }),
    );

    it(
      'stores the state {} when there is none',
      withStore(open, async ({ live }) => {
        await fill(live, { a: { name: 'x' } });
        expect(await live.get(THINGS.name, ['a'])).toMatchObject([{ state: '{}' }]);
      }),
    );

    it(
      'replaces body, position and state when the guard holds',
      withStore(open, async ({ live }) => {
        await live.apply([{ ...insertion('a', { name: 'old', size: 1 }), state: { n: 1 } }], at(1));
        const update = { ...insertion('a', { name: 'new' }, at(2)), expected: at(1), state: { n: 2 } };
        expect(await live.apply([update], at(2))).toEqual([]);
        expect(await live.get(THINGS.name, ['a'])).toEqual([
          { id: 'a', position: at(2), json: '{"id":"a","name":"new"}', state: '{"n":2}' },
        ]);
        expect(await idsOf(live, { filter: { kind: 'isNull', field: 'size' } })).toEqual(['a']);
      }),
    );

    it.each([
      ['an insertion of what is there already', undefined],
      ['an update that expects an older position', at(1)],
      ['an update that expects a newer position', at(3)],
    ])('refuses %s and changes nothing', async (_, expected) =>
      withStore(open, async ({ live }) => {
        await live.apply([insertion('a', { name: 'stays' }, at(2))], at(2));
        const late = { ...insertion('a', { name: 'late' }, at(9)), expected };
        expect(await live.apply([late], at(9))).toEqual([late]);
        expect(await bodyOf(live, 'a')).toEqual({ id: 'a', name: 'stays' });
      })(),
    );

    it(
      'refuses an update of what is not there',
      withStore(open, async ({ live }) => {
        const update = { ...insertion('a', { name: 'x' }), expected: at(1) };
        expect(await live.apply([update], at(2))).toEqual([update]);
        expect(await live.get(THINGS.name, ['a'])).toEqual([]);
      }),
    );

    it(
      'applies the others when it refuses some, and lists those in order',
      withStore(open, async ({ live }) => {
        await fill(live, { a: { name: 'a' }, b: { name: 'b' } });
        const [again, fresh, stale] = [
          insertion('a', { name: '2' }),
          insertion('c', { name: 'c' }),
          { ...insertion('b', {}), expected: at(8) },
        ];
        expect(await live.apply([again, fresh, stale], at(2))).toEqual([again, stale]);
        expect(await idsOfScan(live)).toEqual(['a', 'b', 'c']);
        expect(await live.checkpoint()).toBe(at(2));
      }),
    );

    it(
      'applies several updates of one document in their order',
      withStore(open, async ({ live }) => {
        const first = insertion('a', { name: '1' }, at(1));
        const second = { ...insertion('a', { name: '2' }, at(2)), expected: at(1) };
        const third = { ...insertion('a', { name: '3' }, at(3)), expected: at(2) };
        expect(await live.apply([first, second, second, third], at(3))).toEqual([second]);
        expect(await bodyOf(live, 'a')).toEqual({ id: 'a', name: '3' });
      }),
    );

    it(
      'delivered again, changes nothing',
      withStore(open, async ({ live }) => {
        const updates = [insertion('a', { name: 'x' }), insertion('b', { name: 'y' })];
        await live.apply(updates, at(1));
        const before = await live.get(THINGS.name, ['a', 'b']);
        expect(await live.apply(updates, at(1))).toEqual(updates);
        expect(await live.get(THINGS.name, ['a', 'b'])).toEqual(before);
      }),
    );

    it(
      'keeps documents of one id in different collections apart',
      withStore(open, async ({ live }) => {
        await live.apply(
          [insertion('a', { name: 'thing' }), { ...insertion('a', { name: 'other' }), collection: OTHERS.name }],
          at(1),
        );
        expect(await bodyOf(live, 'a')).toMatchObject({ name: 'thing' });
        expect((await live.get(OTHERS.name, ['a']))[0]?.json).toBe('{"id":"a","name":"other"}');
      }),
    );

    it.each([
      ['text', { name: 7 }],
      ['number', { size: '7' }],
      ['boolean', { active: 'true' }],
      ['time', { created_at: '2026-01-01T00:00:00Z' }],
      ['text inside an object', { run: { outcome: 1 } }],
    ])('refuses a body that holds something else in a %s field, and nothing of the call is done', async (_, body) =>
      withStore(open, async ({ live }) => {
        await expect(live.apply([insertion('a', { name: 'x' }), insertion('b', body)], at(4))).rejects.toThrow(/field/);
        expect(await idsOfScan(live)).toEqual([]);
        expect(await live.checkpoint()).toBeUndefined();
      })(),
    );

    it(
      'rejects for an unknown collection',
      withStore(open, async ({ live }) => {
        await expect(live.apply([{ ...insertion('a', {}), collection: 'nowhere' }], at(1))).rejects.toThrow(/nowhere/);
      }),
    );
  });

  describe('a tombstone', () => {
    const tombstone = { ...insertion('a', undefined, at(2)), expected: at(1), state: { gone: true } };

    it(
      'is out of find and its total, and in get and scan',
      withStore(open, async ({ live }) => {
        await fill(live, { a: { name: 'x' }, b: { name: 'x' } });
        expect(await live.apply([tombstone], at(2))).toEqual([]);
        const query = { collection: THINGS.name, orderBy: [], offset: 0 };
        expect(await live.find({ ...query, limit: 0 })).toEqual({ total: 1, documents: [] });
        expect(await idsOf(live, { filter: { kind: 'isNull', field: 'size' } })).toEqual(['b']);
        expect(await idsOf(live, { orderBy: [{ field: 'project_id', direction: 'asc' }] })).toEqual(['b']);
        expect(await live.get(THINGS.name, ['a'])).toEqual([
          { id: 'a', position: at(2), json: undefined, state: '{"gone":true}' },
        ]);
        expect(await idsOfScan(live)).toEqual(['a', 'b']);
      }),
    );

    it(
      'keeps the dead from being raised by an event delivered again',
      withStore(open, async ({ live }) => {
        await fill(live, { a: { name: 'x' } });
        await live.apply([tombstone], at(2));
        const creation = insertion('a', { name: 'x' });
        expect(await live.apply([creation], at(2))).toEqual([creation]);
        expect(await bodyOf(live, 'a')).toBeUndefined();
      }),
    );

    it(
      'can be the first that is known of a document, and can be followed by a body',
      withStore(open, async ({ live }) => {
        expect(await live.apply([insertion('a', undefined, at(1))], at(1))).toEqual([]);
        expect(await live.apply([{ ...insertion('a', { name: 'back' }, at(2)), expected: at(1) }], at(2))).toEqual([]);
        expect(await idsOf(live, {})).toEqual(['a']);
      }),
    );
  });

  describe('the checkpoint', () => {
    it(
      'is undefined at first',
      withStore(open, async ({ live }) => {
        expect(await live.checkpoint()).toBeUndefined();
      }),
    );

    it(
      'moves without updates, and never back',
      withStore(open, async ({ live }) => {
        await live.apply([], at(9));
        expect(await live.checkpoint()).toBe(at(9));
        await live.apply([insertion('a', {})], at(8));
        expect(await live.checkpoint()).toBe(at(9));
        await live.apply([], at(10));
        expect(await live.checkpoint()).toBe(at(10));
      }),
    );
  });
}
