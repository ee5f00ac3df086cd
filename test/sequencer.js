/** The order of the test files: those that take longest begin first, or everyone would wait for them at the end. */
import TestSequencer from '@jest/test-sequencer';

const LONGEST = [
  'test/model-atomic.spec.ts',
  'test/model-cut.spec.ts',
  'test/tick-and-kill.spec.ts',
  'test/faults-nats.spec.ts',
  'test/power-cut.spec.ts',
];

export default class LongestFirst extends TestSequencer {
  sort(tests) {
    const isLong = ({ path }) => LONGEST.some(name => path.endsWith(name));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter(test => !isLong(test))];
  }
}
