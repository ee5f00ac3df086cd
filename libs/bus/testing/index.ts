export { describeBus } from './bus-suite.js';
export { describeLeases, type Contenders } from './leases-suite.js';
export { ManualClock } from './manual-clock.js';
export { until } from './until.js';
