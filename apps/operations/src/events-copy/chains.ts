import { hashOf } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { asStored, EMPTY_TAIL, type Tail } from '#journal';

/** Verifies the hash chains of all streams at once, their events in the order of the log. */
export class Chains {
  readonly #tails = new Map<string, Tail>();

  /** @throws {Error} an event is not the one that was appended there: names its stream and revision */
  follow(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      const next = tailAfter(event, this.#tails.get(event.stream) ?? EMPTY_TAIL);
      this.#tails.set(event.stream, next);
    }
  }
}

function tailAfter(event: RecordedEvent, before: Tail): Tail {
  try {
    return verified(event, before);
  } catch (error) {
    const { stream, revision } = event;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`the hash chain of stream ${stream} is broken in the source at revision ${revision}: ${reason}`, {
      cause: error,
    });
  }
}

/** @throws {Error} why the event is not the one that was appended here */
function verified(event: RecordedEvent, before: Tail): Tail {
  const { id, revision } = event;
  if (revision !== before.revision + 1) throw new Error(`revision ${before.revision + 1} was due`);
  const stored = asStored(event);
  const { event_id, prev_hash, hash } = stored.metadata;
  if (prev_hash !== before.hash) throw new Error('prev_hash is not the hash of the event before');
  if (hash !== hashOf(stored)) throw new Error('the content does not have the hash it claims');
  if (event_id !== id) throw new Error(`its id is ${id}, but ${event_id} was hashed`);
  return { revision, hash };
}
