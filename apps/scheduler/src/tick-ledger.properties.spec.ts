import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { at } from '../testing/log-of.js';
import { TickWorld, type Step, type Zone } from '../testing/tick-world.js';

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 60, max: 20_000 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('retime' as const),
      every: fc.constantFrom(2, 10, 15, 30),
      zone: fc.constantFrom<Zone>('UTC', 'Asia/Kathmandu'),
      policy: fc.constantFrom('none' as const, 'latest' as const, 'all' as const),
      jitter: fc.constantFrom(0, 0, 50, 700, 3600),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('toggle' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('decide' as const), pick: fc.nat(200), count: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('restart' as const, 'save' as const, 'resume' as const) }) },
);

const histories = fc.array(step, { minLength: 5, maxLength: 40, size: 'max' });
const after = (history: readonly Step[]): TickWorld => {
  const world = new TickWorld(at('00:00'));
  for (const each of history) world.step(each);
  return world;
};

describe('over any history of changes, outages, outcomes in any order and new leaders', () => {
  it('what is decided and what is owed are together every nominal tick, each once', () => {
    fc.assert(
      fc.property(histories, history => {
        const world = after(history);
        const owing = world.look();
        expect(world.covered([...world.outcomes, ...owing])).toEqual(world.nominal());
      }),
      { numRuns: 400 },
    );
  });

  it('once all that is owed is decided, every nominal tick has exactly one outcome', () => {
    fc.assert(
      fc.property(histories, history => {
        const world = after(history);
        world.settle();
        expect(world.covered(world.outcomes)).toEqual(world.nominal());
      }),
      { numRuns: 200 },
    );
  });

  it('a ledger from a snapshot and the events since owes what one from the whole log does', () => {
    fc.assert(
      fc.property(histories, histories, (before, since) => {
        const world = after(before);
        world.step({ kind: 'save' });
        for (const step of since.filter(({ kind }) => kind !== 'save')) world.step(step);
        const [fromLog, fromSnapshot] = world.fromLogAndSnapshot();
        expect(fromSnapshot).toEqual(fromLog);
      }),
      { numRuns: 200 },
    );
  });
});
