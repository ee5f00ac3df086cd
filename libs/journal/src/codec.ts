/** Between the events of the catalog and the texts that an event store holds. */
import {
  canonicalJson,
  EVENTS,
  GENESIS_HASH,
  hashOfParts,
  matches,
  upcast,
  type Actor,
  type DomainEvent,
  type EventMetadata,
  type Occurred,
} from '#contracts';
import type { EventToAppend, RecordedEvent } from '#event-store';

/** Who does something, when, and what led to it. */
export interface Cause {
  readonly actor: Actor;
  /** RFC 3339, UTC, 3 fractional digits. */
  readonly occurred_at: string;
  readonly correlation_id: string;
  readonly causation_id: string;
  readonly operation_id?: string | undefined;
  readonly traceparent?: string | undefined;
}

/** The end of a stream: what the next event is chained to. Revision -1 when there is no event. */
export interface Tail {
  readonly revision: number;
  readonly hash: string;
}

export const EMPTY_TAIL: Tail = { revision: -1, hash: GENESIS_HASH };

/** An event ready to append, and the tail that it makes. */
export interface Encoded {
  readonly event: EventToAppend;
  readonly metadata: EventMetadata;
  readonly tail: Tail;
}

/**
 * Chains an event to the end of its stream.
 * @throws {TypeError} when the event does not have the shape that the catalog gives its type: a defect of the decider
 */
export function encode(stream: string, tail: Tail, event: DomainEvent, eventId: string, cause: Cause): Encoded {
  const { version, payload: schema } = EVENTS[event.type];
  if (!matches(schema, event.payload)) throw new TypeError(`${event.type} was decided with a payload that its schema refuses`);
  const revision = tail.revision + 1;
  const chained = {
    event_id: eventId,
    schema_version: version,
    occurred_at: cause.occurred_at,
    actor: cause.actor,
    correlation_id: cause.correlation_id,
    causation_id: cause.causation_id,
    ...(cause.operation_id === undefined ? {} : { operation_id: cause.operation_id }),
    ...(cause.traceparent === undefined ? {} : { traceparent: cause.traceparent }),
    prev_hash: tail.hash,
  };
  const payload = canonicalJson(event.payload);
  const unhashed = canonicalJson(chained);
  const hash = hashOfParts({ stream, revision, type: event.type, payload, metadata: unhashed });
  return {
    event: { id: eventId, type: event.type, data: payload, metadata: `${unhashed.slice(0, -1)},"hash":"${hash}"}` },
    metadata: { ...chained, hash },
    tail: { revision, hash },
  };
}

/**
 * An event of the catalog, at its latest schema version, from what the store holds.
 * @throws {UnknownEvent} when the log is newer than this program
 * @throws {SyntaxError} when the stored texts are not JSON
 */
export function decode(recorded: RecordedEvent): Occurred {
  const metadata = JSON.parse(recorded.metadata) as EventMetadata;
  const event = upcast(recorded.type, metadata.schema_version, JSON.parse(recorded.data) as Record<string, unknown>);
  return { ...event, stream: recorded.stream, revision: recorded.revision, position: recorded.position, metadata };
}

/** An event as it was stored, not upcast: what its hash was taken over. */
export function asStored(recorded: RecordedEvent) {
  return {
    stream: recorded.stream,
    revision: recorded.revision,
    type: recorded.type,
    payload: JSON.parse(recorded.data) as Record<string, unknown>,
    metadata: JSON.parse(recorded.metadata) as EventMetadata,
  };
}
