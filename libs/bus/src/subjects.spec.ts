import { describe, expect, it } from '@jest/globals';
import { contains, matches, overlap } from './subjects.js';

describe('subjects', () => {
  it.each([
    ['a.b', 'a.b', true],
    ['a.b', 'a.c', false],
    ['a.*', 'a.b', true],
    ['a.*', 'a', false],
    ['a.*', 'a.b.c', false],
    ['*.b', 'a.b', true],
    ['a.>', 'a.b.c', true],
    ['a.>', 'a', false],
    ['>', 'a', true],
  ])('the pattern %s and the subject %s: %s', (pattern, subject, fits) => {
    expect(matches(pattern, subject)).toBe(fits);
  });

  it.each([
    ['a.*', '*.b', true],
    ['a.*', 'b.*', false],
    ['a.>', 'a.*.c', true],
    ['a.>', '*', false],
    ['a.b.>', 'a.*', false],
  ])('the patterns %s and %s overlap: %s', (one, other, both) => {
    expect([overlap(one, other), overlap(other, one)]).toEqual([both, both]);
  });

  it.each([
    ['a.>', 'a.b', true],
    ['a.>', 'a.*.>', true],
    ['a.>', 'a', false],
    ['a.>', '>', false],
    ['a.*', 'a.>', false],
    ['a.*', 'a.*', true],
    ['a.*', 'a.b.c', false],
    ['a.b', 'a.*', false],
    ['>', '>', true],
  ])('the pattern %s contains %s: %s', (outer, inner, within) => {
    expect(contains(outer, inner)).toBe(within);
  });
});
