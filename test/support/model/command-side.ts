/** The command side as one process has it: the real handlers, put together by hand, without HTTP and without Nest. */
import type { Sealer } from '#access';
import {
  streams,
  type DomainEvent,
  type OverlapPolicy,
  type Phase,
  type ScheduledSessionCreate,
  type TriggerRequested,
} from '#contracts';
import {
  access,
  agent,
  scheduledSession,
  session,
  type AccessCommand,
  type AgentCommand,
  type Decider,
  type ScheduledSessionCommand,
} from '#domain';
import { Journal } from '#journal';
import { Caller, CallerRoles, repeatableIds, type RequestContext } from '#service';
import { StartAgent, StartAgentHandler } from '../../../apps/command-api/src/agents/start-agent.command.js';
import { CutOffRuns } from '../../../apps/command-api/src/housekeeping/cut-off-runs.js';
import { LostTurns } from '../../../apps/command-api/src/housekeeping/lost-turns.js';
import { RunDecider } from '../../../apps/command-api/src/scheduled-sessions/decide-run.js';
import { DecideTick, DecideTickHandler } from '../../../apps/command-api/src/scheduled-sessions/decide-tick.command.js';
import { NextTurns } from '../../../apps/command-api/src/scheduled-sessions/next-turns.js';
import { RunEnds } from '../../../apps/command-api/src/scheduled-sessions/run-ends.js';
import { RunStart } from '../../../apps/command-api/src/scheduled-sessions/run-start.js';
import { SchedulePolicies } from '../../../apps/command-api/src/scheduled-sessions/schedule-policies.js';
import {
  TriggerScheduledSession,
  TriggerScheduledSessionHandler,
} from '../../../apps/command-api/src/scheduled-sessions/trigger.command.js';
import { WaitingRuns } from '../../../apps/command-api/src/scheduled-sessions/waiting-runs.js';
import {
  DeleteSession,
  DeleteSessionHandler,
  ReportStatus,
  ReportStatusHandler,
} from '../../../apps/command-api/src/sessions/session.commands.js';
import { ActiveWork } from '../../../apps/command-api/src/support/active-work.js';
import type { CaughtUpReads } from '../../../apps/command-api/src/support/caught-up-reads.js';
import { Commands } from '../../../apps/command-api/src/support/commands.js';
import { Prompts } from '../../../apps/command-api/src/support/prompts.js';
import { Secrets } from '../../../apps/command-api/src/support/secrets.js';
import { Starting } from '../../../apps/command-api/src/support/starting.js';
import type { ModelClock } from './model-clock.js';
import type { ModelReads } from './model-reads.js';
import type { OneProcess } from './one-process.js';

export const PROJECT = 'blue';
export const CREATOR = 'ann';

/** A request of a user, who repeats it under its key until it is answered. */
export interface Request {
  readonly key: string;
  /** When it was accepted first; milliseconds since 1970. */
  readonly now: number;
  isRepetition?: boolean;
}

const SEALER = { openEnvironment: (text: string) => text, sealEnvironment: (text: string) => text } as unknown as Sealer;

export class CommandSide {
  readonly commands: Commands;
  readonly starting: Starting;
  private readonly ticks: DecideTickHandler;
  private readonly triggers: TriggerScheduledSessionHandler;
  private readonly agents: StartAgentHandler;
  private readonly reports: ReportStatusHandler;
  private readonly deletions: DeleteSessionHandler;
  private readonly cutOffRuns: CutOffRuns;
  private readonly lostTurns: LostTurns;

  constructor(
    readonly process: OneProcess,
    reads: ModelReads,
    private readonly clock: ModelClock,
  ) {
    const journal = new Journal(process);
    const caughtUp = {
      find: async (query: Parameters<CaughtUpReads['find']>[0]) => {
        await process.turn();
        return reads.find(query);
      },
    } as CaughtUpReads;
    const commands = (this.commands = new Commands(journal));
    const prompts = new Prompts(journal);
    const secrets = new Secrets(SEALER);
    const starting = (this.starting = new Starting(commands, journal, prompts));
    const runStart = new RunStart(commands, starting, new CallerRoles(journal));
    const ends = new RunEnds(commands, starting);
    const policies = new SchedulePolicies(commands);
    const waiting = new WaitingRuns(commands, starting, runStart, ends, policies);
    const turns = new NextTurns(waiting);
    const work = new ActiveWork(caughtUp);
    const runs = new RunDecider(commands, starting, runStart, ends, waiting, policies, work);
    this.ticks = new DecideTickHandler(commands, runs, work, clock);
    this.triggers = new TriggerScheduledSessionHandler(commands, runs, secrets);
    this.agents = new StartAgentHandler(commands, starting, prompts, secrets);
    this.reports = new ReportStatusHandler(commands, ends, turns, secrets);
    this.deletions = new DeleteSessionHandler(commands, ends, turns);
    this.cutOffRuns = new CutOffRuns(caughtUp, commands, ends, turns);
    this.lostTurns = new LostTurns(caughtUp, journal, waiting);
  }

  decide(request: TriggerRequested): Promise<unknown> {
    return this.ticks.execute(new DecideTick(request));
  }

  /** The prompt tells a reader of the log by which policy the run was decided. */
  trigger(request: Request, scheduleId: string, overlap_policy: OverlapPolicy): Promise<unknown> {
    const options = { overlap_policy, prompt: `overlap=${overlap_policy}` };
    return this.triggers.execute(new TriggerScheduledSession(this.context(request), PROJECT, scheduleId, options));
  }

  startAgent(request: Request, agentId: string): Promise<unknown> {
    return this.agents.execute(new StartAgent(this.context(request), PROJECT, agentId, undefined));
  }

  report(request: Request, sessionId: string, phase: Phase): Promise<unknown> {
    return this.reports.execute(new ReportStatus(this.context(request), sessionId, { phase }));
  }

  deleteSession(request: Request, sessionId: string): Promise<unknown> {
    return this.deletions.execute(new DeleteSession(this.context(request), sessionId));
  }

  stop(request: Request, sessionId: string): Promise<unknown> {
    return this.does(session, streams.session(sessionId), { type: 'StopSession' }, request);
  }

  createSchedule(request: Request, id: string, fields: ScheduledSessionCreate): Promise<unknown> {
    const command = { type: 'CreateScheduledSession', project_id: PROJECT, created_by_user_id: CREATOR, fields } as const;
    return this.does(scheduledSession, streams.scheduledSession(id), command, request);
  }

  changeSchedule(request: Request, id: string, command: ScheduledSessionCommand): Promise<unknown> {
    return this.does(scheduledSession, streams.scheduledSession(id), command, request);
  }

  changeAgent(request: Request, id: string, command: AgentCommand): Promise<unknown> {
    return this.does(agent, streams.agent(id), command, request);
  }

  changeAccess(request: Request, command: AccessCommand): Promise<unknown> {
    return this.does(access, streams.access(PROJECT), command, request);
  }

  async keepHouse(): Promise<void> {
    const { signal } = new AbortController();
    await this.cutOffRuns.finish(this.clock.now(), signal);
    await this.lostTurns.give(this.clock.now(), signal);
  }

  private does<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    command: C,
    request: Request,
  ): Promise<unknown> {
    return this.commands.run('model', async () =>
      this.commands.commit(await this.commands.plan(decider, stream, command, this.context(request))),
    );
  }

  private context({ key, now, isRepetition = false }: Request): RequestContext {
    const caller = new Caller({ id: CREATOR, kind: 'user', roles: [] }, ['project:editor']);
    return { caller, operationId: key, now, ids: repeatableIds(now, key), idempotencyKey: key, isRepetition };
  }
}
