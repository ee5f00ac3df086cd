/** The answer to "why didn't it run?": what was, is or will be due at one instant, what became of it, and what decided that. */
import Type, { type Static } from 'typebox';
import { Actor } from '../events/metadata.js';
import { Timestamp } from '../fields.js';
import { Run, RUN_OUTCOMES, scheduledSessionFields } from '../resources/scheduled-session.js';

/** By verdict: why. Every instant has one of them; that nothing is known about it is not among them. */
export const EXPLANATION_REASONS = {
  not_due: [
    'not_created_yet',
    'deleted',
    'disabled',
    'before_start_at',
    'after_end_at',
    'max_runs_exhausted',
    /** The clock jumps over the local time that the expression names: it is due at another instant, or (hour field `*`) not at all. */
    'clock_gap',
    /** The second time that the clock shows the local time; the first one counts. */
    'clock_overlap',
    /** It is in the expression that was set afterwards. */
    'changed_after',
    /** It was in the expression that was replaced before. */
    'changed_before',
    'not_in_expression',
  ],
  upcoming: ['will_be_due', 'will_be_due_if_runs_are_left'],
  pending: ['awaiting_decision', 'delayed_by_jitter'],
  started: ['on_schedule', 'caught_up', 'had_waited'],
  skipped: ['active_session', 'agent_deleted', 'schedule_deleted', 'forbidden'],
  missed: ['catch_up_none', 'outside_catch_up_window', 'superseded_by_later_tick'],
  queued: ['active_session'],
  dropped: ['queue_full', 'superseded'],
} as const;

export type ExplanationVerdict = keyof typeof EXPLANATION_REASONS;
/** `as_recorded`: the event names a rule that this version has no word for; it stands in `run.reason`. */
export type ExplanationReason = (typeof EXPLANATION_REASONS)[ExplanationVerdict][number] | 'as_recorded';

const VERDICTS = ['not_due', 'upcoming', 'pending', ...RUN_OUTCOMES] as const satisfies readonly ExplanationVerdict[];
const REASONS = [...new Set<ExplanationReason>([...Object.values(EXPLANATION_REASONS).flat(), 'as_recorded'])];

/** Where an event is found in the log, and who caused it when. */
export const EventReference = Type.Object({
  stream: Type.String(),
  revision: Type.Integer({ minimum: 0 }),
  type: Type.String(),
  event_id: Type.String({ format: 'uuid' }),
  actor: Actor,
  occurred_at: Timestamp,
});

const { required, defaulted, nullable, readOnly } = scheduledSessionFields;

/** A schedule as it was configured just before an instant: by this a tick is due, and decided. */
const Configuration = Type.Object({
  revision: Type.Integer({ minimum: 0, description: 'Of the event in the stream of the schedule since which it holds.' }),
  since: Timestamp,
  name: required.name,
  schedule: required.schedule,
  timezone: defaulted.timezone,
  enabled: defaulted.enabled,
  suspended_reason: readOnly.suspended_reason,
  agent_id: Type.Optional(nullable.agent_id),
  start_at: Type.Optional(nullable.start_at),
  end_at: Type.Optional(nullable.end_at),
  max_runs: Type.Optional(nullable.max_runs),
  overlap_policy: defaulted.overlap_policy,
  catch_up_policy: defaulted.catch_up_policy,
  catch_up_window: defaulted.catch_up_window,
  jitter: defaulted.jitter,
  pause_on_failure: defaulted.pause_on_failure,
});

const LocalTime = Type.String({ description: 'RFC 3339 without offset: a time of the clock in the zone of the schedule.' });

export const Explanation = Type.Object({
  kind: Type.Literal('Explanation'),
  scheduled_session_id: Type.String(),
  project_id: Type.String(),
  at: Timestamp,
  local: Type.Optional(Type.String({ description: 'The instant in the offset of the zone of the schedule.' })),
  explained_at: Timestamp,
  due: Type.Boolean(),
  verdict: Type.Enum([...VERDICTS]),
  reason: Type.Enum(REASONS),
  because: Type.String({ description: 'The same for people, in a sentence or two.' }),
  policy: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
    description: 'The fields of the configuration that decided, or will decide, with their values.',
  }),
  lateness_ms: Type.Optional(
    Type.Integer({
      description:
        'From the tick to its decision; while there is none, to this answer. A range of missed ticks has one decision.',
    }),
  ),
  /** Of a tick without outcome: when its run is to start, jitter included. */
  starts_at: Type.Optional(Timestamp),
  decided_by: EventReference,
  run: Type.Optional(Run),
  session: Type.Optional(
    Type.Object(
      { id: Type.String(), phase: Type.String(), deleted: Type.Optional(Type.Literal(true)) },
      { description: 'The session that was started, or that stood in the way, and its phase now.' },
    ),
  ),
  configuration: Type.Optional(Configuration),
  in_expression: Type.Boolean({ description: 'Whether the expression names this instant, the rest of the configuration aside.' }),
  previous_tick: Type.Optional(Timestamp),
  next_tick: Type.Optional(Timestamp),
  clock: Type.Optional(
    Type.Object(
      {
        kind: Type.Enum(['gap', 'overlap']),
        local: LocalTime,
        due_at: Type.Optional(Timestamp),
      },
      {
        description:
          'A change of the clock that has to do with it: a local time that is skipped, or that occurs twice, and when it is due.',
      },
    ),
  ),
  other_runs: Type.Array(Run, { description: 'Runs by hand and backfills of that second, oldest first; at most 100.' }),
});
export type Explanation = Static<typeof Explanation>;
export type EventReference = Static<typeof EventReference>;
