/** The order of the test files: those that mostly wait for the clock begin first, or everyone would wait for them at the end. */
import TestSequencer from '@jest/test-sequencer';

const WAITING = ['test/tick-and-kill.spec.ts', 'test/faults-nats.spec.ts', 'test/power-cut.spec.ts'];

export default class WaitingFirst extends TestSequencer {
  sort(tests) {
    const waits = ({ path }) => WAITING.some(name => path.endsWith(name));
    const sorted = super.sort(tests);
    return [...sorted.filter(waits), ...sorted.filter(test => !waits(test))];
  }
}
