export { describeBus } from './bus-suite.js';
export { describeLeases, type Contenders } from './leases-suite.js';
export { ManualClock } from './manual-clock.js';
export { natsFixture, type NatsFixture } from './nats.js';
export { until } from './until.js';
