/** What the feed says of an event: a CloudEvent 1.0 in the binary mode of its NATS binding. */
import {
  categoryOf,
  cloudEventType,
  EVENT_SOURCE,
  EventMetadata,
  EVENTS,
  eventSubject,
  idOf,
  matches,
  ProjectName,
  TRACEPARENT,
  upcast,
  type EventType,
} from '#contracts';
import type { Position, RecordedEvent } from '#event-store';

/** A message of the feed. */
export interface FeedMessage {
  readonly subject: string;
  /** The event id: the broker keeps a message of one id once within its duplicate window. */
  readonly id: string;
  /** Of the event in the log. */
  readonly position: Position;
  readonly headers: Readonly<Record<string, string>>;
  /** The payload as JSON text. */
  readonly data: string;
}

/**
 * The message of an event. The payload is lifted to its latest schema version; an event that is newer than this program (of an unknown
 * type, or of a later version) goes out as it was written, which is the latest that anyone knows.
 * @throws {Error} when it can't be told: its texts are no JSON, lack what every event has, or hold what their schema refuses
 */
export function feedMessageOf(recorded: RecordedEvent): FeedMessage {
  const { stream, type, position } = recorded;
  const metadata: unknown = JSON.parse(recorded.metadata);
  if (!matches(EventMetadata, metadata)) throw new TypeError('its metadata lack what every event has');
  const { event_id: id, occurred_at, traceparent = '' } = metadata;
  const category = categoryOf(stream);
  if (!TOKEN.test(category) || !TOKEN.test(type)) throw new TypeError(`"${category}.${type}" can't stand in a subject`);
  const { version, payload, data } = latest(recorded, metadata.schema_version);
  return {
    subject: eventSubject(projectOf(payload), category, type),
    id,
    position,
    headers: {
      'ce-specversion': '1.0',
      'ce-id': id,
      'ce-source': EVENT_SOURCE,
      'ce-type': cloudEventType(category, type, version),
      'ce-time': occurred_at,
      'ce-subject': encodeHeader(idOf(stream)),
      'ce-sequence': encodeHeader(position),
      'content-type': 'application/json',
      ...(TRACE_CONTEXT.test(traceparent) ? { traceparent } : {}),
    },
    data,
  };
}

/** One part of a subject. */
const TOKEN = /^[\w-]+$/;
const TRACE_CONTEXT = new RegExp(TRACEPARENT);

interface Latest {
  readonly version: number;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly data: string;
}

function latest({ type, data }: RecordedEvent, version: number): Latest {
  const payload: unknown = JSON.parse(data);
  if (!isObject(payload)) throw new TypeError('its payload is no JSON object');
  const known = Object.hasOwn(EVENTS, type) ? EVENTS[type as EventType] : undefined;
  if (!known || version > known.version) return { version, payload, data };
  const lifted = upcast(type, version, payload).payload;
  if (!matches(known.payload, lifted)) throw new TypeError('its payload is not what the schema of its type asks for');
  return { version: known.version, payload: lifted, data: lifted === payload ? data : JSON.stringify(lifted) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const projectOf = ({ project_id }: Readonly<Record<string, unknown>>): string | undefined =>
  matches(ProjectName, project_id) ? project_id : undefined;

/**
 * A value of a CloudEvents attribute as a header: what is no printable ASCII, and blank, `"` and `%`, is percent-encoded UTF-8
 * (CloudEvents 1.0.2, HTTP protocol binding 3.1.3.2, to which the NATS binding leads).
 */
export const encodeHeader = (text: string): string => text.replace(/[^!#$&-~]/gu, encodeURIComponent);

/** The value behind a header. What is not encoded stays as it is. */
export function decodeHeader(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
