import { connectNats, InProcessBus, InProcessLeases, NatsBus, NatsLeases, systemClock, type Bus, type Leases } from '#bus';
import { NatsFeedStream, runEventFeed, type FeedProgress } from '#feed';
import type { NatsConnection, Log } from '#bus';
import type { EventStore } from '#event-store';
import { metrics, type ReadinessCheck } from '#service';
import type { NatsAddress } from './addresses.js';

/** Everything that travels between services. */
export interface Messaging {
  readonly bus: Bus;
  readonly leases: Leases;
  /** Undefined: messages travel inside the process. */
  readonly nats: NatsConnection | undefined;
  close(): Promise<void>;
}

export interface MessagingOptions {
  readonly log: Log;
  /** What the broker's monitoring calls this process. */
  readonly name: string;
  /** Ends the wait for a broker that is not there yet. */
  readonly signal?: AbortSignal;
}

export async function openMessaging(
  address: NatsAddress | undefined,
  { log, name, signal }: MessagingOptions,
): Promise<Messaging> {
  if (!address) {
    const bus = new InProcessBus({ clock: systemClock, log });
    return { bus, leases: new InProcessLeases({ log }), nats: undefined, close: () => bus.close() };
  }
  const connection = await connectNats({ ...address, log, name, signal });
  const bus = new NatsBus({ connection, log });
  return {
    bus,
    leases: new NatsLeases({ connection, log }),
    nats: connection,
    close: async () => {
      await bus.close();
      await connection.close();
    },
  };
}

export interface Relay {
  /** Resolves when `stop` has ended it. */
  readonly done: Promise<void>;
  /** No event had to be left out of the feed. */
  readonly check: ReadinessCheck;
}

/** Publishes every event for other services, whenever this process leads. Without NATS there is no feed. */
export function relayEvents(eventStore: EventStore, { nats, leases }: Messaging, log: Log, stop: AbortSignal): Relay {
  let leftOut = 0;
  const check: ReadinessCheck = {
    name: 'event_feed',
    check: () => Promise.resolve(leftOut === 0 ? undefined : `${leftOut} events are left out`),
  };
  if (!nats) return { done: Promise.resolve(), check };
  const stream = new NatsFeedStream({ connection: nats });
  const onProgress = (progress: FeedProgress): void => {
    leftOut = progress.leftOut;
    metrics.feedLeftOut.set(leftOut);
  };
  const done = leases.lead(
    'event-feed',
    signal => runEventFeed({ eventStore, stream, log, signal, clock: systemClock, onProgress }),
    stop,
  );
  return { done, check };
}
