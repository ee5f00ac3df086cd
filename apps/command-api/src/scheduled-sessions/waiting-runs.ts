/** Runs that wait for their agent: whoever ends a session, or comes to a free agent, begins the next one. */
import { Inject, Injectable } from '@nestjs/common';
import { sessionIdOfRun, streams } from '#contracts';
import { run, scheduleBefore, scheduledSession, type Schedule, type ScheduledSessionEvent, type Fact } from '#domain';
import { retrying, type Plan } from '#journal';
import { instant } from '#service';
import { Commands } from '../support/commands.js';
import { Starting, type Occupancy, type Occupant, type Waiting } from '../support/starting.js';
import { contextOfRun } from '../support/run-context.js';
import { countOutcome } from '../support/count-outcome.js';
import { RunEnds } from './run-ends.js';
import { RunStart, type StartingRun } from './run-start.js';
import { SchedulePolicies } from './schedule-policies.js';

/** A waiting run whose stream is there. */
type Queued = Waiting & { readonly queued: NonNullable<Waiting['queued']> };

@Injectable()
export class WaitingRuns {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
    @Inject(RunStart) private readonly runStart: RunStart,
    @Inject(RunEnds) private readonly ends: RunEnds,
    @Inject(SchedulePolicies) private readonly policies: SchedulePolicies,
  ) {}

  /** Tells those that lost their place, completes what a crash cut off, and begins the first as soon as no session is active. */
  async settle(of: Occupant, now: number): Promise<void> {
    while (await retrying(() => this.step(of, now)));
  }

  /** True when something was settled, and so there may be more. */
  private async step(of: Occupant, now: number): Promise<boolean> {
    if (!(await this.starting.mayWait(of))) return false;
    const occupancy = await this.starting.occupancy(of, now);
    const waiting = occupancy.waiting.filter((entry): entry is Queued => entry.queued !== undefined);
    if (waiting.length === 0) return false;
    const superseded = waiting.find(entry => entry.superseded);
    if (superseded) return this.drop(superseded, now);
    for (const entry of waiting) if (occupancy.active.includes(sessionIdOf(entry))) return this.begin(entry, occupancy, now);
    const [first] = waiting;
    return first !== undefined && occupancy.active.length === 0 && this.begin(first, occupancy, now);
  }

  private async drop({ run_id }: Queued, now: number): Promise<boolean> {
    const command = { type: 'SupersedeQueued', decided_at: instant(now) } as const;
    const dropped = await this.commands.plan(run, streams.run(run_id), command, contextOfRun(run_id, now));
    await this.commands.commit(dropped);
    countOutcome(dropped);
    return true;
  }

  /** False when its session was admitted and is not there: whoever admitted it is about to create it, or has died. */
  private async begin(entry: Queued, occupancy: Occupancy, now: number): Promise<boolean> {
    const due = await this.startingRun(entry);
    const situation = await this.runStart.situation(due);
    const isAdmitted = occupancy.active.includes(sessionIdOf(entry));
    if (isAdmitted && !situation.has_begun) return false;
    const context = contextOfRun(entry.run_id, now);
    const command = { type: 'BeginQueued', decided_at: instant(now), situation, session_id: sessionIdOf(entry) } as const;
    const begun = await this.commands.plan(run, streams.run(entry.run_id), command, context);
    const plans: Plan[] =
      begun.state.outcome === 'started'
        ? await this.runStart.plans(due, situation.has_begun, occupancy, context)
        : await this.policies.afterDecision(due.schedule, begun, context);
    await this.commands.commit(...plans, begun);
    countOutcome(begun);
    await this.ends.finishIfEnded(begun.state, context);
    return true;
  }

  private async startingRun({ run_id, queued }: Queued): Promise<StartingRun> {
    const { scheduled_session_id, trigger, scheduled_for, prompt, agent_id } = queued;
    const stream = streams.scheduledSession(scheduled_session_id);
    const latest = (await this.commands.journal.load(scheduledSession, stream)).state;
    const isTick = trigger === 'schedule' || trigger === 'catch_up';
    const events = isTick ? ((await this.commands.journal.events(stream)) as unknown as Fact<ScheduledSessionEvent>[]) : [];
    const state = isTick ? scheduleBefore(events, scheduled_for) : latest;
    if (state.status === 'absent') throw new Error(`run ${run_id} waits, and its schedule never was`);
    // It waits for the agent that its schedule had when it came to wait.
    const schedule: Schedule = { ...state.value, agent_id };
    return { runId: run_id, schedule, scheduleDeleted: latest.status !== 'present', trigger, scheduled_for, prompt };
  }
}

const sessionIdOf = ({ run_id, queued }: Queued): string => sessionIdOfRun(run_id, queued.scheduled_for);
