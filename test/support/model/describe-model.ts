import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { brokenChains } from './invariants.js';
import { knownHistories } from './known-histories.js';
import { ModelWorld } from './model-world.js';
import { histories } from './steps.js';

/** `MODEL_HISTORIES` asks for more or fewer; `TEST_SEED` for others than those that every run of the tests lives through. */
const COUNT = Number(process.env['MODEL_HISTORIES'] ?? 5000);
const TIMEOUT_MS = 60_000 + 200 * COUNT;

/** Lives through thousands of histories, and holds the invariants of scheduling against the log of each. */
export function describeModel(engine: string, isAtomic: boolean, defaultSeed: number): void {
  describe(`over any history of ticks, triggers, edits, sessions, crashes, duplicates and clocks, on ${engine}`, () => {
    const seed = Number(process.env['TEST_SEED'] ?? defaultSeed);
    Logger.overrideLogger(false);

    it.each(knownHistories.map((history, index) => ({ history, index })))(
      'the invariants of scheduling hold in history $index, in which they once did not',
      async ({ history }) => {
        expect((await ModelWorld.live({ ...history, isAtomic })).wrong).toEqual([]);
      },
    );

    it(
      `the invariants of scheduling hold (${COUNT} histories, seed ${seed})`,
      async () => {
        const started = performance.now();
        let events = 0;
        const holds = fc.asyncProperty(histories, async history => {
          const { wrong, log } = await ModelWorld.live({ ...history, isAtomic });
          events += log.length;
          expect([...wrong, ...brokenChains(log)]).toEqual([]);
        });
        await fc.assert(holds, { numRuns: COUNT, seed });
        const each = (performance.now() - started) / COUNT;
        console.info(`${COUNT} histories, ${events} events, ${each.toFixed(1)} ms each, seed ${seed}`);
      },
      TIMEOUT_MS,
    );
  });
}
