import { randomUUID } from 'node:crypto';
import type {
  EventStore,
  EventToAppend,
  ExpectedRevision,
  StreamWrite,
  SubscribeOptions,
  SubscriptionBatch,
} from '../src/event-store.js';

/** A category that no other test and no earlier run on the same engine has used. */
export function aCategory(): string {
  return `test${randomUUID().replaceAll('-', '')}`;
}

/** A stream of a category of its own, unless one is given. */
export function aStream(category: string = aCategory()): string {
  return `${category}-${randomUUID()}`;
}

/** An event with an id of its own. */
export function anEvent(data = '{"n":1}', id: string = randomUUID()): EventToAppend {
  return { id, type: 'SomethingHappened', data, metadata: '{"actor":"test"}' };
}

/** As many events, each with its number in the data. */
export function someEvents(count: number): EventToAppend[] {
  return Array.from({ length: count }, (_, n) => anEvent(JSON.stringify({ n })));
}

export function aWrite(stream: string, expected: ExpectedRevision, events: readonly EventToAppend[]): StreamWrite {
  return { stream, expected, events };
}

/** The ids, in order: enough to tell which events those are. */
export function idsOf(events: readonly EventToAppend[]): string[] {
  return events.map(({ id }) => id);
}

/** Reads a subscription until the condition holds for all batches so far, then ends it. */
export async function followUntil(
  store: EventStore,
  options: Omit<SubscribeOptions, 'signal'>,
  done: (batches: readonly SubscriptionBatch[]) => boolean | Promise<boolean>,
): Promise<SubscriptionBatch[]> {
  const ending = new AbortController();
  const batches: SubscriptionBatch[] = [];
  for await (const batch of store.subscribe({ ...options, signal: ending.signal })) {
    batches.push(batch);
    if (await done(batches)) ending.abort();
  }
  return batches;
}
