import { describe, expect, it } from '@jest/globals';
import { equals } from '../src/filter.js';
import { at, fill, idsOf, idsOfScan, insertion, THINGS, withStore, type Body, type OpenStore } from './sample.js';

const MIB = 1024 * 1024;

const nested = (depth: number): unknown =>
  Array.from({ length: depth }).reduce<unknown>((inner, _, i) => (i % 2 ? [inner] : { inner }), 'bottom');

/** Bodies that one engine's own format could not hold, or would hold otherwise. */
const AWKWARD_BODIES: readonly (readonly [string, Body])[] = [
  ['keys with dots and dollars', { 'a.b': 1, $set: { $gt: '' }, '$a.$b': 1, '.': 1, $: 1, 'run.outcome': 'x' }],
  ['an empty key, and keys with NUL', { '': 1, '\0': 2, 'a\0b': 3 }],
  ['keys of every object', JSON.parse('{"__proto__":{"size":"x"},"constructor":1,"toString":{"hasOwnProperty":2}}')],
  ['keys that look like what stores add', { _id: 1, json: 2, position: 3, fields: { name: 4 }, live: false, state: 5 }],
  ['keys in an order of their own', { z: 1, a: 2, m: { z: 1, a: 2 }, id2: 3, '10': 4, '9': 5 }],
  ['lone surrogates', { note: '\uD800', '\uDC00': 'a\uDFFFb', list: ['\uD800'] }],
  ['NUL and other control characters', { note: 'a\0b\u0001\u001F\u007F\u2028' }],
  ['large and small numbers', { list: [2 ** 53, 2 ** 53 + 2, -(2 ** 63), 2 ** 64, 1e21, 1.7976931348623157e308, 5e-324, 0.1] }],
  ['nulls', { nothing: null, list: [null], name: null, run: { outcome: null } }],
  ['deep nesting', { deep: nested(500) }],
  ['what looks like extended JSON', { when: { $date: '2026-01-01T00:00:00Z' }, big: { $numberLong: '1' }, id2: { $oid: '0' } }],
  ['texts that look like times and numbers', { a: '2026-01-01T00:00:00.000Z', b: '1', c: 'NaN' }],
];

/** Values that one engine could accept and another refuse. */
export function describeValues(open: OpenStore): void {
  describe('a body', () => {
    it.each(AWKWARD_BODIES)('with %s is answered exactly as it was written', async (_, body) =>
      withStore(open, async ({ live }) => {
        const update = { ...insertion('a', body), state: body };
        expect(await live.apply([update], at(1))).toEqual([]);
        const stored = [{ id: 'a', position: at(1), json: JSON.stringify(update.body), state: JSON.stringify(body) }];
        expect(await live.get(THINGS.name, ['a'])).toEqual(stored);
        const page = await live.find({ collection: THINGS.name, orderBy: [], offset: 0, limit: 10 });
        expect(page).toEqual({ total: 1, documents: stored });
      })(),
    );

    it(
      'leaves out what is undefined, which is not null',
      withStore(open, async ({ live }) => {
        await fill(live, {
          a: { name: undefined, note: undefined, run: { outcome: undefined }, list: [undefined] },
          b: { note: null },
        });
        const documents = await live.get(THINGS.name, ['a', 'b']);
        expect(documents.map(({ json }) => String(json)).sort()).toEqual([
          '{"id":"a","run":{},"list":[null]}',
          '{"id":"b","note":null}',
        ]);
        expect(await idsOf(live, { filter: { kind: 'isNull', field: 'name' } })).toEqual(['a', 'b']);
      }),
    );

    it(
      'of 7 MiB is stored, in a field that is searched and indexed as well',
      withStore(open, async ({ live }) => {
        const name = 'x'.repeat(6 * MIB);
        expect(await live.apply([insertion('a', { name, note: 'y'.repeat(MIB - 100) })], at(1))).toEqual([]);
        expect(await idsOf(live, { filter: equals('name', name) })).toEqual(['a']);
        const [document] = await live.get(THINGS.name, ['a']);
        expect(document?.json?.length).toBeGreaterThan(7 * MIB - 100);
      }),
    );

    it(
      'may hold a megabyte in a field with an index',
      withStore(open, async ({ live }) => {
        const project_id = 'p'.repeat(MIB);
        await fill(live, { a: { project_id }, b: { project_id: `${project_id}q` } });
        expect(await idsOf(live, { filter: equals('project_id', project_id) })).toEqual(['a']);
      }),
    );
  });

  describe('a field', () => {
    it(
      'takes a lone surrogate for U+FFFD, as UTF-8 does',
      withStore(open, async ({ live }) => {
        await fill(live, { a: { name: 'x\uD800' }, b: { name: 'x\uFFFD' }, c: { name: 'x' } });
        for (const name of ['x\uD800', 'x\uDFFF', 'x\uFFFD']) {
          expect(await idsOf(live, { filter: equals('name', name) })).toEqual(['a', 'b']);
          expect(await idsOf(live, { filter: { kind: 'in', field: 'name', values: [name] } })).toEqual(['a', 'b']);
          expect(await idsOf(live, { filter: { kind: 'like', field: 'name', pattern: name } })).toEqual(['a', 'b']);
        }
      }),
    );

    it(
      'compares every number by its value',
      withStore(open, async ({ live }) => {
        const sizes = [
          -1.7976931348623157e308,
          -(2 ** 53),
          -1,
          -5e-324,
          0,
          5e-324,
          0.1,
          2 ** 31,
          2 ** 53,
          2 ** 53 + 2,
          2 ** 63,
          1e300,
        ];
        await fill(live, Object.fromEntries(sizes.map((size, i) => [`id-${String(i).padStart(2, '0')}`, { size }])));
        const ids = await idsOf(live, { orderBy: [{ field: 'size', direction: 'asc' }] });
        expect(ids).toEqual([...ids].sort());
        for (const [i, size] of sizes.entries()) expect(await idsOf(live, { filter: equals('size', size) })).toEqual([ids[i]]);
      }),
    );

    it(
      'has one zero',
      withStore(open, async ({ live }) => {
        await fill(live, { a: { size: -0 }, b: { size: 0 } });
        expect(await idsOf(live, { filter: equals('size', 0) })).toEqual(['a', 'b']);
        expect(await idsOf(live, { filter: equals('size', -0) })).toEqual(['a', 'b']);
        expect(await idsOf(live, { orderBy: [{ field: 'size', direction: 'desc' }] })).toEqual(['b', 'a']);
      }),
    );

    it.each([
      ['NaN', Number.NaN],
      ['Infinity', Number.POSITIVE_INFINITY],
      ['an object', {}],
      ['a list', ['x']],
    ])('refuses %s', async (_, value) =>
      withStore(open, async ({ live }) => {
        await expect(live.apply([insertion('a', { size: value })], at(1))).rejects.toThrow(TypeError);
        await expect(live.apply([insertion('a', { name: value })], at(1))).rejects.toThrow(TypeError);
        expect(await idsOfScan(live)).toEqual([]);
      })(),
    );
  });

  describe('an id', () => {
    it.each([
      ['the empty text', ''],
      ['a text of 100,000 characters', 'i'.repeat(100_000)],
      ['an operator', '$ne'],
      ['a path', 'a.b'],
      ['an object id', '507f1f77bcf86cd799439011'],
      ['a number', '1'],
    ])('can be %s', async (_, id) =>
      withStore(open, async ({ live }) => {
        expect(await live.apply([insertion(id, { name: 'x' }, at(1))], at(1))).toEqual([]);
        expect(await live.apply([{ ...insertion(id, { name: 'y' }, at(2)), expected: at(1) }], at(2))).toEqual([]);
        expect((await live.get(THINGS.name, [id])).map(document => document.id)).toEqual([id]);
        expect(await idsOf(live, { filter: equals('id', id) })).toEqual([id]);
        expect(await idsOfScan(live)).toEqual([id]);
      })(),
    );
  });

  describe('an order', () => {
    it(
      'may name every field, and a field again, which changes nothing',
      withStore(open, async ({ live }) => {
        await fill(live, { a: { name: 'x', size: 1 }, b: { name: 'x', size: 2 }, c: { name: 'w' } });
        const every = Object.keys(THINGS.fields).map(field => ({ field, direction: 'desc' }) as const);
        expect(await idsOf(live, { orderBy: every })).toEqual(['c', 'b', 'a']);
        const again = (['name', 'size', 'name', 'id', 'size'] as const).map(field => ({ field, direction: 'asc' }) as const);
        expect(await idsOf(live, { orderBy: [...again, { field: 'name', direction: 'desc' }] })).toEqual(['c', 'a', 'b']);
      }),
    );
  });
}
