/** What the system does about a session that its runtime does not end in time. Times are milliseconds since 1970. */
import type { Occurred, Phase, SessionStatus } from '#contracts';
import { session, type SessionEvent, type SessionState } from '#domain';

/** A runtime has so long to keep a deadline by itself, and again to end a session that was asked to stop for it. */
const GRACE_MS = 30_000;
/** A session that was asked to stop for another reason is given up when nothing came of it for so long. */
const STOP_GRACE_MS = 120_000;

export type DeadlineReason = 'timeout' | 'inactivity_timeout';

/** As much of a session as tells whether it overstays. */
export interface SessionLife {
  readonly phase: Phase | '';
  /** Seconds; 0 and undefined: none. */
  readonly timeout?: number | undefined;
  readonly inactivity_timeout?: number | undefined;
  /** Of its last start: when it was let in. */
  readonly startedAt: number;
  /** When its runtime says that it began. */
  readonly startTime?: number | undefined;
  /** The last report, or the last message. */
  readonly lastSign: number;
  readonly stop?: { readonly at: number; readonly deadline?: DeadlineReason | undefined } | undefined;
  /** Of the last event that this was read from. */
  readonly revision: number;
}

export type Step =
  | { readonly step: 'stop'; readonly reason: DeadlineReason }
  | { readonly step: 'end'; readonly reason: DeadlineReason | 'stop_requested'; readonly phase: 'Failed' | 'Stopped' };

/**
 * @param events all of the session's stream
 * @param lastActivity when the last message came, RFC 3339
 */
export function lifeOf(events: readonly Occurred<SessionEvent>[], lastActivity: string | undefined): SessionLife | undefined {
  let state: SessionState = session.initial;
  let startedAt = Number.NEGATIVE_INFINITY;
  let lastSign = lastActivity === undefined ? Number.NEGATIVE_INFINITY : Date.parse(lastActivity);
  let stop: SessionLife['stop'];
  for (const event of events) {
    state = session.evolve(state, event);
    const at = Date.parse(event.metadata.occurred_at);
    switch (event.type) {
      case 'SessionStarted':
        startedAt = at;
        stop = undefined;
        break;
      case 'SessionStopRequested':
        stop = { at, deadline: event.metadata.actor.kind === 'policy' ? deadlineIn(event.payload.reason) : undefined };
        break;
      case 'SessionStatusReported':
        lastSign = Math.max(lastSign, at);
        break;
      default:
    }
  }
  if (state.status !== 'present') return undefined;
  const { phase, timeout, inactivity_timeout, start_time } = state.value;
  const startTime = start_time === undefined ? undefined : Date.parse(start_time);
  const revision = events.at(-1)?.revision ?? -1;
  return { phase, timeout, inactivity_timeout, startedAt, startTime, lastSign, stop, revision };
}

/** What is due now; nothing while its runtime may still do it. */
export function nextStep(life: SessionLife, now: number): Step | undefined {
  switch (life.phase) {
    case 'Pending':
    case 'Creating':
    case 'Running': {
      const reason = missedDeadline(life, now - GRACE_MS);
      return reason && { step: 'stop', reason };
    }
    case 'Stopping':
      return stepWhileStopping(life, now);
    case '':
    case 'Stopped':
    case 'Completed':
    case 'Failed':
      return undefined;
    default:
      return life.phase satisfies never;
  }
}

function stepWhileStopping(life: SessionLife, now: number): Step | undefined {
  const { stop, lastSign } = life;
  if (!stop) {
    // Its runtime said by itself that it stops: only a deadline tells when that has taken too long.
    const reason = missedDeadline(life, now - 2 * GRACE_MS);
    return reason && { step: 'end', reason, phase: 'Failed' };
  }
  if (stop.deadline) return now - stop.at >= GRACE_MS ? { step: 'end', reason: stop.deadline, phase: 'Failed' } : undefined;
  if (now - Math.max(stop.at, lastSign) < STOP_GRACE_MS) return undefined;
  return { step: 'end', reason: 'stop_requested', phase: 'Stopped' };
}

/** The deadline that had passed at an instant. One that waits to be taken up is not inactive: nothing is to be seen of it yet. */
function missedDeadline(life: SessionLife, at: number): DeadlineReason | undefined {
  const { phase, timeout, inactivity_timeout, startedAt, startTime, lastSign } = life;
  const began = startTime ?? startedAt;
  if (timeout && at >= began + timeout * 1000) return 'timeout';
  if (inactivity_timeout && phase !== 'Pending' && at >= Math.max(began, lastSign) + inactivity_timeout * 1000)
    return 'inactivity_timeout';
  return undefined;
}

/** The report that a runtime would have made, and that says that none did. */
export function endStatus({ phase, reason }: Extract<Step, { step: 'end' }>, life: SessionLife, at: string): SessionStatus {
  const message = `${whatHappened(reason, life)}, and no runtime reported its end`;
  return { phase, completion_time: at, conditions: JSON.stringify([{ type: 'Lost', reason, message, at }]) };
}

function whatHappened(reason: DeadlineReason | 'stop_requested', { timeout, inactivity_timeout }: SessionLife): string {
  switch (reason) {
    case 'timeout':
      return `ran longer than its timeout of ${timeout} s`;
    case 'inactivity_timeout':
      return `put nothing out for its inactivity_timeout of ${inactivity_timeout} s`;
    case 'stop_requested':
      return 'a stop was requested';
  }
}

const deadlineIn = (reason: string | undefined): DeadlineReason | undefined =>
  reason === 'timeout' || reason === 'inactivity_timeout' ? reason : undefined;
