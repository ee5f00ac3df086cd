import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { SharedRead, SharedReads, type Rest } from './shared-read.js';

it('begins after the call, once for all who call before it begins', async () => {
  let value = 'old';
  let reads = 0;
  const shared = new SharedRead(async () => (reads++, value));
  const early = [shared.read(), shared.read()];
  value = 'new';
  expect(await Promise.all(early)).toEqual(['new', 'new']);
  expect(reads).toBe(1);
});

it('does not answer a call with a read that was under way before it', async () => {
  const gates: ((value: string) => void)[] = [];
  const shared = new SharedRead(() => new Promise<string>(resolve => gates.push(resolve)));
  const first = shared.read();
  await endOfTurn();
  expect(gates).toHaveLength(1);
  const second = shared.read();
  const third = shared.read();
  gates[0]!('before');
  expect(await first).toBe('before');
  await endOfTurn();
  expect(gates).toHaveLength(2);
  gates[1]!('after');
  expect(await Promise.all([second, third])).toEqual(['after', 'after']);
});

it('tells an error to those who asked, and reads again for the next', async () => {
  let fails = true;
  const shared = new SharedRead(async () => {
    if (fails) throw new Error('gone');
    return 'back';
  });
  await expect(shared.read()).rejects.toThrow('gone');
  fails = false;
  expect(await shared.read()).toBe('back');
});

describe('with a rest', () => {
  let begun: number;
  const read = (rest: Rest) => new SharedRead(async () => (begun += 1), rest);
  beforeEach(() => {
    begun = 0;
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
  });
  afterEach(() => void jest.useRealTimers());

  it('begins again the later, the more shared the last read, and has all share the next who come meanwhile', async () => {
    const shared = read({ perCallerMs: 4, atMostMs: 20 });
    await Promise.all([shared.read(), shared.read(), shared.read()]);
    const next = [shared.read(), shared.read()];
    await jest.advanceTimersByTimeAsync(11);
    next.push(shared.read());
    expect(begun).toBe(1);
    await jest.advanceTimersByTimeAsync(1);
    expect(await Promise.all(next)).toEqual([2, 2, 2]);
  });

  it('begins again after the longest rest at the latest', async () => {
    const shared = read({ perCallerMs: 4, atMostMs: 20 });
    await Promise.all(Array.from({ length: 100 }, () => shared.read()));
    const next = shared.read();
    await jest.advanceTimersByTimeAsync(20);
    expect(await next).toBe(2);
  });

  it('begins at once for one who comes after the rest', async () => {
    const shared = read({ perCallerMs: 4, atMostMs: 20 });
    await shared.read();
    await jest.advanceTimersByTimeAsync(4);
    expect(await shared.read()).toBe(2);
  });
});

it('is shared by key, and forgotten when no one waits for it', async () => {
  const reads = new SharedReads<string>();
  const loaded: string[] = [];
  const load = (key: string) => async () => {
    loaded.push(key);
    if (key === 'c') throw new Error('gone');
    return key;
  };
  const answers = ['a', 'b', 'a'].map(key => reads.read(key, load(key)));
  expect(reads.size).toBe(2);
  expect(await Promise.all(answers)).toEqual(['a', 'b', 'a']);
  await expect(reads.read('c', load('c'))).rejects.toThrow('gone');
  expect(loaded).toEqual(['a', 'b', 'c']);
  expect(reads.size).toBe(0);
});
