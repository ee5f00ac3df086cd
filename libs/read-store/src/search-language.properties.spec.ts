import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { Filter, Scalar } from './filter.js';
import type { FieldType } from './read-store.js';
import { parseSearch, SEARCH_LIMITS, SearchSyntaxError } from './search-language.js';

const FIELDS = {
  name: 'text',
  'run.outcome': 'text',
  created_at: 'time',
  timeout: 'number',
  enabled: 'boolean',
} as const satisfies Record<string, FieldType>;

const parse = (text: string): Filter => parseSearch(text, FIELDS);

describe('parseSearch, whatever the text,', () => {
  it('fails with a SearchSyntaxError that names a place in the text, or not at all', () => {
    const piece = fc.constantFrom(
      ...Object.keys(FIELDS),
      ...'= != <> < <= > >= ( ) , in like ilike is not null and or \' "'.split(' '),
      "'x'",
      '1',
      'true',
      ' ',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          fc.array(piece, { maxLength: 12 }).map(pieces => pieces.join(' ')),
        ),
        text => {
          try {
            parse(text);
          } catch (error) {
            expect(error).toBeInstanceOf(SearchSyntaxError);
            const { message, position } = error as SearchSyntaxError;
            expect(message.endsWith(` at position ${position}`)).toBe(true);
            expect(position >= 1 && position <= text.length + 1).toBe(true);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads back what a filter looks like in print', () => {
    fc.assert(
      fc.property(anyFilter, filter => {
        const printed = print(filter);
        fc.pre(printed.length <= SEARCH_LIMITS.characters);
        expect(parse(printed)).toEqual(filter);
      }),
      { numRuns: 500 },
    );
  });
});

const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 8 }), fc.constantFrom("'", "''", 'null', '%_'));
const literals: readonly [keyof typeof FIELDS, fc.Arbitrary<Scalar>][] = [
  ['name', text],
  ['run.outcome', text],
  // JSON has no -0 either.
  ['timeout', fc.double({ noNaN: true, noDefaultInfinity: true }).map(value => value + 0)],
  ['enabled', fc.boolean()],
  [
    'created_at',
    fc.date({ min: new Date(0), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true }).map(date => date.toISOString()),
  ],
];

const anyCondition: fc.Arbitrary<Filter> = fc.oneof(
  ...literals.flatMap(([field, value]): fc.Arbitrary<Filter>[] => [
    fc.record({
      kind: fc.constant('compare'),
      field: fc.constant(field),
      operator: fc.constantFrom('eq', 'ne', 'lt', 'le', 'gt', 'ge'),
      value,
    }),
    fc.record({ kind: fc.constant('in'), field: fc.constant(field), values: fc.array(value, { minLength: 1, maxLength: 3 }) }),
    fc.record({ kind: fc.constant('isNull'), field: fc.constant(field) }),
  ]),
  fc.record({ kind: fc.constantFrom('like', 'ilike'), field: fc.constant('name'), pattern: text }),
);

const { filter: anyFilter } = fc.letrec<{ filter: Filter }>(tie => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    anyCondition,
    fc.record({ kind: fc.constant('not'), filter: tie('filter') }),
    fc.record({ kind: fc.constantFrom('and', 'or'), filters: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }) }),
  ),
}));

const SYMBOLS = { eq: '=', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' } as const;

/** The filter in the search language, every compound in parentheses. */
function print(filter: Filter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters
        .map(inner => (inner.kind === 'and' || inner.kind === 'or' ? `(${print(inner)})` : print(inner)))
        .join(` ${filter.kind} `);
    case 'not':
      return `not (${print(filter.filter)})`;
    case 'compare':
      return `${filter.field} ${SYMBOLS[filter.operator]} ${printValue(filter.value)}`;
    case 'in':
      return `${filter.field} in (${filter.values.map(printValue).join(', ')})`;
    case 'like':
    case 'ilike':
      return `${filter.field} ${filter.kind} ${printValue(filter.pattern)}`;
    case 'isNull':
      return `${filter.field} is null`;
    default:
      return filter satisfies never;
  }
}

const printValue = (value: Scalar): string => (typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : String(value));
