import type { CatchUpPolicy, EventOf, OverlapPolicy, Phase, RunOutcome, RunTrigger } from '#contracts';
import { withoutNulls, type Decider } from './decider.js';

/**
 * Stream `scheduledSessionRun-{run_id}`: what became of one tick or one trigger. Exactly one outcome, then perhaps an end; a run that was
 * queued gets its outcome when its turn comes.
 */
export type RunEvent =
  /** A session was started for it. */
  | EventOf<'RunStarted'>
  /** It was due, and a rule said no; `reason` names the rule. */
  | EventOf<'RunSkipped'>
  /** It was due while nothing was running, and the catch-up policy lets it go. May stand for a range of ticks. */
  | EventOf<'RunMissed'>
  /** It waits until no session of the agent is active; `session_id` is the one that was. */
  | EventOf<'RunQueued'>
  /** There was no place to wait, or its place was taken by a later run; `reason` tells which. */
  | EventOf<'RunDropped'>
  /** The session that it started has reached its end. */
  | EventOf<'RunFinished'>;

/** Why a run did not start a session. */
export type SkipReason = 'active_session' | 'agent_deleted' | 'schedule_deleted' | 'forbidden';
export type DropReason = 'queue_full' | 'superseded';
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
  /** Who made the schedule has lost the right to make sessions. */
  readonly forbidden?: true | undefined;
  readonly overlap_policy: OverlapPolicy;
  /** An active session of the agent (of the schedule, where it has no agent). */
  readonly active_session_id?: string | undefined;
  /** Another run of the schedule waits. */
  readonly another_waits?: true | undefined;
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
      /** The turn of a run that was queued has come. */
      readonly type: 'BeginQueued';
      readonly decided_at: string;
      readonly situation: Omit<RunSituation, 'overlap_policy' | 'active_session_id' | 'another_waits' | 'catch_up'>;
      readonly session_id: string;
    }
  | { readonly type: 'SupersedeQueued'; readonly decided_at: string }
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
  /** What a queued run was queued with. */
  readonly queued?: EventOf<'RunQueued'>['payload'];
  readonly finished?: true;
}

export const run: Decider<RunState, RunCommand, RunEvent> = {
  initial: {},

  decide(state, command) {
    switch (command.type) {
      case 'DecideRun': {
        if (state.outcome) return [];
        const { facts, session_id, prompt } = command;
        return [outcomeOf(judge(facts, command.situation), facts, session_id, prompt)];
      }
      case 'BeginQueued': {
        if (!state.queued) return [];
        const { prompt, facts } = queuedAs(state.queued, command.decided_at);
        return [outcomeOf(judgeStart(command.situation) ?? { outcome: 'started' }, facts, command.session_id, prompt)];
      }
      case 'SupersedeQueued': {
        if (!state.queued) return [];
        const { prompt, facts } = queuedAs(state.queued, command.decided_at);
        return [outcomeOf({ outcome: 'dropped', reason: 'superseded' }, facts, '', prompt)];
      }
      case 'MissRange': {
        if (state.outcome) return [];
        const { facts, to, count } = command;
        const reason = decideCatchUp({ ...command.catch_up, newest: false }, { scheduled_for: to, decided_at: facts.decided_at });
        if (!reason) return [];
        return [{ type: 'RunMissed', payload: { ...withLateness(facts), reason, from: facts.scheduled_for, to, count } }];
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
      case 'RunQueued':
        return { ...origin(event.payload), outcome: 'queued', queued: event.payload };
      case 'RunDropped':
        return { ...origin(event.payload), outcome: 'dropped' };
      case 'RunFinished':
        return { ...state, finished: true };
    }
  },
};

const origin = ({ project_id, scheduled_session_id }: RunFacts) => ({ project_id, scheduled_session_id });

type Verdict = OverlapVerdict | StartVerdict | { readonly outcome: 'missed'; readonly reason: MissReason };

type StartVerdict =
  | { readonly outcome: 'started' }
  | { readonly outcome: 'skipped'; readonly reason: SkipReason; readonly session_id?: string | undefined }
  | { readonly outcome: 'dropped'; readonly reason: DropReason; readonly session_id?: string | undefined };

/** The rules in their order: has it begun, was it missed, can it start at all, is the agent free. */
function judge(facts: RunFacts, situation: RunSituation): Verdict {
  const missed = situation.catch_up && decideCatchUp(situation.catch_up, facts);
  if (missed && !situation.has_begun) return { outcome: 'missed', reason: missed };
  return judgeStart(situation) ?? decideOverlap(situation.overlap_policy, situation);
}

/** What is certain before anyone looks whether the agent is free. */
function judgeStart({
  has_begun,
  schedule_deleted,
  agent,
  forbidden,
}: Pick<RunSituation, 'has_begun' | 'schedule_deleted' | 'agent' | 'forbidden'>): StartVerdict | undefined {
  if (has_begun) return { outcome: 'started' };
  if (schedule_deleted) return { outcome: 'skipped', reason: 'schedule_deleted' };
  if (agent === 'deleted') return { outcome: 'skipped', reason: 'agent_deleted' };
  if (forbidden) return { outcome: 'skipped', reason: 'forbidden' };
  return undefined;
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

/** What the overlap policy makes of a run. */
export type OverlapVerdict =
  | { readonly outcome: 'started' }
  | { readonly outcome: 'skipped'; readonly reason: 'active_session'; readonly session_id: string }
  | { readonly outcome: 'dropped'; readonly reason: 'queue_full'; readonly session_id: string }
  /** With policy `replace` the active sessions are asked to stop, and a run that waits gives up its place. */
  | { readonly outcome: 'queued'; readonly session_id: string };

/** From the policy, the session that is active and whether another run of the schedule waits, to what becomes of a run. */
export function decideOverlap(
  policy: OverlapPolicy,
  { active_session_id, another_waits }: Pick<RunSituation, 'active_session_id' | 'another_waits'>,
): OverlapVerdict {
  if (active_session_id === undefined || policy === 'allow') return { outcome: 'started' };
  const session_id = active_session_id;
  switch (policy) {
    case 'skip':
      return { outcome: 'skipped', reason: 'active_session', session_id };
    case 'queue':
      return another_waits ? { outcome: 'dropped', reason: 'queue_full', session_id } : { outcome: 'queued', session_id };
    case 'replace':
      return { outcome: 'queued', session_id };
  }
}

function outcomeOf(verdict: Verdict, facts: RunFacts, session_id: string, prompt: string | undefined): RunEvent {
  const common = withLateness(facts);
  switch (verdict.outcome) {
    case 'started':
      return { type: 'RunStarted', payload: withoutNulls({ ...common, session_id, prompt }) };
    case 'skipped':
    case 'dropped': {
      const type = verdict.outcome === 'skipped' ? 'RunSkipped' : 'RunDropped';
      return { type, payload: withoutNulls({ ...common, reason: verdict.reason, session_id: verdict.session_id, prompt }) };
    }
    case 'queued':
      return { type: 'RunQueued', payload: withoutNulls({ ...common, session_id: verdict.session_id, prompt }) };
    case 'missed': {
      const range = { from: facts.scheduled_for, to: facts.scheduled_for, count: 1 };
      return { type: 'RunMissed', payload: { ...common, reason: verdict.reason, ...range } };
    }
  }
}

const withLateness = (facts: RunFacts) =>
  withoutNulls({ ...facts, lateness_ms: Date.parse(facts.decided_at) - Date.parse(facts.scheduled_for) });

/** What a run was queued with, as of the time that its turn came. */
function queuedAs(queued: EventOf<'RunQueued'>['payload'], decided_at: string) {
  const { prompt, session_id: _, lateness_ms: __, ...facts } = queued;
  return { prompt, facts: { ...facts, decided_at } };
}
