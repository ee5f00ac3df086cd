import type { Bus } from '#bus';
import type { EventStore } from '#event-store';
import { parkedEvents, type ReadBarrier } from '#projections';
import type { ReadStore } from '#read-store';
import { metrics, type ReadinessCheck } from '#service';

const LAG_WAIT_MS = 1000;

/** What must work for the embedded engines to be ready: both stores, projections that keep up, no parked events, no dead letters. */
export const readinessOf = (
  eventStore: EventStore,
  readStore: ReadStore,
  barrier: ReadBarrier,
  bus: Bus,
): readonly ReadinessCheck[] => [
  { name: 'event_store', check: async () => void (await eventStore.head()) },
  {
    name: 'projections',
    check: async () => {
      const caughtUp = await barrier.waitForHead(LAG_WAIT_MS);
      const behind = caughtUp.reached ? 0 : caughtUp.lagEvents;
      metrics.projectionLag.set(behind);
      return caughtUp.reached ? undefined : `the read models are ${behind} events behind`;
    },
  },
  {
    name: 'parked_events',
    check: async () => {
      const { total } = await readStore.live.find({ collection: parkedEvents.name, orderBy: [], offset: 0, limit: 0 });
      metrics.parkedEvents.set(total);
      return total === 0 ? undefined : `${total} events are parked`;
    },
  },
  {
    name: 'dead_letters',
    check: async () => {
      const { length } = await bus.deadLetters();
      metrics.deadLetters.set(length);
      return length === 0 ? undefined : `${length} messages could not be handled`;
    },
  },
];
