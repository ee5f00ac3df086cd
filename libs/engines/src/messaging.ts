import { connectNats, InProcessBus, InProcessLeases, NatsBus, NatsLeases, systemClock, type Bus, type Leases } from '#bus';
import { NatsFeedStream, runEventFeed, type FeedStream } from '#feed';
import type { NatsConnection, Log } from '#bus';
import type { EventStore } from '#event-store';
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

/** Publishes every event for other services, whenever this process leads. Resolves when `stop` has ended it; without NATS there is no feed. */
export function relayEvents(eventStore: EventStore, { nats, leases }: Messaging, log: Log, stop: AbortSignal): Promise<void> {
  if (!nats) return Promise.resolve();
  const stream: FeedStream = new NatsFeedStream({ connection: nats });
  return leases.lead('event-feed', signal => runEventFeed({ eventStore, stream, log, signal, clock: systemClock }), stop);
}
