import { describe, expect, it } from '@jest/globals';
import type { Filter, Scalar } from './filter.js';
import type { FieldType } from './read-store.js';
import { parseSearch, SEARCH_LIMITS, SearchSyntaxError } from './search-language.js';

const FIELDS = {
  name: 'text',
  phase: 'text',
  'run.outcome': 'text',
  created_at: 'time',
  timeout: 'number',
  enabled: 'boolean',
} as const satisfies Record<string, FieldType>;

const parse = (text: string): Filter => parseSearch(text, FIELDS);

const compare = (field: string, operator: 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge', value: Scalar): Filter => ({
  kind: 'compare',
  field,
  operator,
  value,
});
const not = (filter: Filter): Filter => ({ kind: 'not', filter });
const and = (...filters: Filter[]): Filter => ({ kind: 'and', filters });
const or = (...filters: Filter[]): Filter => ({ kind: 'or', filters });
const isNull = (field: string): Filter => ({ kind: 'isNull', field });
const [x, y, z] = [compare('name', 'eq', 'x'), compare('name', 'eq', 'y'), compare('name', 'eq', 'z')];

/** The error of a text that must not parse. */
function errorOf(text: string, fields: Readonly<Record<string, FieldType>> = FIELDS): SearchSyntaxError {
  try {
    parseSearch(text, fields);
  } catch (error) {
    if (error instanceof SearchSyntaxError) return error;
    throw error;
  }
  throw new Error(`parsed: ${text}`);
}

describe('parseSearch', () => {
  const accepted: [string, Filter][] = [
    ["name = 'x'", x],
    ["name='x'", x],
    ["  name\t=\n'x'  ", x],
    ["name like '%foo%'", { kind: 'like', field: 'name', pattern: '%foo%' }],
    ["name ILike 'a_'", { kind: 'ilike', field: 'name', pattern: 'a_' }],
    [
      "phase in ('Running','Pending') and created_at > '2026-01-01T00:00:00Z'",
      and(
        { kind: 'in', field: 'phase', values: ['Running', 'Pending'] },
        compare('created_at', 'gt', '2026-01-01T00:00:00.000Z'),
      ),
    ],
    ["name != 'x'", compare('name', 'ne', 'x')],
    ["name <> 'x'", compare('name', 'ne', 'x')],
    ['timeout < 1', compare('timeout', 'lt', 1)],
    ['timeout <= -1.50', compare('timeout', 'le', -1.5)],
    ['timeout > 1e3', compare('timeout', 'gt', 1000)],
    ["timeout >= '12'", compare('timeout', 'ge', 12)],
    ['timeout IN (1, -2 ,3.5)', { kind: 'in', field: 'timeout', values: [1, -2, 3.5] }],
    ['enabled = true', compare('enabled', 'eq', true)],
    ['enabled = FALSE', compare('enabled', 'eq', false)],
    ["enabled = 'true'", compare('enabled', 'eq', true)],
    ["name = ''", compare('name', 'eq', '')],
    ["name = 'it''s'", compare('name', 'eq', "it's")],
    ["name = ''''", compare('name', 'eq', "'")],
    ["name = 'and or not ) ('", compare('name', 'eq', 'and or not ) (')],
    ["name = '😀 \\ \" --'", compare('name', 'eq', '😀 \\ " --')],
    ["run.outcome = 'skipped'", compare('run.outcome', 'eq', 'skipped')],
    ['name is null', isNull('name')],
    ['timeout IS NOT NULL', not(isNull('timeout'))],
    ["name not in ('x')", and(not({ kind: 'in', field: 'name', values: ['x'] }), not(isNull('name')))],
    ["name not like 'x%'", and(not({ kind: 'like', field: 'name', pattern: 'x%' }), not(isNull('name')))],
    ["name NOT ILIKE 'x%'", and(not({ kind: 'ilike', field: 'name', pattern: 'x%' }), not(isNull('name')))],
    ["name = 'x' or name = 'y' and name = 'z'", or(x, and(y, z))],
    ["name = 'x' and name = 'y' or name = 'z'", or(and(x, y), z)],
    ["(name = 'x' or name = 'y') AND name = 'z'", and(or(x, y), z)],
    ["not name = 'x' and name = 'y'", and(not(x), y)],
    ["not (name = 'x' Or name = 'y')", not(or(x, y))],
    ["not not name = 'x'", not(not(x))],
    ["name = 'x' and name = 'y' and name = 'z'", and(x, y, z)],
    ["((name = 'x'))", x],
  ];
  it.each(accepted)('reads %s', (text, filter) => {
    expect(parse(text)).toEqual(filter);
  });

  const times: [string, string][] = [
    ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01t00:00:00z', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T00:00:00.5Z', '2026-01-01T00:00:00.500Z'],
    ['2026-01-01T00:00:00.123999999Z', '2026-01-01T00:00:00.123Z'],
    ['2026-01-01T01:30:00+01:30', '2026-01-01T00:00:00.000Z'],
    ['2025-12-31T16:00:00.001-08:00', '2026-01-01T00:00:00.001Z'],
    ['2026-01-01T00:00:00-00:00', '2026-01-01T00:00:00.000Z'],
    ['2024-02-29T12:00:00Z', '2024-02-29T12:00:00.000Z'],
    ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ];
  it.each(times)('takes the time %s for %s', (literal, value) => {
    expect(parse(`created_at <= '${literal}'`)).toEqual(compare('created_at', 'le', value));
  });

  it.each([
    '2026-01-01',
    '2026-01-01T00:00:00',
    '2026-01-01 00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:61Z',
    '2026-01-01T00:00:00+24:00',
    '2026-01-01T00:00:00+00:60',
    '2026-01-01T00:00:00.Z',
    '0000-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-01:00',
    'yesterday',
    '',
  ])('takes %j for no time', literal => {
    expect(errorOf(`created_at > '${literal}'`).message).toBe(
      `'created_at' is compared with an RFC 3339 time in quotes, for example '2026-01-31T09:00:00Z', not with '${literal}', at position 14`,
    );
  });

  const rejected: [text: string, position: number, message: RegExp][] = [
    ['', 1, /expected a field, 'not' or '\(', found the end/],
    ['   ', 4, /expected a field/],
    ['name', 5, /expected an operator/],
    ['name =', 7, /'name' is compared with a text in quotes.*not with nothing/],
    ["name = 'x", 8, /text without its closing quote/],
    ["name = 'x' name = 'y'", 12, /expected 'and', 'or' or the end, found 'name'/],
    ["name = 'x' and", 15, /expected a field/],
    ["and name = 'x'", 1, /unknown field 'and'/],
    ["(name = 'x'", 12, /expected '\)', found the end/],
    ["name = 'x')", 11, /expected 'and', 'or' or the end, found '\)'/],
    ["name == 'x'", 7, /text in quotes/],
    ["name = 'x'; drop table live", 11, /unexpected character ";"/],
    ["name = 'x' 😀", 12, /unexpected character "😀"/],
    ['name = "x"', 8, /unexpected character "\\""/],
    ['name = x', 8, /text in quotes.*not with x/],
    ['name = 5', 8, /text in quotes.*not with 5/],
    ['name = null', 8, /text in quotes.*not with null/],
    ["nobody = 'x'", 1, /unknown field 'nobody' \(the fields are name, phase, run\.outcome, created_at, timeout, enabled\)/],
    ["name = 'x' or Name = 'y'", 15, /unknown field 'Name'/],
    ["constructor = 'x'", 1, /unknown field 'constructor'/],
    ["timeout = 'soon'", 11, /'timeout' is compared with a number, not with 'soon'/],
    ["timeout = ''", 11, /a number/],
    ['timeout = 0x10', 12, /expected 'and'/],
    ['timeout = 1e999', 11, /a number/],
    ["timeout = 'Infinity'", 11, /a number/],
    ['enabled = 1', 11, /true or false/],
    ["enabled = 'yes'", 11, /true or false/],
    ['created_at > 5', 14, /RFC 3339/],
    ["timeout like '1%'", 9, /'like' needs a text field, 'timeout' is a number/],
    ["created_at not ilike '2026%'", 16, /'ilike' needs a text field, 'created_at' is a time/],
    ['name like x', 11, /a pattern in quotes/],
    ["name not = 'x'", 10, /expected an operator/],
    ["name in 'x'", 9, /expected '\('/],
    ['name in ()', 10, /text in quotes/],
    ["name in ('x',)", 14, /text in quotes/],
    ["name in ('x' 'y')", 14, /expected '\)'/],
    ['name is', 8, /expected 'null', found the end/],
    ["name is 'null'", 9, /expected 'null'/],
    ['()', 2, /expected a field/],
  ];
  it.each(rejected)('rejects %s at position %i', (text, position, message) => {
    const error = errorOf(text);
    expect(error.message).toMatch(message);
    expect(error.message).toMatch(new RegExp(` at position ${position}$`));
    expect(error.position).toBe(position);
  });

  describe('has limits', () => {
    const repeated = (piece: string, times: number): string => piece.repeat(times);

    it('on the characters', () => {
      const quoted = (length: number): string => `name = '${'x'.repeat(length - "name = ''".length)}'`;
      expect(parse(quoted(SEARCH_LIMITS.characters))).toMatchObject({ kind: 'compare' });
      expect(errorOf(quoted(SEARCH_LIMITS.characters + 1))).toMatchObject({
        position: 4097,
        message: 'the search has more than 4096 characters at position 4097',
      });
    });

    it('on the characters of a pattern', () => {
      const like = (length: number): string => `name ilike '${'x'.repeat(length)}'`;
      expect(parse(like(SEARCH_LIMITS.pattern))).toMatchObject({ kind: 'ilike' });
      expect(errorOf(like(SEARCH_LIMITS.pattern + 1)).message).toMatch(/a pattern has more than 1024 characters/);
    });

    it.each([
      ['parentheses', (depth: number) => `${repeated('(', depth)}name = 'x'${repeated(')', depth)}`],
      ['nots', (depth: number) => `${repeated('not ', depth)}name = 'x'`],
    ])('on %s inside each other', (_, nested) => {
      expect(parse(nested(SEARCH_LIMITS.depth))).toBeDefined();
      expect(errorOf(nested(SEARCH_LIMITS.depth + 1)).message).toMatch(/nested more than 50 deep/);
    });

    it('but none on parentheses one after the other', () => {
      expect(parse(Array.from({ length: 60 }, () => "(not name = 'x')").join(' and '))).toMatchObject({ kind: 'and' });
    });

    it('on the conditions', () => {
      const many = (count: number): string => Array.from({ length: count }, () => 'timeout = 1').join(' or ');
      expect(parse(many(SEARCH_LIMITS.conditions))).toMatchObject({ kind: 'or' });
      expect(errorOf(many(SEARCH_LIMITS.conditions + 1)).message).toMatch(/more than 100 conditions/);
    });
  });
});
