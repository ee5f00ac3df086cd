import { afterAll, beforeAll, describe } from '@jest/globals';
import { describeWithEngine } from '#testing';
import { describeBus, natsFixture, type NatsFixture } from '../../testing/index.js';

describeWithEngine('nats', 'with a real NATS', url => {
  // Within: the hooks of the engine are around those of the suite.
  describe('NatsBus', () => {
    let nats: NatsFixture;
    beforeAll(async () => void (nats = await natsFixture(url())));
    afterAll(() => nats.close());

    describeBus('NatsBus', async topic => nats.bus(topic));
  });
});
