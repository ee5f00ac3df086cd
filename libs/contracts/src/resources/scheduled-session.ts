import Type, { type Static } from 'typebox';
import { changesOf, createBodyOf, Instant, Ksuid, Name, ProjectName, resourceOf, Text, Timestamp } from '../fields.js';
import { sessionLimits } from './session.js';

export const OVERLAP_POLICIES = ['skip', 'queue', 'replace', 'allow'] as const;
/** What becomes of a run whose agent is busy. */
export type OverlapPolicy = (typeof OVERLAP_POLICIES)[number];
export const OverlapPolicy = Type.Enum([...OVERLAP_POLICIES]);

export const CATCH_UP_POLICIES = ['none', 'latest', 'all'] as const;
/** What becomes of ticks that were missed while nothing was running. */
export type CatchUpPolicy = (typeof CATCH_UP_POLICIES)[number];
export const CatchUpPolicy = Type.Enum([...CATCH_UP_POLICIES]);

/** A ScheduledSession starts a session of an agent on a cron schedule in a real time zone. */
export const scheduledSessionFields = {
  required: {
    name: Name,
    schedule: Type.String({
      maxLength: 255,
      description: 'A cron expression of five fields, or @hourly, @daily, @weekly, @monthly, @yearly.',
    }),
  },
  defaulted: {
    timezone: Type.String({ maxLength: 64, description: 'An IANA time zone name.' }),
    enabled: Type.Boolean(),
    overlap_policy: OverlapPolicy,
    catch_up_policy: CatchUpPolicy,
    catch_up_window: Type.Integer({ minimum: 0, maximum: 31_536_000, description: 'Seconds.' }),
    jitter: Type.Integer({ minimum: 0, maximum: 3600, description: 'Seconds by which the start of a tick may be delayed.' }),
    pause_on_failure: Type.Boolean({ description: 'A run whose session fails suspends the schedule.' }),
  },
  nullable: {
    description: Text,
    agent_id: Type.String({ minLength: 1, maxLength: 64, description: 'An agent of the same project.' }),
    session_prompt: Text,
    ...sessionLimits,
    start_at: Instant,
    end_at: Instant,
    max_runs: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  },
  readOnly: {
    project_id: ProjectName,
    created_by_user_id: Type.String(),
    suspended_reason: Type.Optional(Type.String()),
    last_run_at: Type.Optional(Timestamp),
    next_run_at: Type.Optional(Timestamp),
    runs_count: Type.Integer({ minimum: 0 }),
  },
};

export const scheduledSessionDefaults = {
  timezone: 'UTC',
  enabled: true,
  overlap_policy: 'skip',
  catch_up_policy: 'latest',
  catch_up_window: 3600,
  jitter: 0,
  pause_on_failure: false,
} as const;

export const ScheduledSessionCreate = createBodyOf(scheduledSessionFields);
export const ScheduledSessionChanges = changesOf(scheduledSessionFields);
export const ScheduledSession = resourceOf(scheduledSessionFields);

/** Optional body of suspend and resume. */
export const WithReason = Type.Object({ reason: Type.Optional(Type.String({ maxLength: 1024 })) });
/** Optional body of a manual trigger: both apply to this run alone. */
export const Trigger = Type.Object({ prompt: Type.Optional(Text), overlap_policy: Type.Optional(OverlapPolicy) });

/** An expression and a zone to try. Their lengths are not limited here: what is wrong with them is what the answer says. */
export const ScheduleValidate = Type.Object({
  schedule: Type.String(),
  timezone: Type.Optional(Type.String()),
  count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000, description: 'How many ticks; default 10.' })),
});
/** Runs for ticks of the past, from the first instant to the last, both included. */
export const Backfill = Type.Object({
  from: Instant,
  to: Instant,
  overlap_policy: Type.Optional(OverlapPolicy),
  dry_run: Type.Optional(Type.Boolean({ description: 'Answer the ticks, and run none.' })),
});

export const BULK_ACTIONS = ['suspend', 'resume', 'trigger', 'delete'] as const;
export type BulkAction = (typeof BULK_ACTIONS)[number];
/** One action on every schedule of a project that a search finds. */
export const ScheduledSessionAction = Type.Object({
  action: Type.Enum([...BULK_ACTIONS]),
  search: Type.String({
    minLength: 1,
    pattern: '\\S',
    description: "a search as lists take it, for example name like 'nightly-%'",
  }),
  reason: WithReason.properties.reason,
});

export const RUN_TRIGGERS = ['schedule', 'catch_up', 'manual', 'backfill'] as const;
export type RunTrigger = (typeof RUN_TRIGGERS)[number];
export const RunTrigger = Type.Enum([...RUN_TRIGGERS]);

export const RUN_OUTCOMES = ['started', 'skipped', 'missed', 'queued', 'dropped'] as const;
export type RunOutcome = (typeof RUN_OUTCOMES)[number];
export const RunOutcome = Type.Enum([...RUN_OUTCOMES]);

/** What became of one tick or one manual trigger. */
export const Run = Type.Object({
  id: Type.String({ format: 'uuid' }),
  scheduled_session_id: Ksuid,
  project_id: ProjectName,
  agent_id: Type.Optional(Type.String()),
  trigger: RunTrigger,
  scheduled_for: Timestamp,
  decided_at: Timestamp,
  lateness_ms: Type.Integer(),
  outcome: RunOutcome,
  reason: Type.Optional(Type.String()),
  session_id: Type.Optional(Ksuid),
  session_phase: Type.Optional(Type.String()),
  prompt: Type.Optional(Type.String()),
  requested_by: Type.Optional(Type.String()),
  finished_at: Type.Optional(Timestamp),
  /** Of a range of missed ticks: its last tick, and how many it holds. */
  missed_through: Type.Optional(Timestamp),
  missed_count: Type.Optional(Type.Integer({ minimum: 1 })),
});

export type ScheduledSessionCreate = Static<typeof ScheduledSessionCreate>;
export type ScheduledSessionChanges = Static<typeof ScheduledSessionChanges>;
export type ScheduledSession = Static<typeof ScheduledSession>;
export type Run = Static<typeof Run>;
