/** The events of one schedule and of its runs, as they stand in the log: what a {@link TickLedger} folds. */
import { runIdOf, streams, type EventOf, type EventType, type Occurred } from '#contracts';
import { scheduledSessionDefaults, type ScheduledSessionChanges, type ScheduledSessionCreate } from '#contracts';
import type { RunEvent, ScheduledSessionEvent } from '#domain';

export const SCHEDULE = '2QnBvYb4ZJk9eTfMhXgPcRsAduW';
export const SESSION = '2QnBvYb4ZJk9eTfMhXgPcRsAduX';
export const PROJECT = 'blue';

/** Whole seconds since 1970 of a time on 1 February 2026, UTC: `at('09:00')`, `at('09:00:30')`. */
export const at = (time: string): number => Date.parse(`2026-02-01T${time.length === 5 ? `${time}:00` : time}.000Z`) / 1000;

/** As the events write it. */
export const instantOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

function happened<T extends EventType>(stream: string, second: number, type: T, payload: EventOf<T>['payload']) {
  const metadata = {
    event_id: 'e',
    schema_version: 1,
    occurred_at: instantOf(second),
    actor: { id: 'ann', kind: 'user' },
    correlation_id: 'c',
    causation_id: 'c',
    prev_hash: '',
    hash: '',
  } as const;
  return { type, payload, stream, revision: 0, position: '0', metadata };
}

type ScheduleFact = Occurred<ScheduledSessionEvent>;
type Outcome = Occurred<Exclude<RunEvent, { type: 'RunFinished' }>>;

const ofSchedule = <T extends ScheduledSessionEvent['type']>(second: number, type: T, payload: EventOf<T>['payload']) =>
  happened(streams.scheduledSession(SCHEDULE), second, type, payload) as unknown as ScheduleFact;

export const created = (second: number, fields: Omit<ScheduledSessionCreate, 'name'>): ScheduleFact =>
  ofSchedule(second, 'ScheduledSessionCreated', {
    project_id: PROJECT,
    created_by_user_id: 'ann',
    name: 'nightly',
    ...scheduledSessionDefaults,
    ...fields,
  });
export const updated = (second: number, changes: ScheduledSessionChanges): ScheduleFact =>
  ofSchedule(second, 'ScheduledSessionUpdated', { project_id: PROJECT, changes });
export const suspended = (second: number): ScheduleFact =>
  ofSchedule(second, 'ScheduledSessionSuspended', { project_id: PROJECT });
export const resumed = (second: number): ScheduleFact => ofSchedule(second, 'ScheduledSessionResumed', { project_id: PROJECT });
export const deleted = (second: number): ScheduleFact => ofSchedule(second, 'ScheduledSessionDeleted', { project_id: PROJECT });

function outcome<T extends Outcome['type']>(tick: number, type: T, rest: object): Outcome {
  const facts = {
    project_id: PROJECT,
    scheduled_session_id: SCHEDULE,
    trigger: 'schedule',
    scheduled_for: instantOf(tick),
    decided_at: instantOf(tick),
    lateness_ms: 0,
  };
  const stream = streams.run(runIdOf(SCHEDULE, instantOf(tick)));
  return happened(stream, tick, type, { ...facts, ...rest } as unknown as EventOf<T>['payload']) as unknown as Outcome;
}
export const started = (tick: number): Outcome => outcome(tick, 'RunStarted', { session_id: SESSION });
export const triggeredByHand = (second: number): Outcome =>
  outcome(second, 'RunStarted', { session_id: SESSION, trigger: 'manual' });
export const skipped = (tick: number): Outcome => outcome(tick, 'RunSkipped', { reason: 'active_session', session_id: SESSION });
export const missed = (from: number, to = from, count = 1): Outcome =>
  outcome(from, 'RunMissed', { reason: 'catch_up_none', from: instantOf(from), to: instantOf(to), count, trigger: 'catch_up' });
