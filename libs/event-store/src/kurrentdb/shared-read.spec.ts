import { describe, expect, it } from '@jest/globals';
import { SharedRead } from './shared-read.js';

/** A read whose answers the test gives: the number of the read. */
function heldReads() {
  const held: PromiseWithResolvers<number>[] = [];
  const shared = new SharedRead(() => {
    held.push(Promise.withResolvers<number>());
    return held.at(-1)!.promise;
  });
  /** Resolves once as many reads have begun. */
  const begun = async (count: number): Promise<void> => {
    while (held.length < count) await Promise.resolve();
  };
  return { shared, held, begun };
}

describe('a shared read', () => {
  it('is one for all who ask before it begins, and another for those who ask while it runs', async () => {
    const { shared, held, begun } = heldReads();
    const first = [shared.read(), shared.read()];
    await begun(1);
    const second = [shared.read(), shared.read(), shared.read()];
    held[0]!.resolve(1);
    expect(await Promise.all(first)).toEqual([1, 1]);
    await begun(2);
    held[1]!.resolve(2);
    expect(await Promise.all(second)).toEqual([2, 2, 2]);
    expect(held).toHaveLength(2);
  });

  it('gives an error to those who shared it, and goes on', async () => {
    const { shared, held, begun } = heldReads();
    const failing = Promise.allSettled([shared.read(), shared.read()]);
    await begun(1);
    const next = shared.read();
    held[0]!.reject(new Error('away'));
    for (const outcome of await failing) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'away' } });
    await begun(2);
    held[1]!.resolve(2);
    expect(await next).toBe(2);
  });
});
