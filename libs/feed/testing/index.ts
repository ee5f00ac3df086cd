export { describeFeedStream, type Broker } from './feed-stream-suite.js';
export { MemoryBroker } from './memory-broker.js';
export { Random } from './random.js';
export { SampleLog } from './sample-log.js';
export { NatsBroker } from './nats-broker.js';
export { contentOfStream, lengthOfStream, PlainSubscriber, type Received } from './plain-subscriber.js';
export { RelayProcess } from './relay-process.js';
