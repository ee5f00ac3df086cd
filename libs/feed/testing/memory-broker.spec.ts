import { describeFeedStream } from './feed-stream-suite.js';
import { MemoryBroker } from './memory-broker.js';

describeFeedStream('The broker of the tests', async () => new MemoryBroker());
