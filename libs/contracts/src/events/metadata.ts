import Type, { type Static } from 'typebox';
import { Timestamp } from '../fields.js';

export const Actor = Type.Object({
  id: Type.String({ minLength: 1 }),
  kind: Type.Enum(['user', 'service', 'scheduler', 'runtime', 'policy']),
});
/** Who caused an event. */
export type Actor = Static<typeof Actor>;

const Sha256 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal.' });

/** What every event carries beside its payload. */
export const EventMetadata = Type.Object({
  event_id: Type.String({ format: 'uuid' }),
  schema_version: Type.Integer({ minimum: 1 }),
  occurred_at: Timestamp,
  actor: Actor,
  /** The same for everything that follows from one request or tick. */
  correlation_id: Type.String(),
  /** The event, request or tick that caused this one. */
  causation_id: Type.String(),
  /** W3C Trace Context, where the cause had one. */
  traceparent: Type.Optional(Type.String()),
  /** The HTTP request, where one was the cause. */
  operation_id: Type.Optional(Type.String()),
  /** `hash` of the stream's event before this one; 64 zeros for the first. */
  prev_hash: Sha256,
  hash: Sha256,
});
export type EventMetadata = Static<typeof EventMetadata>;
