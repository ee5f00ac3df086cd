import { afterEach, describe, expect, it } from '@jest/globals';
import { ReadStoreUnavailable, type DocumentSet } from '#read-store';
import { contentOf, History, MemoryEventStore, Random, ReadStores } from '../testing/index.js';
import { Projector } from './projector.js';

/** A set of an engine without transactions: every other time it is cut off after some of the collections. */
const cutOff = (set: DocumentSet, random: Random): DocumentSet => ({
  get: (collection, ids) => set.get(collection, ids),
  find: query => set.find(query),
  scan: collection => set.scan(collection),
  checkpoint: () => set.checkpoint(),
  apply: async (updates, checkpoint) => {
    if (random.below(2) === 0) return set.apply(updates, checkpoint);
    const names = [...new Set(updates.map(({ collection }) => collection))];
    const written = names.slice(0, random.below(names.length));
    await set.apply(
      updates.filter(({ collection }) => written.includes(collection)),
      '',
    );
    throw new ReadStoreUnavailable('cut off');
  },
});

describe('a projector whose writes are cut off in the middle', () => {
  const stores = new ReadStores();
  afterEach(() => stores.clear());

  it.each(Array.from({ length: 8 }, (_, seed) => seed))(
    'ends with what one makes that is never disturbed (history %i)',
    async seed => {
      const random = new Random(seed);
      const events = new MemoryEventStore();
      await new History(random).live(2500, events);
      const [disturbed, undisturbed] = [await stores.make(), await stores.make()];
      await new Projector(events, undisturbed.live, { poison: 'stop' }).catchUp();
      const set = cutOff(disturbed.live, random);
      for (let done = false; !done;) {
        const projector = new Projector(events, set, { poison: 'stop', batchSize: 100 + random.below(900) });
        done = await projector.catchUp().then(
          () => true,
          (error: unknown) => {
            if (error instanceof ReadStoreUnavailable) return false;
            throw error;
          },
        );
      }
      expect(await contentOf(disturbed.live)).toEqual(await contentOf(undisturbed.live));
    },
  );
});
