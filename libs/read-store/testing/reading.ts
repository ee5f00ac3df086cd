import { describe, expect, it } from '@jest/globals';
import { equals, type Filter } from '../src/filter.js';
import { at, fill, idsOf, idsOfScan, insertion, THINGS, withStore, type OpenStore } from './sample.js';

const ALL = { collection: THINGS.name, orderBy: [], offset: 0, limit: 100 };

/** Texts that an engine could take for something else than themselves. */
const AWKWARD_TEXTS = [
  "it's",
  '%',
  '_',
  '100%',
  'a_b',
  '\\',
  String.raw`\%`,
  '"',
  "' OR 1=1 --",
  "'; DROP TABLE live_things; --",
  '$where',
  '{"$gt":""}',
  '?',
  '?1',
  ':a',
  '$1',
  '.*',
  '[a-z]',
  '',
  ' ',
  '\n',
  'null',
  'true',
  '0',
  'a\u0000b',
  'é',
  'e\u0301',
  '😀',
  '\u{10FFFF}',
  '\uFFFD',
  'İ',
  'constructor',
  '__proto__',
];

/** get, scan, pages, order, and values that try to be more. */
export function describeReading(open: OpenStore): void {
  describe('get', () => {
    it(
      'answers the documents that exist, once each',
      withStore(open, async ({ live }) => {
        await fill(live, { a: {}, b: {}, c: {} });
        const documents = await live.get(THINGS.name, ['c', 'nobody', 'a', 'c']);
        expect(documents.map(({ id }) => id).sort()).toEqual(['a', 'c']);
        expect(await live.get(THINGS.name, [])).toEqual([]);
      }),
    );
  });

  describe('scan', () => {
    it(
      'yields every document once, ordered by id',
      withStore(open, async ({ live }) => {
        const ids = Array.from({ length: 2345 }, (_, i) => `id-${String((i * 7919) % 2345).padStart(5, '0')}`);
        await live.apply(
          ids.map(id => insertion(id, {})),
          at(1),
        );
        expect(await idsOfScan(live)).toEqual([...ids].sort());
      }),
    );

    it(
      'of nothing ends at once',
      withStore(open, async ({ live }) => {
        expect(await idsOfScan(live)).toEqual([]);
      }),
    );
  });

  describe('find', () => {
    it(
      'pages through all matches, each page with the total',
      withStore(open, async ({ live }) => {
        const bodies = Array.from(
          { length: 25 },
          (_, i) => [`id-${String(i).padStart(2, '0')}`, { name: i < 23 ? 'in' : 'out' }] as const,
        );
        await fill(live, Object.fromEntries(bodies));
        const filter = equals('name', 'in');
        const expected = bodies.map(([id]) => id).slice(0, 23);
        for (const [offset, limit] of [
          [0, 10],
          [10, 10],
          [20, 10],
          [20, 3],
          [22, 1],
          [0, 23],
          [0, 100],
          [23, 10],
          [1000, 10],
          [0, 0],
          [5, 0],
        ] as const) {
          const { total, documents } = await live.find({ ...ALL, filter, offset, limit });
          expect({ total, ids: documents.map(({ id }) => id) }).toEqual({
            total: 23,
            ids: expected.slice(offset, offset + limit),
          });
        }
      }),
    );

    it(
      'of an empty collection is an empty page',
      withStore(open, async ({ live }) => {
        expect(await live.find(ALL)).toEqual({ total: 0, documents: [] });
      }),
    );

    it(
      'orders by several fields, absent ones first, the id last',
      withStore(open, async ({ live }) => {
        await fill(live, {
          d: { name: 'x', size: 2 },
          a: { name: 'x', size: 10 },
          e: { size: 1 },
          b: { name: 'x' },
          c: { name: 'X', size: 2 },
          f: { name: 'x', size: 2 },
        });
        const by = async (...orderBy: (readonly [string, 'asc' | 'desc'])[]) =>
          (await idsOf(live, { orderBy: orderBy.map(([field, direction]) => ({ field, direction })) })).join('');
        expect(await by()).toBe('abcdef');
        expect(await by(['name', 'asc'], ['size', 'asc'])).toBe('ecbdfa');
        expect(await by(['name', 'desc'], ['size', 'asc'])).toBe('bdface');
        expect(await by(['name', 'asc'], ['size', 'desc'])).toBe('ecafdb');
        expect(await by(['size', 'desc'])).toBe('afdceb');
        expect(await by(['id', 'desc'])).toBe('fedcba');
      }),
    );

    it(
      'orders texts by code point, not by UTF-16 or by language',
      withStore(open, async ({ live }) => {
        const names = ['Z', 'a', 'z', 'ä', '\uFFFD', '😀'];
        await fill(live, Object.fromEntries(names.toReversed().map((name, i) => [`id-${i}`, { name }])));
        const { documents } = await live.find({ ...ALL, orderBy: [{ field: 'name', direction: 'asc' }] });
        expect(documents.map(({ json }) => JSON.parse(json!).name)).toEqual(names);
      }),
    );

    it(
      'takes every text as itself',
      withStore(open, async ({ live }) => {
        await fill(live, Object.fromEntries(AWKWARD_TEXTS.map((name, i) => [`id-${i}`, { name, run: { outcome: name } }])));
        for (const [i, text] of AWKWARD_TEXTS.entries()) {
          const expected = [`id-${i}`];
          expect({ text, ids: await idsOf(live, { filter: equals('name', text) }) }).toEqual({ text, ids: expected });
          expect({
            text,
            ids: await idsOf(live, { filter: { kind: 'in', field: 'run.outcome', values: [text, 'nobody'] } }),
          }).toEqual({ text, ids: expected });
          const pattern = /[%_]/.test(text) ? undefined : text;
          if (pattern !== undefined)
            expect({ text, ids: await idsOf(live, { filter: { kind: 'like', field: 'name', pattern } }) }).toEqual({
              text,
              ids: expected,
            });
        }
        expect((await live.find(ALL)).total).toBe(AWKWARD_TEXTS.length);
      }),
    );

    it(
      'takes every id as itself',
      withStore(open, async ({ live }) => {
        const ids = AWKWARD_TEXTS.filter(text => text !== '');
        await live.apply(
          ids.map(id => insertion(id, {})),
          at(1),
        );
        for (const id of ids) expect((await live.get(THINGS.name, [id])).map(document => document.id)).toEqual([id]);
        expect((await idsOfScan(live)).sort()).toEqual([...ids].sort());
      }),
    );

    const refused: [string, Filter][] = [
      ['an unknown field', equals('secret', 'x')],
      [
        'an unknown field deep inside',
        { kind: 'not', filter: { kind: 'and', filters: [{ kind: 'or', filters: [{ kind: 'isNull', field: 'secret' }] }] } },
      ],
      ['SQL for a field', equals('name" = "name" OR 1=1 --', 'x')],
      ['a property of every object', equals('constructor', 'x')],
      ['a number for a text field', equals('name', 1)],
      ['a text for a number field', equals('size', '1')],
      ['a text for a boolean field', equals('active', 'true')],
      ['a time that is not normalized', equals('created_at', '2026-01-01T00:00:00Z')],
      ['one wrong value in a list', { kind: 'in', field: 'size', values: [1, '2'] }],
      ['a pattern for a number field', { kind: 'like', field: 'size', pattern: '%' }],
      ['a pattern for a time field', { kind: 'ilike', field: 'created_at', pattern: '%' }],
    ];
    it.each(refused)('rejects %s', async (_, filter) =>
      withStore(open, async ({ live }) => {
        await expect(live.find({ ...ALL, filter })).rejects.toThrow(/field/);
      })(),
    );

    it(
      'rejects an unknown field in the order, an unknown collection, and a page that is none',
      withStore(open, async ({ live }) => {
        await expect(live.find({ ...ALL, orderBy: [{ field: 'secret', direction: 'asc' }] })).rejects.toThrow(/secret/);
        await expect(live.find({ ...ALL, collection: 'nowhere' })).rejects.toThrow(/nowhere/);
        await expect(live.get('nowhere', ['a'])).rejects.toThrow(/nowhere/);
        for (const page of [{ limit: -1 }, { offset: -1 }, { limit: 1.5 }, { offset: Number.NaN }]) {
          await expect(live.find({ ...ALL, ...page })).rejects.toThrow(RangeError);
        }
      }),
    );
  });
}
