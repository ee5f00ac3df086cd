import { expect, it } from '@jest/globals';
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { atEndOfTurn } from './end-of-turn.js';

it('writes what came in one turn when that is over, in its order', async () => {
  const written: string[] = [];
  atEndOfTurn(() => written.push('first'));
  await Promise.resolve();
  atEndOfTurn(() => written.push('second'));
  expect(written).toEqual([]);
  await endOfTurn();
  expect(written).toEqual(['first', 'second']);
});

it('leaves to the next turn what comes while it writes', async () => {
  const written: string[] = [];
  atEndOfTurn(() => {
    atEndOfTurn(() => written.push('later'));
    written.push('now');
  });
  await endOfTurn();
  expect(written).toEqual(['now']);
  await endOfTurn();
  expect(written).toEqual(['now', 'later']);
});
