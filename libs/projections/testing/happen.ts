import type { DomainEvent, EventOf, EventType, Occurred } from '#contracts';
import { deterministicUuid, ksuid } from '#contracts';

/** An event as a projection gets it. Its position follows from the minute at which it happens. */
export function occurred<T extends EventType>(
  stream: string,
  revision: number,
  type: T,
  payload: EventOf<T>['payload'],
  at = '2026-01-01T00:00:00.000Z',
): Occurred<Extract<DomainEvent, { type: T }>> {
  const metadata = {
    event_id: deterministicUuid(stream, String(revision)),
    schema_version: 1,
    occurred_at: at,
    actor: { id: 'ann', kind: 'user' as const },
    correlation_id: 'test',
    causation_id: 'test',
    prev_hash: '0'.repeat(64),
    hash: '0'.repeat(64),
  };
  const position = String(Math.floor(Date.parse(at) / 60_000)).padStart(20, '0');
  return { type, payload, stream, revision, position, metadata } as unknown as Occurred<Extract<DomainEvent, { type: T }>>;
}

/** A KSUID that is the same for the same name. */
export const idFor = (name: string): string =>
  ksuid(Date.UTC(2026, 0, 1), Buffer.from(deterministicUuid(name).replaceAll('-', ''), 'hex'));

/** The documents that a chain of events makes, one after the other. */
export function after<D, E extends DomainEvent>(
  projection: (before: D | undefined, event: Occurred<E>) => D,
  events: readonly Occurred<E>[],
): D {
  let document: D | undefined;
  for (const event of events) document = projection(document, event);
  return document!;
}
