/** The outcome that was recorded for a tick: by itself, or within a range of missed ones. */
import {
  EXPLANATION_REASONS,
  type ExplanationReason,
  type ExplanationVerdict,
  type Occurred,
  type Run,
  type RunTrigger,
} from '#contracts';
import { session, type RunEvent } from '#domain';
import { presentRun, type OutcomeEvent } from '#projections';
import type { RunHistory } from './evidence.js';
import type { Finding, Moment } from './moment.js';
import { policyOf } from './policy.js';
import { inBrackets, late, ofAgent, time } from './words.js';

/** The run that is the instant's: recorded for its tick, or a range that holds it. */
export function runOfTick(moment: Moment): RunHistory | undefined {
  const { runs, instant, nominal } = moment;
  const own = runs.find(history => {
    const { scheduled_for, trigger } = factsOf(history);
    return scheduled_for === instant && isByTick(trigger);
  });
  return own ?? (nominal ? runs.find(history => isRangeAround(history, instant)) : undefined);
}

function isRangeAround(history: RunHistory, instant: string): boolean {
  return history.some(event => event.type === 'RunMissed' && event.payload.from <= instant && instant <= event.payload.to);
}

export const isByTick = (trigger: RunTrigger): boolean => trigger === 'schedule' || trigger === 'catch_up';

/** What became of the tick, by its run. */
export function outcomeOf(moment: Moment, history: RunHistory): Finding {
  const decidedBy = outcomeEventOf(history);
  const run = runOf(moment, history);
  const told = tell(moment, history, decidedBy);
  const reason = isReasonOf(run.outcome, told.reason) ? told.reason : 'as_recorded';
  const { scheduled_for, decided_at, lateness_ms } = decidedBy.payload;
  const inRange = scheduled_for !== moment.instant;
  return {
    verdict: run.outcome,
    reason,
    because: told.because,
    policy: told.policy,
    lateness_ms: inRange ? Date.parse(decided_at) - moment.at * 1000 : lateness_ms,
    decidedBy,
    run,
    session: sessionNow(moment, run.session_id),
  };
}

/** The run as the API answers it. */
export function runOf(moment: Moment, history: RunHistory): Run {
  const run = presentRun(history);
  const phase = run.outcome === 'started' ? sessionNow(moment, run.session_id)?.phase : undefined;
  return phase === undefined ? run : { ...run, session_phase: phase };
}

function isReasonOf(verdict: ExplanationVerdict, reason: string): reason is ExplanationReason {
  return EXPLANATION_REASONS[verdict].some(known => known === reason);
}

interface Told {
  readonly reason: string;
  readonly because: string;
  readonly policy: Finding['policy'];
}

function tell(moment: Moment, history: RunHistory, event: Occurred<OutcomeEvent>): Told {
  switch (event.type) {
    case 'RunStarted':
      return started(moment, history, event);
    case 'RunSkipped':
      return skipped(moment, event);
    case 'RunMissed':
      return missed(moment, event);
    case 'RunQueued':
      return queued(moment, event);
    case 'RunDropped':
      return dropped(moment, event);
  }
}

type OutcomeOf<T extends OutcomeEvent['type']> = Extract<Occurred<OutcomeEvent>, { type: T }>;

function started(moment: Moment, history: RunHistory, { payload }: OutcomeOf<'RunStarted'>): Told {
  const { present } = moment;
  const { session_id, lateness_ms, trigger } = payload;
  const session = `session ${session_id}${ofAgent(moment)}`;
  const now = sessionNow(moment, session_id);
  const since = now ? ` The session ${now.deleted ? 'was deleted since' : phaseInWords(now.phase)}.` : '';
  const waited = history.find(event => event.type === 'RunQueued');
  if (waited) {
    const policy = policyOf(present, 'overlap_policy');
    const behind = waited.payload.session_id === undefined ? '' : ` for session ${waited.payload.session_id}`;
    return {
      reason: 'had_waited',
      because: `It waited${behind}${inBrackets(policy)} and started ${session}, ${late(lateness_ms)}.${since}`,
      policy,
    };
  }
  if (trigger === 'catch_up') {
    const policy = policyOf(present, 'catch_up_policy', 'catch_up_window');
    const because = `It was caught up${inBrackets(policy)} and started ${session}, ${late(lateness_ms)}.${since}`;
    return { reason: 'caught_up', because, policy };
  }
  return {
    reason: 'on_schedule',
    because: `It started ${session}, ${late(lateness_ms)}.${since}`,
    policy: policyOf(present, 'overlap_policy', ...(present?.jitter ? (['jitter'] as const) : [])),
  };
}

function skipped(moment: Moment, { payload }: OutcomeOf<'RunSkipped'>): Told {
  const { present } = moment;
  const { reason } = payload;
  switch (reason) {
    case 'active_session': {
      const policy = policyOf(present, 'overlap_policy');
      return { reason, because: `It was skipped: ${inTheWay(moment, payload)}${inBrackets(policy)}.`, policy };
    }
    case 'agent_deleted':
      return {
        reason,
        because: `It was skipped: the agent${ofAgent(moment).replace(' of agent', '')} had been deleted.`,
        policy: {},
      };
    case 'schedule_deleted':
      return { reason, because: 'It was skipped: the schedule was deleted before the tick was decided.', policy: {} };
    case 'forbidden':
      return {
        reason,
        because: 'It was skipped: who made the schedule may no longer create sessions in the project.',
        policy: {},
      };
    default:
      return { reason, because: `It was skipped: ${reason}.`, policy: {} };
  }
}

function missed({ present, instant }: Moment, { payload }: OutcomeOf<'RunMissed'>): Told {
  const { reason, from, to, count, decided_at } = payload;
  const range = count > 1 ? ` It is one of ${count} ticks from ${time(from)} to ${time(to)} that were missed together.` : '';
  const noticed = `nothing was there to decide it until ${time(decided_at)}`;
  const told = (why: string, policy: Told['policy']): Told => ({
    reason,
    because: `It was missed: ${noticed}, ${why}${inBrackets(policy)}.${range}`,
    policy,
  });
  switch (reason) {
    case 'catch_up_none':
      return told('and missed ticks are not caught up', policyOf(present, 'catch_up_policy'));
    case 'outside_catch_up_window': {
      const age = Math.round((Date.parse(decided_at) - Date.parse(instant)) / 1000);
      return told(`${age} s later, which is too late to catch it up`, policyOf(present, 'catch_up_policy', 'catch_up_window'));
    }
    case 'superseded_by_later_tick':
      return told(
        'when a later tick was due, and of missed ticks the newest alone is caught up',
        policyOf(present, 'catch_up_policy'),
      );
    default:
      return told(reason, {});
  }
}

function queued(moment: Moment, { payload }: OutcomeOf<'RunQueued'>): Told {
  const policy = policyOf(moment.present, 'overlap_policy');
  return {
    reason: 'active_session',
    because: `It waits for its turn since ${time(payload.decided_at)}: ${inTheWay(moment, payload)}${inBrackets(policy)}.`,
    policy,
  };
}

function dropped(moment: Moment, { payload }: OutcomeOf<'RunDropped'>): Told {
  const { reason } = payload;
  const policy = policyOf(moment.present, 'overlap_policy');
  const told = (because: string): Told => ({ reason, because: `It was dropped: ${because}${inBrackets(policy)}.`, policy });
  switch (reason) {
    case 'queue_full':
      return told(`${inTheWay(moment, payload)}, and another run was waiting already`);
    case 'superseded':
      return told('while it waited a later run took its place');
    default:
      return told(reason);
  }
}

/** `session S of agent triage was still running`, in the phase of when that was decided. */
function inTheWay(moment: Moment, { session_id, decided_at }: { session_id?: string; decided_at: string }): string {
  if (session_id === undefined) return `another session${ofAgent(moment)} was still active`;
  const events = moment.sessions.get(session_id) ?? [];
  const then = foldSession(events.filter(({ metadata }) => metadata.occurred_at <= decided_at));
  const phase = then?.phase || 'active';
  return `session ${session_id}${ofAgent(moment)} was still ${phase.toLowerCase()}`;
}

const phaseInWords = (phase: string): string => (phase === '' ? 'was not started' : `is ${phase}`);

function sessionNow({ sessions }: Moment, id: string | undefined): Finding['session'] {
  const now = foldSession(sessions.get(id ?? '') ?? []);
  return now && { id: now.id, phase: now.phase, ...(now.deleted ? { deleted: true as const } : {}) };
}

function foldSession(events: readonly Parameters<typeof session.evolve>[1][]) {
  let state = session.initial;
  for (const event of events) state = session.evolve(state, event);
  return state.status === 'absent' ? undefined : { ...state.value, deleted: state.status === 'deleted' };
}

const isOutcome = (event: Occurred<RunEvent>): event is Occurred<OutcomeEvent> => event.type !== 'RunFinished';

/** The event that decided last: what was queued is decided again when its turn comes. */
function outcomeEventOf(history: RunHistory): Occurred<OutcomeEvent> {
  const event = history.findLast(isOutcome);
  if (!event) throw new Error('a run was recorded without an outcome');
  return event;
}

/** What the run is about, whatever became of it. */
export const factsOf = (history: RunHistory) => outcomeEventOf(history).payload;
