import Type, { type Static } from 'typebox';
import { Ksuid, ProjectName, Timestamp } from '../fields.js';

/**
 * The scheduler asks for the decision on one due tick. `trigger` is `catch_up` for a tick that fell while nothing was running.
 * A range of ticks that were certainly never asked for one by one (all older than {@link RANGE_AGE_S}) may come as one message:
 * `scheduled_for` is its first tick, `missed_through` its last.
 */
export const TriggerRequested = Type.Object({
  scheduled_session_id: Ksuid,
  project_id: ProjectName,
  scheduled_for: Timestamp,
  trigger: Type.Enum(['schedule', 'catch_up']),
  requested_at: Timestamp,
  missed_through: Type.Optional(Timestamp),
});
export type TriggerRequested = Static<typeof TriggerRequested>;

export const TRIGGER_REQUESTED = 'ambient.trigger.requested';

/** `ambient.trigger.requested.{project_id}.{scheduled_session_id}` */
export const triggerSubject = (message: TriggerRequested): string =>
  `${TRIGGER_REQUESTED}.${message.project_id}.${message.scheduled_session_id}`;

/** A request is worth nothing this long after it was made (seconds): an undecided tick is asked for again. */
export const REQUEST_EXPIRY_S = 3600;
/** Only ticks older than this (seconds) may be decided as a range. A request for one of them alone is then checked against the ranges first. */
export const RANGE_AGE_S = 2 * REQUEST_EXPIRY_S;
