import { describe } from '@jest/globals';
import { describeFilters } from './filters.js';
import { describeReading } from './reading.js';
import type { OpenStore } from './sample.js';
import { describeSets } from './sets.js';
import { describeValues } from './values.js';
import { describeWriting } from './writing.js';

export type { OpenStore };

/**
 * The contract of the read store port: every adapter's spec file runs it. `open` answers a new, empty store on each call; `close` is
 * called once the store is not needed any more and may clean up (the store may be closed already).
 */
export function describeReadStore(name: string, open: OpenStore): void {
  describe(`the read store ${name}`, () => {
    describeWriting(open);
    describeReading(open);
    describeValues(open);
    describeFilters(open);
    describeSets(open);
  });
}
