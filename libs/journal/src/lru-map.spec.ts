import { describe, expect, it } from '@jest/globals';
import { LruMap } from './lru-map.js';

const mapOf = (capacity: number, ...keys: string[]): LruMap<string, number> => {
  const map = new LruMap<string, number>(capacity);
  for (const [index, key] of keys.entries()) map.set(key, index);
  return map;
};
const held = (map: LruMap<string, number>, ...keys: string[]): string[] => keys.filter(key => map.get(key) !== undefined);

describe('a map of bounded size', () => {
  it('holds as many entries as it may', () => {
    expect(held(mapOf(3, 'a', 'b', 'c'), 'a', 'b', 'c')).toEqual(['a', 'b', 'c']);
  });

  it('forgets the oldest beyond that', () => {
    expect(held(mapOf(2, 'a', 'b', 'c'), 'a', 'b', 'c')).toEqual(['b', 'c']);
  });

  it('keeps what was asked for lately', () => {
    const map = mapOf(2, 'a', 'b');
    map.get('a');
    map.set('c', 2);
    expect(held(map, 'a', 'b', 'c')).toEqual(['a', 'c']);
  });

  it('keeps what was set again, with its new value and only once', () => {
    const map = mapOf(2, 'a', 'b', 'a');
    map.set('c', 3);
    expect(held(map, 'a', 'b', 'c')).toEqual(['a', 'c']);
    expect(map.get('a')).toBe(2);
  });

  it('never grows', () => {
    const keys = Array.from({ length: 1000 }, (_, index) => String(index));
    expect(held(mapOf(10, ...keys), ...keys)).toEqual(keys.slice(-10));
  });
});
