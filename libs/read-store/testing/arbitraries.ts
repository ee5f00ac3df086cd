/** Any body and any query of the sample collection. The values are few and close together, so that conditions often hold. */
import * as fc from 'fast-check';
import type { Comparison, Filter, Scalar } from '../src/filter.js';
import type { Query } from '../src/read-store.js';

export const OPERATORS: readonly Comparison[] = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];

const character = fc.constantFrom(
  'a',
  'A',
  'b',
  'B',
  '%',
  '_',
  "'",
  '\\',
  'é',
  'É',
  'ß',
  'ẞ',
  'σ',
  'ς',
  'Σ',
  'k',
  '\u212A',
  'ſ',
  's',
  'İ',
  'ı',
  'i',
  '\u{10400}',
  '\u{10428}',
  '\uFFFD',
  '\uD800',
  '\n',
);
const text = fc.string({ unit: character, maxLength: 4 });
const number = fc.oneof(fc.constantFrom(-1, -0.5, 0, 1, 2 ** 53, 1e300), fc.double({ noNaN: true, noDefaultInfinity: true }));
const time = fc.integer({ min: 0, max: 3 }).map(n => new Date(Date.UTC(2026, 0, 1) + n).toISOString());

export const anyBody = fc.record(
  {
    name: fc.option(text),
    size: fc.option(number),
    active: fc.option(fc.boolean()),
    created_at: fc.option(time),
    run: fc.option(fc.record({ outcome: fc.option(text) })),
  },
  { requiredKeys: [] },
);

const fieldAndValue: readonly [string, fc.Arbitrary<Scalar>][] = [
  ['name', text],
  ['run.outcome', text],
  ['size', number],
  ['active', fc.boolean()],
  ['created_at', time],
];

const anyCondition: fc.Arbitrary<Filter> = fc.oneof(
  ...fieldAndValue.flatMap(([field, value]): fc.Arbitrary<Filter>[] => [
    fc.record({ kind: fc.constant('compare'), field: fc.constant(field), operator: fc.constantFrom(...OPERATORS), value }),
    fc.record({ kind: fc.constant('in'), field: fc.constant(field), values: fc.array(value, { maxLength: 3 }) }),
    fc.record({ kind: fc.constant('isNull'), field: fc.constant(field) }),
  ]),
  fc.record({ kind: fc.constantFrom('like', 'ilike'), field: fc.constantFrom('name', 'run.outcome'), pattern: text }),
);

const { filter: anyFilter } = fc.letrec<{ filter: Filter }>(tie => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    anyCondition,
    fc.record({ kind: fc.constant('not'), filter: tie('filter') }),
    fc.record({ kind: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { maxLength: 3 }) }),
  ),
}));

export const anyQuery: fc.Arbitrary<Omit<Query, 'collection'>> = fc.record({
  filter: fc.option(anyFilter, { nil: undefined }),
  orderBy: fc.uniqueArray(
    fc.record({ field: fc.constantFrom(...fieldAndValue.map(([field]) => field)), direction: fc.constantFrom('asc', 'desc') }),
    { selector: key => key.field, maxLength: 3 },
  ),
  offset: fc.nat(6),
  limit: fc.nat(12),
});
