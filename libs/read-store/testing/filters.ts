import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Comparison, Filter, Scalar } from '../src/filter.js';
import type { ReadStore } from '../src/read-store.js';
import { anyBody, anyQuery, OPERATORS } from './arbitraries.js';
import { matches, select } from './evaluator.js';
import { at, fill, idsOf, insertion, OTHERS, THINGS, type Body, type OpenStore } from './sample.js';

/** Per field: a lower, a middle and a higher value. */
const VALUES: Readonly<Record<string, readonly Scalar[]>> = {
  name: ['a', 'b', 'c'],
  size: [-1.5, 0, 10],
  active: [false, true],
  created_at: ['2025-12-31T23:59:59.999Z', '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.001Z'],
  'run.outcome': ['missed', 'skipped', 'started'],
};

/** Text, pattern, whether `like` holds, whether `ilike` holds. */
const PATTERNS: readonly (readonly [text: string, pattern: string, like: boolean, ilike: boolean])[] = [
  ['nightly', 'nightly', true, true],
  ['nightly', 'Nightly', false, true],
  ['nightly', 'night', false, false],
  ['nightly', 'night%', true, true],
  ['nightly', '%LY', false, true],
  ['nightly', '%ight%', true, true],
  ['nightly', 'n%h%y', true, true],
  ['nightly', 'n%y%h', false, false],
  ['nightly', 'n_ghtl_', true, true],
  ['nightly', 'nightly_', false, false],
  ['nightly', '%%', true, true],
  ['nightly', '', false, false],
  ['', '', true, true],
  ['', '%', true, true],
  ['', '_', false, false],
  ['aXbXc', '%x%x%', false, true],
  ['aab', 'a%ab', true, true],
  ['ab', 'a%ab', false, false],
  ['two\nlines', 'two%lines', true, true],
  ['two\nlines', 'two_lines', true, true],
  ['line\n', 'line', false, false],
  ['a\u0000b', 'a%b', true, true],
  ['a\u0000b', 'a', false, false],
  ['😀', '_', true, true],
  ['ÜBER', 'über', false, true],
  ['ΣΟΦΟΣ', 'σοφος', false, true],
  ['σοφος', 'σοφοσ', false, true],
  ['Straße', 'STRASSE', false, false],
  ['\u212A', 'k', false, true],
  ['a.c', 'abc', false, false],
  ['abc', 'a.c', false, false],
  ['a\\%', String.raw`a\%`, true, true],
  ['a\\b', String.raw`a\%`, true, true],
  ['a%', String.raw`a\%`, false, false],
  ['(a|b)[c]{1}^$*+?/-', '(A|B)[C]{1}^$*+?/-', false, true],
];

/** Every operator on every type, absent fields, patterns, and two-valued logic against a model. */
export function describeFilters(open: OpenStore): void {
  describe('a filter', () => {
    let opened: Awaited<ReturnType<OpenStore>>;
    let store: ReadStore;
    beforeAll(async () => {
      opened = await open([THINGS, OTHERS]);
      store = opened.store;
    });
    afterAll(() => opened.close());

    const withField = (field: string, value: Scalar | null | undefined): Body =>
      field === 'run.outcome' ? { run: { outcome: value } } : { [field]: value };

    it.each(Object.keys(VALUES))('compares %s with every operator; an absent or null field fits none', async field => {
      const set = await store.beside('verify');
      const values = VALUES[field]!;
      await fill(set, {
        ...Object.fromEntries(values.map((value, i) => [`v${i}`, withField(field, value)])),
        none: {},
        null: withField(field, null),
      });
      for (const [i, value] of values.entries()) {
        const found: Record<Comparison, (j: number) => boolean> = {
          eq: j => j === i,
          ne: j => j !== i,
          lt: j => j < i,
          le: j => j <= i,
          gt: j => j > i,
          ge: j => j >= i,
        };
        for (const operator of OPERATORS) {
          const filter: Filter = { kind: 'compare', field, operator, value };
          const expected = [...values.keys()].filter(found[operator]).map(j => `v${j}`);
          const opposite = ['none', 'null', ...[...values.keys()].filter(j => !found[operator](j)).map(j => `v${j}`)];
          expect({ operator, value, ids: await idsOf(set, { filter }) }).toEqual({ operator, value, ids: expected });
          expect({ operator, value, not: await idsOf(set, { filter: { kind: 'not', filter } }) }).toEqual({
            operator,
            value,
            not: opposite,
          });
        }
      }
      expect(await idsOf(set, { filter: { kind: 'in', field, values: values.slice(1) } })).toEqual(
        values.slice(1).map((_, i) => `v${i + 1}`),
      );
      expect(await idsOf(set, { filter: { kind: 'in', field, values: [] } })).toEqual([]);
      expect(await idsOf(set, { filter: { kind: 'isNull', field } })).toEqual(['none', 'null']);
      expect(await idsOf(set, { filter: { kind: 'not', filter: { kind: 'isNull', field } } })).toEqual(
        values.map((_, i) => `v${i}`),
      );
    });

    it('takes an object that is no object on the way to a field for absence', async () => {
      const set = await store.beside('verify');
      await fill(set, { a: { run: null }, b: { run: 'text' }, c: { run: { outcome: 'x' } }, d: {} });
      expect(await idsOf(set, { filter: { kind: 'isNull', field: 'run.outcome' } })).toEqual(['a', 'b', 'd']);
    });

    it('finds by id', async () => {
      const set = await store.beside('verify');
      await fill(set, { a: {}, b: {}, c: {} });
      expect(await idsOf(set, { filter: { kind: 'compare', field: 'id', operator: 'gt', value: 'a' } })).toEqual(['b', 'c']);
    });

    it('of no conditions is true for all of them and false for any of them', async () => {
      const set = await store.beside('verify');
      await fill(set, { a: {} });
      expect(await idsOf(set, { filter: { kind: 'and', filters: [] } })).toEqual(['a']);
      expect(await idsOf(set, { filter: { kind: 'or', filters: [] } })).toEqual([]);
    });

    it.each(PATTERNS)('%j like %j: %s, ilike: %s', async (name, pattern, like, ilike) => {
      const set = await store.beside('verify');
      await fill(set, { a: { name }, none: {} });
      expect(await idsOf(set, { filter: { kind: 'like', field: 'name', pattern } })).toEqual(like ? ['a'] : []);
      expect(await idsOf(set, { filter: { kind: 'ilike', field: 'name', pattern } })).toEqual(ilike ? ['a'] : []);
      // The model that the property below trusts.
      expect([
        matches({ name }, { kind: 'like', field: 'name', pattern }),
        matches({ name }, { kind: 'ilike', field: 'name', pattern }),
      ]).toEqual([like, ilike]);
    });

    it('finishes patterns that would make a backtracking matcher hang', async () => {
      const set = await store.beside('verify');
      await fill(set, { a: { name: 'a'.repeat(2000) } });
      const filter: Filter = { kind: 'ilike', field: 'name', pattern: `${'%a'.repeat(1000)}%b` };
      expect(await idsOf(set, { filter })).toEqual([]);
      expect(await idsOf(set, { filter: { ...filter, pattern: `${'%A'.repeat(1000)}%` } })).toEqual(['a']);
    });

    it('of 100 conditions nested 50 deep is answered', async () => {
      const set = await store.beside('verify');
      await fill(set, { a: { size: 1 } });
      let filter: Filter = {
        kind: 'or',
        filters: Array.from({ length: 100 }, (_, value) => ({ kind: 'compare', field: 'size', operator: 'eq', value })),
      };
      for (let depth = 0; depth < 50; depth++) filter = { kind: 'not', filter: { kind: 'and', filters: [filter] } };
      expect(await idsOf(set, { filter })).toEqual(['a']);
    });

    it('finds what the model finds, in its order, whatever the documents and the query', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(anyBody, { maxLength: 12 }),
          fc.array(anyQuery, { minLength: 1, maxLength: 12 }),
          async (bodies, queries) => {
            const set = await store.beside('verify');
            const documents = bodies.map((body, i) => ({ ...body, id: `id-${String(i).padStart(2, '0')}` }));
            await set.apply(
              documents.map(body => insertion(body.id, body)),
              at(1),
            );
            for (const query of queries) {
              const expected = select(documents, query).map(({ id }) => id);
              const page = await set.find({ ...query, collection: THINGS.name });
              expect({ query, total: page.total, ids: page.documents.map(({ id }) => id) }).toEqual({
                query,
                total: expected.length,
                ids: expected.slice(query.offset, query.offset + query.limit),
              });
            }
          },
        ),
        { numRuns: 60 },
      );
    });
  });
}
