import { Inject, Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { runIdOf, streams, type Occurred, type RunOutcome } from '#contracts';
import { run, type ScheduledSessionEvent } from '#domain';
import { LruMap } from '#journal';
import { instant, metrics } from '#service';
import { DecideTick } from '../scheduled-sessions/decide-tick.command.js';
import { Commands } from '../support/commands.js';
import { owedTicks, spansOf, type OwedTick, type Span, type Stretch } from './nominal-ticks.js';

/** Of one schedule in one pass: catching up starts at most 10 a second, and a pass may be over in less. */
const MOST_STARTS = 10;
const MOST_DECISIONS = 1000;
/** Own decisions that are told from those of others for a while. */
const REMEMBERED = 10_000;

/** Gives ticks that nobody asked for their outcome, by the same command that decides on the scheduler's requests. */
@Injectable()
export class TickRepair {
  private readonly logger = new Logger(TickRepair.name);
  private readonly own = new LruMap<string, true>(REMEMBERED);

  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(CommandBus) private readonly bus: CommandBus,
  ) {}

  /** True for a run that was decided because this asked for it. */
  isOwn(runId: string): boolean {
    return this.own.get(runId) ?? false;
  }

  async spansOf(scheduleId: string): Promise<Span[]> {
    const events = await this.commands.journal.events(streams.scheduledSession(scheduleId));
    return spansOf(events as Occurred<ScheduledSessionEvent>[]);
  }

  /**
   * Decides what is owed in a stretch of a schedule's time.
   * @param decided stretches of it that have an outcome, oldest first
   * @param now milliseconds since 1970
   * @returns false when something is left for the next pass
   */
  async repair(spans: readonly Span[], stretch: Stretch, decided: readonly Stretch[], now: number): Promise<boolean> {
    let starts = 0;
    let decisions = 0;
    for (const owed of owedTicks(spans, stretch, decided, Math.floor(now / 1000))) {
      if (starts === MOST_STARTS || decisions === MOST_DECISIONS) return false;
      const outcome = await this.decide(owed, now);
      // By max_runs, which is not told by the schedule's own history: then no later one is due either.
      if (outcome === 'not_due') return true;
      decisions += 1;
      if (outcome !== undefined && outcome !== 'missed') starts += 1;
    }
    return true;
  }

  /** @returns undefined when the tick has its outcome from someone else */
  private async decide(owed: OwedTick, now: number): Promise<RunOutcome | 'not_due' | undefined> {
    const { schedule, tick, through, count } = owed;
    const scheduled_for = instant(tick * 1000);
    const runId = runIdOf(schedule.id, scheduled_for);
    if (await this.outcomeOf(runId)) return undefined;
    const decision = await this.bus.execute(
      new DecideTick({
        scheduled_session_id: schedule.id,
        project_id: schedule.project_id,
        scheduled_for,
        trigger: 'catch_up',
        requested_at: instant(now),
        ...(through === undefined ? {} : { missed_through: instant(through * 1000) }),
      }),
    );
    if (decision === 'not_due') return 'not_due';
    const outcome = await this.outcomeOf(runId);
    if (!outcome) return undefined;
    this.own.set(runId, true);
    metrics.reconcilerRepaired.inc(count);
    const ticks = through === undefined ? scheduled_for : `${scheduled_for} to ${instant(through * 1000)} (${count})`;
    this.logger.warn(`schedule ${schedule.id} had no outcome for ${ticks}; now it is ${outcome}`);
    return outcome;
  }

  private async outcomeOf(runId: string): Promise<RunOutcome | undefined> {
    return (await this.commands.journal.load(run, streams.run(runId))).state.outcome;
  }
}
