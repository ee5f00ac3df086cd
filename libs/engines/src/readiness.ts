/** What must work for a service to be ready. */
import type { Bus } from '#bus';
import type { EventStore } from '#event-store';
import { parkedEvents, type ReadBarrier } from '#projections';
import type { ReadStore } from '#read-store';
import { metrics, type ReadinessCheck } from '#service';

const LAG_WAIT_MS = 1000;

/** The event store answers. */
export const eventStoreCheck = (eventStore: EventStore): ReadinessCheck => ({
  name: 'event_store',
  check: async () => void (await eventStore.head()),
});

/** The read store answers, its documents keep up with the log, and no event is parked. */
export const projectionChecks = (readStore: ReadStore, barrier: ReadBarrier): readonly ReadinessCheck[] => [
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
];

/** The broker answers, and every message could be handled. */
export const deadLettersCheck = (bus: Bus): ReadinessCheck => ({
  name: 'dead_letters',
  check: async () => {
    const { length } = await bus.deadLetters();
    metrics.deadLetters.set(length);
    return length === 0 ? undefined : `${length} messages could not be handled`;
  },
});
