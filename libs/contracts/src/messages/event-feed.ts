/** The event feed: what other services get of every event, as CloudEvents 1.0 in NATS messages (binary mode). */
import Type from 'typebox';
import { Timestamp } from '../fields.js';

export const EVENT_FEED = 'ambient.events';

/** Stands in a subject where an event belongs to no project. No project can be called so. */
export const NO_PROJECT = '_';

/** `ce-source` of every event. */
export const EVENT_SOURCE = '/ambient/events';

/** Streams of our own bookkeeping: their events are in the feed like all others, but they may change with any release. */
export const INTERNAL_CATEGORIES: readonly string[] = ['idempotency', 'nameClaim', 'occupancy'];

/** `ambient.events.{project_id}.{category}.{EventType}` */
export const eventSubject = (projectId: string | undefined, category: string, type: string): string =>
  `${EVENT_FEED}.${projectId ?? NO_PROJECT}.${category}.${type}`;

/** `ce-type`: says what the body is, with the version of its schema. */
export const cloudEventType = (category: string, type: string, version: number): string =>
  `ambient.${category}.${type}.v${version}`;

/** A header of W3C Trace Context. */
export const TRACEPARENT = '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]*)?$';

/** Headers of every CloudEvent here. Values of `ce-` headers are percent-encoded where they leave printable ASCII. */
const cloudEvent = {
  'ce-specversion': Type.Literal('1.0'),
  'ce-type': Type.String({ minLength: 1, description: 'What happened, and the version of the schema of the body.' }),
  'ce-time': Timestamp,
  'content-type': Type.Literal('application/json'),
};

export const EventHeaders = Type.Object({
  ...cloudEvent,
  'Nats-Msg-Id': Type.String({ format: 'uuid', description: 'Equals ce-id.' }),
  'ce-id': Type.String({
    format: 'uuid',
    description: 'The event id: the same for the same event, however often it is delivered.',
  }),
  'ce-source': Type.Literal(EVENT_SOURCE),
  'ce-subject': Type.String({ minLength: 1, description: 'Id of the aggregate whose event this is.' }),
  'ce-sequence': Type.String({
    minLength: 1,
    description: 'Position in the whole log. Compared as text, it tells which of two events was committed first.',
  }),
  traceparent: Type.Optional(
    Type.String({ pattern: TRACEPARENT, description: 'W3C Trace Context of the cause, where it had one.' }),
  ),
});

export const TriggerHeaders = Type.Object({
  ...cloudEvent,
  'Nats-Msg-Id': Type.String({
    format: 'uuid',
    description: 'The run id; when the same tick is asked for again, an id made of it and the number of the attempt.',
  }),
  'ce-id': Type.String({ format: 'uuid', description: 'The run id.' }),
  'ce-source': Type.Literal('/ambient/scheduler'),
  'ce-subject': Type.String({ minLength: 1, description: 'Id of the scheduled session.' }),
});
