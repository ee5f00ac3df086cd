import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { bodyPassed } from './body-memory.js';

const MIB = 1_048_576;
const { gc } = globalThis;
const collect = jest.fn();

beforeEach(() => {
  // Whatever passed before.
  globalThis.gc = undefined;
  bodyPassed(8 * MIB);
  collect.mockClear();
  globalThis.gc = collect as unknown as typeof gc;
});
afterEach(() => void (globalThis.gc = gc));

it('asks for a young collection whenever 8 MiB have passed, in whatever pieces', () => {
  for (let piece = 0; piece < 127; piece += 1) bodyPassed(MIB / 16);
  expect(collect).not.toHaveBeenCalled();
  bodyPassed(MIB / 16);
  expect(collect.mock.calls).toEqual([[{ type: 'minor', execution: 'sync' }]]);
  for (let piece = 0; piece < 256; piece += 1) bodyPassed(MIB / 16);
  expect(collect).toHaveBeenCalledTimes(3);
});

it('does without where Node was not started for it', () => {
  globalThis.gc = undefined;
  expect(() => bodyPassed(100 * MIB)).not.toThrow();
});
