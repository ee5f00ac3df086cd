import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import {
  RANGE_AGE_S,
  REQUEST_EXPIRY_S,
  runIdOf,
  sessionIdOfRun,
  streams,
  type Occurred,
  type TriggerRequested,
} from '#contracts';
import {
  run,
  scheduleBefore,
  session,
  type CatchUp,
  type Fact,
  type RunFacts,
  type Schedule,
  type ScheduledSessionEvent,
} from '#domain';
import { countTicks, isTick, nextTick, parseSchedule, previousTick, startOfTick } from '#schedule';
import { CLOCK, instant, type Clock, type RequestContext } from '#service';
import { ActiveWork } from '../support/active-work.js';
import { Commands } from '../support/commands.js';
import { SerialQueues } from '../support/serial-queues.js';
import { RunDecider } from './decide-run.js';
import { contextOfRun } from '../support/run-context.js';

/** What became of a request for a decision. */
export type TickDecision = 'decided' | 'not_due' | 'expired';

/** The scheduler's request: whether it is due, and what becomes of it, is decided here. */
export class DecideTick extends Command<TickDecision> {
  constructor(readonly request: TriggerRequested) {
    super();
  }
}

@CommandHandler(DecideTick)
export class DecideTickHandler implements ICommandHandler<DecideTick> {
  private readonly bySchedule = new SerialQueues();

  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(RunDecider) private readonly runs: RunDecider,
    @Inject(ActiveWork) private readonly work: ActiveWork,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  execute({ request }: DecideTick): Promise<TickDecision> {
    // One after the other within a schedule: max_runs counts what was decided before.
    return this.bySchedule.run(request.scheduled_session_id, () => this.commands.run('DecideTick', () => this.decide(request)));
  }

  private async decide(request: TriggerRequested): Promise<TickDecision> {
    const now = this.clock.now();
    if (now - Date.parse(request.requested_at) > REQUEST_EXPIRY_S * 1000) return 'expired';
    const events = (await this.commands.journal.events(
      streams.scheduledSession(request.scheduled_session_id),
    )) as Occurred<ScheduledSessionEvent>[];
    const schedule = dueSchedule(events, request);
    if (!schedule) return 'not_due';
    const runId = runIdOf(schedule.id, request.scheduled_for);
    if (!(await this.hasRunsLeft(schedule)) && !(await this.hasBegun(runId, request.scheduled_for))) return 'not_due';
    if (await this.isDecidedOtherwise(schedule, request, now)) return 'decided';
    const context = contextOfRun(runId, now);
    const catchUp = request.trigger === 'catch_up' ? catchUpOf(schedule, request, now) : undefined;
    const facts = { trigger: request.trigger, scheduled_for: request.scheduled_for, decided_at: instant(now) };
    if (request.missed_through !== undefined) return this.missRange(schedule, runId, facts, request.missed_through, context);
    await this.runs.decide(
      {
        runId,
        schedule,
        scheduleDeleted: events.at(-1)?.type === 'ScheduledSessionDeleted',
        facts,
        overlapPolicy: schedule.overlap_policy,
        prompt: schedule.session_prompt,
        catchUp,
      },
      context,
    );
    return 'decided';
  }

  /** A tick that is old enough for a range may have been asked for both ways, by two leaders: the first decision stands. */
  private async isDecidedOtherwise(
    { id }: Schedule,
    { scheduled_for, missed_through = scheduled_for }: TriggerRequested,
    now: number,
  ): Promise<boolean> {
    return (
      now - Date.parse(missed_through) >= RANGE_AGE_S * 1000 && (await this.work.isDecided(id, scheduled_for, missed_through))
    );
  }

  private async hasRunsLeft({ id, max_runs }: Schedule): Promise<boolean> {
    return max_runs === undefined || (await this.work.scheduledStarts(id)) < max_runs;
  }

  /** Its session is there: whoever decided that it starts died before saying so. */
  private async hasBegun(runId: string, scheduledFor: string): Promise<boolean> {
    const { state } = await this.commands.journal.load(session, streams.session(sessionIdOfRun(runId, scheduledFor)));
    return state.status !== 'absent';
  }

  /** Ticks that are too old for a request of one of them to be still on its way. */
  private async missRange(
    schedule: Schedule,
    runId: string,
    facts: Pick<RunFacts, 'trigger' | 'scheduled_for' | 'decided_at'>,
    to: string,
    context: RequestContext,
  ): Promise<TickDecision> {
    if (schedule.end_at !== undefined && to > schedule.end_at)
      return this.missRange(schedule, runId, facts, lastTickBy(schedule, schedule.end_at), context);
    if (context.now - Date.parse(to) < RANGE_AGE_S * 1000 || to < facts.scheduled_for) return 'not_due';
    const count = countTicks(parsed(schedule), schedule.timezone, seconds(facts.scheduled_for) - 1, seconds(to));
    const command = {
      type: 'MissRange',
      facts: { ...facts, project_id: schedule.project_id, scheduled_session_id: schedule.id, agent_id: schedule.agent_id },
      catch_up: { policy: schedule.catch_up_policy, window: schedule.catch_up_window },
      to,
      count,
    } as const;
    await this.commands.commit(await this.commands.plan(run, streams.run(runId), command, context));
    return 'decided';
  }
}

/** The schedule as it was at the tick, if the tick was due by it. */
function dueSchedule(
  events: readonly Fact<ScheduledSessionEvent>[],
  { scheduled_for, project_id }: TriggerRequested,
): Schedule | undefined {
  const state = scheduleBefore(events, scheduled_for);
  if (state.status !== 'present') return undefined;
  const schedule = state.value;
  const inTime =
    (!schedule.start_at || scheduled_for >= schedule.start_at) && (!schedule.end_at || scheduled_for <= schedule.end_at);
  const due = schedule.enabled && inTime && scheduled_for > schedule.ticks_after && schedule.project_id === project_id;
  return due && isTick(parsed(schedule), schedule.timezone, seconds(scheduled_for)) ? schedule : undefined;
}

function catchUpOf(schedule: Schedule, { scheduled_for }: TriggerRequested, now: number): CatchUp {
  const { catch_up_policy: policy, catch_up_window: window } = schedule;
  return { policy, window, newest: isNewest(schedule, seconds(scheduled_for), now) };
}

/** No later tick is due by now. One that jitter holds back is not due yet: it must not supersede a tick that was missed before it. */
function isNewest({ id, jitter, timezone, end_at, ...schedule }: Schedule, tick: number, now: number): boolean {
  const cron = parsed(schedule);
  const next = nextTick(cron, timezone, tick);
  if (next === undefined || (end_at !== undefined && next * 1000 > Date.parse(end_at))) return true;
  return startOfTick(id, cron, timezone, next, jitter) * 1000 > now;
}

/** The newest tick up to an instant. */
const lastTickBy = (schedule: Schedule, at: string): string =>
  instant((previousTick(parsed(schedule), schedule.timezone, seconds(at)) ?? 0) * 1000);

function parsed({ schedule }: Pick<Schedule, 'schedule'>) {
  const result = parseSchedule(schedule);
  if (!result.ok) throw new Error(`a schedule was accepted that does not parse: ${result.reason}`);
  return result.schedule;
}

const seconds = (at: string): number => Math.floor(Date.parse(at) / 1000);
