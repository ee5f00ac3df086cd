/** What an explanation is made from: recorded facts alone. */
import type { EventOf, Occurred } from '#contracts';
import type { RunEvent, ScheduledSessionEvent, SessionEvent } from '#domain';

/** All events of one run, oldest first; never empty. */
export type RunHistory = readonly Occurred<RunEvent>[];
export type RunStart = Occurred<EventOf<'RunStarted'>>;

export interface Evidence {
  /** The instant to explain, whole seconds since 1970. */
  readonly at: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** All events of the schedule, oldest first; never empty. */
  readonly schedule: readonly Occurred<ScheduledSessionEvent>[];
  /** The run of the instant's tick, a range of missed ticks around it, and runs by hand or backfills of that second; oldest first. */
  readonly runs: readonly RunHistory[];
  readonly starts: Starts;
  /** Events of the sessions that the runs name, by id. */
  readonly sessions: ReadonlyMap<string, readonly Occurred<SessionEvent>[]>;
  /** Name of the agent in the configuration that held at the instant. */
  readonly agentName?: string | undefined;
}

/** Runs that ticks (not people) started: what `max_runs` limits. Needed only where the configuration of the instant has a `max_runs`. */
export interface Starts {
  readonly count: number;
  /** In the order of decision, the one with which `max_runs` of that configuration was reached. */
  readonly reaching?: RunStart | undefined;
  /** Of a tick before the instant: the one that was decided last. */
  readonly newestBefore?: RunStart | undefined;
}

export const NO_STARTS: Starts = { count: 0 };
