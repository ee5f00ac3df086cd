import type { EventMetadata } from '#contracts';
import type { EventStore, Position } from '#event-store';

/** How far a projection is behind the log. */
export interface Lag {
  readonly events: number;
  /** Age of the oldest event that is not projected yet; 0 when there is none. */
  readonly seconds: number;
}

/** The lag of a projection that has reached `position`, at `now` (milliseconds since 1970). */
export async function lagOf(events: EventStore, position: Position | undefined, now: number): Promise<Lag> {
  const [oldest] = await events.readAll({ after: position, limit: 1 });
  if (!oldest) return { events: 0, seconds: 0 };
  const { occurred_at } = JSON.parse(oldest.metadata) as EventMetadata;
  return { events: await events.countAfter(position), seconds: Math.max(0, (now - Date.parse(occurred_at)) / 1000) };
}
