/** Decides one tick or trigger: run, session and occupancy in an order that a crash may cut anywhere and a repetition completes. */
import { Inject, Injectable } from '@nestjs/common';
import { isTerminal, sessionIdOfRun, streams, type OverlapPolicy } from '#contracts';
import { agent, run, session, withoutNulls, type CatchUp, type RunFacts, type RunState, type Schedule } from '#domain';
import type { Plan } from '#journal';
import { instant, metrics, type RequestContext } from '#service';
import { fieldsFromAgent } from '../agents/start-agent.command.js';
import { Commands } from '../support/commands.js';
import { Starting, type Occupancy } from '../support/starting.js';

export interface DueRun {
  readonly runId: string;
  /** The schedule by which it is decided: as it was at the tick. */
  readonly schedule: Schedule;
  readonly scheduleDeleted: boolean;
  readonly facts: Omit<RunFacts, 'project_id' | 'scheduled_session_id' | 'agent_id'>;
  readonly overlapPolicy: OverlapPolicy;
  readonly prompt: string | undefined;
  readonly catchUp?: CatchUp | undefined;
}

@Injectable()
export class RunDecider {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
  ) {}

  /** The run's outcome, decided now or, by whoever came first, before. */
  async decide(due: DueRun, context: RequestContext): Promise<RunState> {
    const state = await this.decideOnce(due, context);
    return state.outcome === 'started' && !state.finished ? this.finishIfEnded(due.runId, state, context) : state;
  }

  private async decideOnce(due: DueRun, context: RequestContext): Promise<RunState> {
    const { journal } = this.commands;
    const { schedule, facts } = due;
    const occupant = { project_id: schedule.project_id, agent_id: schedule.agent_id, scheduled_session_id: schedule.id };
    // Occupancy before run: what is decided after this read moves the occupancy, and the admission below finds out.
    const occupancy = await this.starting.occupancy(occupant, context.now);
    const known = await journal.load(run, streams.run(due.runId));
    if (known.state.outcome) return known.state;

    const sessionId = sessionIdOfRun(due.runId, facts.scheduled_for);
    const begun = await journal.load(session, streams.session(sessionId));
    const has_begun = begun.state.status === 'absent' ? undefined : true;
    const decided = this.commands.planOn(
      run,
      streams.run(due.runId),
      known,
      {
        type: 'DecideRun',
        facts: withoutNulls({
          ...facts,
          project_id: schedule.project_id,
          scheduled_session_id: schedule.id,
          agent_id: schedule.agent_id,
        }),
        situation: {
          has_begun,
          schedule_deleted: due.scheduleDeleted,
          agent: await this.agentOf(schedule),
          overlap_policy: due.overlapPolicy,
          active_session_id: occupancy.active.findLast(id => id !== sessionId),
          catch_up: due.catchUp,
        },
        session_id: sessionId,
        prompt: due.prompt,
      },
      context,
    );
    const start = has_begun
      ? await this.starting.firstMessage(sessionId, schedule.project_id, due.prompt, context)
      : decided.state.outcome === 'started'
        ? await this.start(due, occupancy, sessionId, context)
        : [];
    await this.commands.commit(...start, decided);
    this.count(decided);
    return decided.state;
  }

  /** Its session may have ended before the run was told to have started: then whoever reported the end found no run to end with it. */
  private async finishIfEnded(runId: string, state: RunState, context: RequestContext): Promise<RunState> {
    const { journal } = this.commands;
    const { state: started } = await journal.load(session, streams.session(state.session_id ?? ''));
    if (started.status !== 'present') return state;
    const { id, phase, completion_time } = started.value;
    if (phase === '' || !isTerminal(phase)) return state;
    const command = { type: 'FinishRun', session_id: id, phase, finished_at: completion_time ?? instant(context.now) } as const;
    const finished = await this.commands.plan(run, streams.run(runId), command, context);
    await this.commands.commit(finished);
    return finished.state;
  }

  private async start(due: DueRun, occupancy: Occupancy, sessionId: string, context: RequestContext): Promise<Plan[]> {
    const { schedule, facts, prompt, runId } = due;
    const occupant = { project_id: schedule.project_id, agent_id: schedule.agent_id, scheduled_session_id: schedule.id };
    const admission = occupancy.active.includes(sessionId) ? [] : [this.starting.admit(occupant, occupancy, sessionId, context)];
    const { plans } = await this.starting.createStarted(
      sessionId,
      {
        origin: withoutNulls({
          project_id: schedule.project_id,
          agent_id: schedule.agent_id,
          created_by_user_id: schedule.created_by_user_id,
          scheduled_session_id: schedule.id,
          scheduled_for: facts.scheduled_for,
          run_id: runId,
        }),
        fields: withoutNulls({
          ...(await this.fieldsOfAgent(schedule)),
          name: `${schedule.name}-${compact(facts.scheduled_for)}`,
          prompt,
          timeout: schedule.timeout,
          inactivity_timeout: schedule.inactivity_timeout,
          stop_on_run_finished: schedule.stop_on_run_finished,
          runner_type: schedule.runner_type,
        }),
      },
      context,
    );
    return [...admission, ...plans];
  }

  private async agentOf({ agent_id }: Schedule): Promise<'none' | 'present' | 'deleted'> {
    if (agent_id === undefined) return 'none';
    const { state } = await this.commands.journal.load(agent, streams.agent(agent_id));
    return state.status === 'present' ? 'present' : 'deleted';
  }

  private async fieldsOfAgent({ agent_id }: Schedule) {
    if (agent_id === undefined) return {};
    const { state } = await this.commands.journal.load(agent, streams.agent(agent_id));
    return state.status === 'present' ? fieldsFromAgent(state.value) : {};
  }

  private count({ encoded }: Plan<RunState>): void {
    for (const { event } of encoded) {
      const { reason = '', trigger } = JSON.parse(event.data) as { reason?: string; trigger: string };
      metrics.runs.inc({ outcome: event.type.replace('Run', '').toLowerCase(), reason, trigger });
    }
  }
}

/** `20260131T090000Z` of `2026-01-31T09:00:00.000Z`. */
const compact = (at: string): string => at.replace(/\.\d{3}/, '').replaceAll(/[-:]/g, '');
