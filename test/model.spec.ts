import { describe, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import fc from 'fast-check';
import { ModelWorld } from './support/model/model-world.js';
import { histories } from './support/model/steps.js';

Logger.overrideLogger(false);

const COUNT = Number(process.env['MODEL_HISTORIES'] ?? 10_000);
const SEED = Number(process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe('over any history of ticks, triggers, edits, crashes, duplicates and clocks', () => {
  it(`the invariants of scheduling hold (${COUNT} histories, seed ${SEED})`, async () => {
    const started = performance.now();
    let events = 0;
    await fc.assert(
      fc.asyncProperty(histories, async history => {
        const { wrong, log } = await ModelWorld.live(history);
        events += log.length;
        expect(wrong).toEqual([]);
      }),
      { numRuns: COUNT, seed: SEED, endOnFailure: process.env['MODEL_SHRINK'] === '0' },
    );
    const ms = performance.now() - started;
    console.info(`${COUNT} histories, ${events} events, ${(ms / COUNT).toFixed(2)} ms each, seed ${SEED}`);
  }, 1_200_000);
});
