import { describe, expect, it } from '@jest/globals';
import { atOnce } from './at-once.js';

describe('atOnce', () => {
  it('does the work for every item, begun in their order, for no more at once than it may', async () => {
    const begun: number[] = [];
    let underWay = 0;
    let most = 0;
    await atOnce(3, [1, 2, 3, 4, 5, 6, 7], async item => {
      begun.push(item);
      most = Math.max(most, (underWay += 1));
      await Promise.resolve();
      underWay -= 1;
    });
    expect(begun).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(most).toBe(3);
  });

  it('has nothing to do for no items, and fails with the work', async () => {
    await atOnce(3, [], () => Promise.reject(new Error('never asked for')));
    await expect(atOnce(2, [1, 2, 3], () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  });
});
