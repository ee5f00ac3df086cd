/** What the start of a session for a run consists of, and what has to be known before it. */
import { Inject, Injectable } from '@nestjs/common';
import { sessionIdOfRun, streams, type RunTrigger } from '#contracts';
import { agent, session, withoutNulls, type RunSituation, type Schedule } from '#domain';
import type { Plan } from '#journal';
import { CallerRoles, type RequestContext } from '#service';
import { fieldsFromAgent } from '../agents/start-agent.command.js';
import { Commands } from '../support/commands.js';
import { Starting, type Occupancy, type Occupant } from '../support/starting.js';
import { contextOfRun } from '../support/run-context.js';

/** A run that may start a session. */
export interface StartingRun {
  readonly runId: string;
  readonly schedule: Schedule;
  readonly scheduleDeleted: boolean;
  readonly trigger: RunTrigger;
  readonly scheduled_for: string;
  readonly prompt: string | undefined;
}

/** What speaks for and against a start, whether or not the agent is free. */
export type StartSituation = Pick<RunSituation, 'has_begun' | 'schedule_deleted' | 'agent' | 'forbidden'>;

export const occupantOf = ({ project_id, agent_id, id }: Schedule): Occupant => ({
  project_id,
  agent_id,
  scheduled_session_id: id,
});

@Injectable()
export class RunStart {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
    @Inject(CallerRoles) private readonly roles: CallerRoles,
  ) {}

  async situation({ runId, schedule, scheduleDeleted, trigger, scheduled_for }: StartingRun): Promise<StartSituation> {
    const begun = await this.commands.journal.load(session, streams.session(sessionIdOfRun(runId, scheduled_for)));
    return {
      has_begun: begun.state.status === 'absent' ? undefined : true,
      schedule_deleted: scheduleDeleted,
      agent: await this.agentOf(schedule),
      forbidden: (await this.isForbidden(schedule, trigger)) ? true : undefined,
    };
  }

  /** The session that a run starts: admitted, created and started, unless it has begun already. */
  async plans(run: StartingRun, has_begun: true | undefined, occupancy: Occupancy, cause: RequestContext): Promise<Plan[]> {
    const { schedule, scheduled_for, prompt, runId } = run;
    const sessionId = sessionIdOfRun(runId, scheduled_for);
    if (has_begun) return [];
    // The ids follow from the run, whoever starts it: a start that was cut off by a crash may be completed by another cause.
    const context: RequestContext = { ...cause, ids: contextOfRun(runId, cause.now).ids };
    const admission = occupancy.active.includes(sessionId)
      ? []
      : [this.starting.admit(occupantOf(schedule), occupancy, sessionId, context)];
    const { plans } = await this.starting.createStarted(
      sessionId,
      {
        origin: withoutNulls({
          project_id: schedule.project_id,
          agent_id: schedule.agent_id,
          created_by_user_id: schedule.created_by_user_id,
          scheduled_session_id: schedule.id,
          scheduled_for,
          run_id: runId,
        }),
        fields: withoutNulls({
          ...(await this.fieldsOfAgent(schedule)),
          name: `${schedule.name}-${compact(scheduled_for)}`,
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

  /** Of runs that a person asked for, that person's permission was checked. */
  private async isForbidden({ created_by_user_id, project_id }: Schedule, trigger: RunTrigger): Promise<boolean> {
    if (trigger === 'manual' || trigger === 'backfill') return false;
    return this.roles.hasLost('editor', created_by_user_id, project_id);
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
}

/** `20260131T090000Z` of `2026-01-31T09:00:00.000Z`. */
const compact = (at: string): string => at.replace(/\.\d{3}/, '').replaceAll(/[-:]/g, '');
