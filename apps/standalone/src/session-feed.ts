import { idOf } from '#contracts';
import type { EventStore } from '#event-store';
import { decode } from '#journal';
import type { SessionFeed, SessionSignal } from '#runtime';

/** The runtime's signals straight from the event store of the same process. */
export class EventStoreSessionFeed implements SessionFeed {
  constructor(private readonly eventStore: EventStore) {}

  subscribe(signal: AbortSignal): AsyncIterable<SessionSignal> {
    const head = this.eventStore.head();
    return this.after(head, signal);
  }

  private async *after(head: Promise<string | undefined>, signal: AbortSignal): AsyncIterable<SessionSignal> {
    for await (const { events } of this.eventStore.subscribe({ after: await head, categories: ['session'], signal })) {
      for (const recorded of events) {
        const { type, payload, stream, revision } = decode(recorded);
        if (type !== 'SessionStarted' && type !== 'SessionStopRequested') continue;
        yield {
          type,
          session_id: idOf(stream),
          ...(payload.project_id === undefined ? {} : { project_id: payload.project_id }),
          ...(type === 'SessionStarted' ? { starting_prompt: payload.starting_prompt } : {}),
          revision,
        };
      }
    }
  }
}
