import type { CatchUpPolicy, EventOf, OverlapPolicy, Phase, RunOutcome, RunTrigger } from '#contracts';
import { withoutNulls, type Decider } from './decider.js';

/** Stream `scheduledSessionRun-{run_id}`: what became of one tick or one manual trigger. Exactly one outcome, then perhaps an end. */
export type RunEvent =
  /** A session was started for it. */
  | EventOf<'RunStarted'>
  /** It was due, and a rule said no; `reason` names the rule. */
  | EventOf<'RunSkipped'>
  /** It was due while nothing was running, and the catch-up policy lets it go. May stand for a range of ticks. */
  | EventOf<'RunMissed'>
  /** The session that it started has reached its end. */
  | EventOf<'RunFinished'>;

/** Why a run did not start a session. */
export type SkipReason = 'active_session' | 'agent_deleted' | 'schedule_deleted';
export type MissReason = 'catch_up_none' | 'outside_catch_up_window' | 'superseded_by_later_tick';

/** What is known of the tick or trigger, whatever its outcome. */
export interface RunFacts {
  readonly project_id: string;
  readonly scheduled_session_id: string;
  readonly agent_id?: string | undefined;
  readonly trigger: RunTrigger;
  /** RFC 3339, as all times here. */
  readonly scheduled_for: string;
  readonly decided_at: string;
  readonly requested_by?: string | undefined;
}

/** What the rules look at when a run is decided. */
export interface RunSituation {
  /** Its session exists: it was decided that it starts, and whoever decided it died before saying so. */
  readonly has_begun?: true | undefined;
  readonly agent: 'none' | 'present' | 'deleted';
  /** The schedule was deleted between its tick and the decision. */
  readonly schedule_deleted: boolean;
  readonly overlap_policy: OverlapPolicy;
  /** An active session of the agent (of the schedule, where it has no agent). */
  readonly active_session_id?: string | undefined;
  /** Set for a tick that fell while nothing was running. */
  readonly catch_up?: CatchUp | undefined;
}

export interface CatchUp {
  readonly policy: CatchUpPolicy;
  /** Seconds. */
  readonly window: number;
  /** No later tick of the schedule is due by now. */
  readonly newest: boolean;
}

export type RunCommand =
  | {
      readonly type: 'DecideRun';
      readonly facts: RunFacts;
      readonly situation: RunSituation;
      /** The session that a start would make. */
      readonly session_id: string;
      readonly prompt?: string | undefined;
    }
  | {
      readonly type: 'MissRange';
      /** `scheduled_for` is the first tick of the range. */
      readonly facts: RunFacts;
      readonly catch_up: Pick<CatchUp, 'policy' | 'window'>;
      /** Last tick of the range. */
      readonly to: string;
      /** Ticks in it. */
      readonly count: number;
    }
  | { readonly type: 'FinishRun'; readonly session_id: string; readonly phase: Phase; readonly finished_at: string };

export interface RunState {
  readonly outcome?: RunOutcome;
  readonly project_id?: string;
  readonly scheduled_session_id?: string;
  readonly session_id?: string | undefined;
  readonly finished?: true;
}

export const run: Decider<RunState, RunCommand, RunEvent> = {
  initial: {},

  decide(state, command) {
    switch (command.type) {
      case 'DecideRun': {
        if (state.outcome) return [];
        const { facts, session_id, prompt } = command;
        const verdict = judge(facts, command.situation);
        const common = withoutNulls({ ...facts, lateness_ms: Date.parse(facts.decided_at) - Date.parse(facts.scheduled_for) });
        switch (verdict.outcome) {
          case 'started':
            return [{ type: 'RunStarted', payload: withoutNulls({ ...common, session_id, prompt }) }];
          case 'skipped':
            return [
              {
                type: 'RunSkipped',
                payload: withoutNulls({ ...common, reason: verdict.reason, session_id: verdict.session_id, prompt }),
              },
            ];
          case 'missed': {
            const range = { from: facts.scheduled_for, to: facts.scheduled_for, count: 1 };
            return [{ type: 'RunMissed', payload: { ...common, reason: verdict.reason, ...range } }];
          }
        }
        return verdict satisfies never;
      }
      case 'MissRange': {
        if (state.outcome) return [];
        const { facts, to, count } = command;
        const reason = decideCatchUp({ ...command.catch_up, newest: false }, { scheduled_for: to, decided_at: facts.decided_at });
        if (!reason) return [];
        const lateness_ms = Date.parse(facts.decided_at) - Date.parse(facts.scheduled_for);
        return [
          { type: 'RunMissed', payload: withoutNulls({ ...facts, lateness_ms, reason, from: facts.scheduled_for, to, count }) },
        ];
      }
      case 'FinishRun': {
        const { project_id, scheduled_session_id, session_id, finished } = state;
        if (finished || !project_id || !scheduled_session_id || session_id !== command.session_id) return [];
        const { phase, finished_at } = command;
        return [{ type: 'RunFinished', payload: { project_id, scheduled_session_id, session_id, phase, finished_at } }];
      }
    }
  },

  evolve(state, event) {
    switch (event.type) {
      case 'RunStarted':
        return { ...origin(event.payload), outcome: 'started', session_id: event.payload.session_id };
      case 'RunSkipped':
        return { ...origin(event.payload), outcome: 'skipped' };
      case 'RunMissed':
        return { ...origin(event.payload), outcome: 'missed' };
      case 'RunFinished':
        return { ...state, finished: true };
    }
  },
};

const origin = ({ project_id, scheduled_session_id }: RunFacts) => ({ project_id, scheduled_session_id });

type Verdict =
  | { readonly outcome: 'started' }
  | { readonly outcome: 'skipped'; readonly reason: SkipReason; readonly session_id?: string | undefined }
  | { readonly outcome: 'missed'; readonly reason: MissReason };

/** The rules in their order: has it begun, was it missed, can it start at all, is the agent free. */
function judge(facts: RunFacts, situation: RunSituation): Verdict {
  if (situation.has_begun) return { outcome: 'started' };
  const missed = situation.catch_up && decideCatchUp(situation.catch_up, facts);
  if (missed) return { outcome: 'missed', reason: missed };
  if (situation.schedule_deleted) return { outcome: 'skipped', reason: 'schedule_deleted' };
  if (situation.agent === 'deleted') return { outcome: 'skipped', reason: 'agent_deleted' };
  return decideOverlap(situation.overlap_policy, situation.active_session_id);
}

/** Why a tick that fell while nothing was running is let go, or undefined when it runs now. */
export function decideCatchUp(
  { policy, window, newest }: CatchUp,
  tick: Pick<RunFacts, 'scheduled_for' | 'decided_at'>,
): MissReason | undefined {
  const inWindow = Date.parse(tick.decided_at) - Date.parse(tick.scheduled_for) <= window * 1000;
  switch (policy) {
    case 'none':
      return 'catch_up_none';
    case 'latest':
      return newest ? (inWindow ? undefined : 'outside_catch_up_window') : 'superseded_by_later_tick';
    case 'all':
      return inWindow ? undefined : 'outside_catch_up_window';
  }
}

/** What the overlap policy makes of a run, given the session that is active. */
export function decideOverlap(policy: OverlapPolicy, activeSessionId: string | undefined): Verdict {
  switch (policy) {
    case 'allow':
      return { outcome: 'started' };
    case 'skip':
      return activeSessionId === undefined
        ? { outcome: 'started' }
        : { outcome: 'skipped', reason: 'active_session', session_id: activeSessionId };
  }
}
