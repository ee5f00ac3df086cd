import { describeEventStore } from '#event-store/testing';
import { MemoryEventStore } from './support/model/memory-event-store.js';

/** The store under the model-based tests promises what the engines promise. */
describeEventStore('the store in memory', () => {
  const store = new MemoryEventStore();
  return Promise.resolve({ store, close: () => store.close() });
});
