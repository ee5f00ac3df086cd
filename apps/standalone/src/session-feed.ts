import { idOf } from '#contracts';
import type { EventStore } from '#event-store';
import { SIGNALS, type SessionFeed, type SessionSignal } from '#runtime';

/** The runtime's signals straight from the event store of the same process. */
export class EventStoreSessionFeed implements SessionFeed {
  constructor(private readonly eventStore: EventStore) {}

  subscribe(signal: AbortSignal): AsyncIterable<SessionSignal> {
    const head = this.eventStore.head();
    // Whoever reads the signals hears of it.
    head.catch(() => undefined);
    return this.after(head, signal);
  }

  private async *after(head: Promise<string | undefined>, signal: AbortSignal): AsyncIterable<SessionSignal> {
    for await (const { events } of this.eventStore.subscribe({ after: await head, categories: ['session'], signal })) {
      for (const recorded of events) {
        const type = SIGNALS.find(signal => signal === recorded.type);
        if (type) yield { type, session_id: idOf(recorded.stream) };
      }
    }
  }
}
