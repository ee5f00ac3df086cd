/** Decides one tick or trigger: occupancy, session and run in an order that a crash may cut anywhere and a repetition completes. */
import { Inject, Injectable } from '@nestjs/common';
import { sessionIdOfRun, streams, type OverlapPolicy } from '#contracts';
import { run, withoutNulls, type CatchUp, type RunFacts, type RunState, type Schedule } from '#domain';
import type { Plan } from '#journal';
import type { RequestContext } from '#service';
import { ActiveWork } from '../support/active-work.js';
import { Commands } from '../support/commands.js';
import { Starting, type Occupancy } from '../support/starting.js';
import { countOutcome } from '../support/count-outcome.js';
import { RunEnds } from './run-ends.js';
import { occupantOf, RunStart, type StartingRun } from './run-start.js';
import { SchedulePolicies } from './schedule-policies.js';
import { WaitingRuns } from './waiting-runs.js';

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
    @Inject(RunStart) private readonly runStart: RunStart,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(WaitingRuns) private readonly waiting: WaitingRuns,
    @Inject(SchedulePolicies) private readonly policies: SchedulePolicies,
    @Inject(ActiveWork) private readonly work: ActiveWork,
  ) {}

  /** The run's outcome, decided now or, by whoever came first, before; none when its schedule has started as many as it may. */
  async decide(due: DueRun, context: RequestContext): Promise<RunState> {
    return this.ends.finishIfEnded(await this.decideOnce(due, context), context);
  }

  private async decideOnce(due: DueRun, context: RequestContext): Promise<RunState> {
    const occupant = occupantOf(due.schedule);
    // Who waits has been here before this one.
    await this.waiting.settle(occupant, context.now);
    // Occupancy before run: what is decided after this read moves the occupancy, and the append below finds out.
    const occupancy = await this.starting.occupancy(occupant, context.now);
    const known = await this.commands.journal.load(run, streams.run(due.runId));
    if (known.state.outcome) return known.state;

    const { schedule, facts, scheduleDeleted, prompt, runId } = due;
    const starting: StartingRun = { ...facts, runId, schedule, scheduleDeleted, prompt };
    const session_id = sessionIdOfRun(runId, facts.scheduled_for);
    const situation = await this.runStart.situation(starting);
    // Counted behind the occupancy: whoever lets another run of the schedule start or wait meanwhile moves that.
    if (!situation.has_begun && (await this.isExhausted(due))) return known.state;
    const decided = this.commands.planOn(
      run,
      streams.run(runId),
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
          ...situation,
          overlap_policy: due.overlapPolicy,
          active_session_id: occupancy.active.findLast(id => id !== session_id),
          another_waits: occupancy.waiting.some(other => isAnother(other, due)) ? true : undefined,
          catch_up: due.catchUp,
        },
        session_id,
        prompt,
      },
      context,
    );
    const before =
      decided.state.outcome === 'started'
        ? await this.runStart.plans(starting, situation.has_begun, occupancy, context)
        : decided.state.outcome === 'queued'
          ? await this.queue(due, occupancy, context)
          : await this.policies.afterDecision(schedule, decided, context);
    await this.commands.commit(...before, decided);
    countOutcome(decided);
    // Who lost a place to it is told; and the session in its way may have ended while it came to wait.
    if (decided.state.outcome === 'queued') await this.waiting.settle(occupant, context.now);
    return decided.state;
  }

  /** The ticks of a schedule start so many sessions at most; what a person asks for does not count. */
  private async isExhausted({ schedule: { id, max_runs }, facts: { trigger } }: DueRun): Promise<boolean> {
    if (max_runs === undefined || trigger === 'manual' || trigger === 'backfill') return false;
    return (await this.work.scheduledStarts(id)) >= max_runs;
  }

  private async queue(
    { runId, schedule, overlapPolicy }: DueRun,
    occupancy: Occupancy,
    context: RequestContext,
  ): Promise<Plan[]> {
    const replaces = overlapPolicy === 'replace';
    const entry = { run_id: runId, scheduled_session_id: schedule.id };
    return [
      this.starting.enqueue(occupantOf(schedule), occupancy, entry, replaces, context),
      ...(replaces ? await this.policies.stop(occupancy.active, context) : []),
    ];
  }
}

const isAnother = (
  other: { readonly run_id: string; readonly scheduled_session_id: string; readonly superseded?: true | undefined },
  { runId, schedule }: DueRun,
): boolean => other.scheduled_session_id === schedule.id && other.run_id !== runId && !other.superseded;
