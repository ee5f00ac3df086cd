import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { likeToRegExp } from '../like.js';
import { allOf, equals, type Filter } from '../filter.js';
import { parseSearch } from '../search-language.js';
import { toMongoQuery } from './mongo-filter.js';
import { likeToPattern } from './mongo-pattern.js';

/** PCRE2's bounds: the source of a pattern as MongoDB takes it, and the code it is compiled to. */
const MOST_SOURCE_BYTES = 32_764;

const FIELDS = { id: 'text', name: 'text', size: 'number', 'run.outcome': 'text' } as const;

const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;

/** All keys, at any depth. */
const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([key, inner]) => [...(Array.isArray(value) ? [] : [key]), ...keysOf(inner)])
    : [];

describe('a filter as a query of MongoDB', () => {
  const queries: readonly (readonly [string, unknown])[] = [
    [`name = 'x'`, { 'fields.name': { $eq: 'x' } }],
    [`name != 'x'`, { 'fields.name': { $ne: 'x', $exists: true } }],
    [`not name = 'x'`, { 'fields.name': { $not: { $eq: 'x' } } }],
    [`id > 'x'`, { _id: { $gt: 'x' } }],
    [`run.outcome in ('a', 'b')`, { 'fields.run-outcome': { $in: ['a', 'b'] } }],
    [`name is null`, { 'fields.name': { $exists: false } }],
    [`name is not null`, { 'fields.name': { $not: { $exists: false } } }],
    [`name like 'a%'`, { 'fields.name': { $regex: String.raw`^a.*\z`, $options: 's' } }],
    [
      `size >= 1 and (size < 2 and name = 'x')`,
      {
        $and: [{ 'fields.size': { $gte: 1 } }, { 'fields.size': { $lt: 2 } }, { 'fields.name': { $eq: 'x' } }],
      },
    ],
    [`not (size = 1 or not size = 2)`, { $and: [{ 'fields.size': { $not: { $eq: 1 } } }, { 'fields.size': { $eq: 2 } }] }],
    [`name = '{"$gt": ""}'`, { 'fields.name': { $eq: '{"$gt": ""}' } }],
  ];
  it.each(queries)('%s', (search, expected) => {
    expect(toMongoQuery(parseSearch(search, FIELDS))).toEqual(expected);
  });

  it('of no conditions is of everything or of nothing', () => {
    expect(toMongoQuery({ kind: 'and', filters: [] })).toEqual({});
    expect(toMongoQuery({ kind: 'or', filters: [] })).toEqual({ _id: { $in: [] } });
    expect(toMongoQuery({ kind: 'not', filter: { kind: 'and', filters: [] } })).toEqual({ _id: { $in: [] } });
  });

  it('has operators of its own and no others, whatever the values are', () => {
    const value = fc.oneof(fc.string(), fc.constantFrom('$where', '$gt', '{"$ne":1}', 'fields.name', '/.*/'));
    const filter = fc.oneof(
      fc.record({ kind: fc.constant('compare'), field: fc.constant('name'), operator: fc.constantFrom('eq', 'ne', 'lt'), value }),
      fc.record({ kind: fc.constant('in'), field: fc.constant('name'), values: fc.array(value) }),
      fc.record({ kind: fc.constantFrom('like', 'ilike'), field: fc.constant('name'), pattern: value }),
    ) as fc.Arbitrary<Filter>;
    const own = new Set(['fields.name', '$eq', '$ne', '$exists', '$lt', '$in', '$regex', '$options', '$not']);
    fc.assert(
      fc.property(filter, fc.boolean(), (filter, negated) => {
        expect(keysOf(toMongoQuery(filter, negated)).filter(key => !own.has(key))).toEqual([]);
      }),
    );
  });

  it('stays within the depth that MongoDB takes, however deep the search is', () => {
    let filter: Filter = equals('size', 1);
    for (let depth = 0; depth < 50; depth++) {
      filter = {
        kind: 'not',
        filter: allOf(filter, { kind: 'or', filters: [equals('name', `${depth}`), equals('size', depth)] }),
      };
    }
    expect(depthOf(toMongoQuery(filter))).toBeLessThan(150);
    for (let depth = 0; depth < 100; depth++) filter = { kind: 'not', filter: allOf(allOf(filter)) };
    expect(depthOf(toMongoQuery(filter))).toBeLessThan(150);
  });
});

describe('a pattern of MongoDB', () => {
  const patterns: readonly (readonly [string, boolean, string])[] = [
    ['a_b', false, String.raw`^a.b\z`],
    ['a%b%c', false, String.raw`^a(?>.*?b).*c\z`],
    ['1.5%', false, String.raw`^1\.5.*\z`],
    ['a\0', false, String.raw`^a\x00\z`],
    ['ab1', true, String.raw`^(?:A|a)(?:B|b)1\z`],
    ['k', true, '^(?:K|k|\u212A)\\z'],
    ['i', true, String.raw`^(?:I|i)\z`],
    ['\u0130', true, '^\u0130\\z'],
  ];
  it.each(patterns)('%j, case ignored: %s', (pattern, ignoreCase, expected) => {
    expect(likeToPattern(pattern, ignoreCase)).toBe(expected);
  });

  it('lists, for every letter with another case, the letters that are the same', () => {
    const letters = Array.from({ length: 0x20000 }, (_, codePoint) => String.fromCodePoint(codePoint)).filter(character =>
      /\p{Changes_When_Casemapped}/u.test(character),
    );
    for (const letter of letters) {
      const listed = likeToPattern(letter, true)
        .replace(/^\^(?:\(\?:)?|\)?\\z$/g, '')
        .split('|');
      const isSame = (other: string): boolean => likeToRegExp(letter, true).test(other);
      expect(listed).toContain(letter);
      expect(listed.filter(other => !isSame(other))).toEqual([]);
      const likely = [letter.toUpperCase(), letter.toLowerCase(), letter.toUpperCase().toLowerCase()];
      expect(likely.filter(isSame).filter(other => !listed.includes(other))).toEqual([]);
    }
  });

  it.each([
    ['letters', 'The quick brown fox jumps over the lazy dog. '],
    ['parts', '%e'],
    ['Cyrillic', 'Съешь же ещё этих мягких булок. '],
  ])('of as many %s as a search can have is not too long for MongoDB', (_, text) => {
    const pattern = text.repeat(4096).slice(0, 4096 - `name ilike ''`.length);
    expect(Buffer.byteLength(likeToPattern(pattern, true))).toBeLessThanOrEqual(MOST_SOURCE_BYTES);
  });
});
