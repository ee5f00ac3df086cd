import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Static } from 'typebox';
import { runIdOfBackfill, streams, type Backfill, type Run } from '#contracts';
import { session, type Schedule } from '#domain';
import { presentRun } from '#projections';
import type { LocalTick } from '#schedule';
import { instant, type RequestContext } from '#service';
import { Commands } from '../support/commands.js';
import { backfillTicks } from './backfill-ticks.js';
import { RunDecider } from './decide-run.js';
import { contextOfRun } from '../support/run-context.js';
import { requireSchedule } from './scheduled-session.commands.js';

export interface Backfilled {
  readonly ticks: readonly LocalTick[];
  /** One for each tick, without the prompt. */
  readonly runs: readonly Run[];
}

type Asked = Static<typeof Backfill>;

/** Runs for ticks of the past, whatever became of them at their time. */
export class BackfillScheduledSession extends Command<Backfilled> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
    readonly asked: Asked,
  ) {
    super();
  }
}

@CommandHandler(BackfillScheduledSession)
export class BackfillScheduledSessionHandler implements ICommandHandler<BackfillScheduledSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(RunDecider) private readonly runs: RunDecider,
  ) {}

  async execute({ context, projectId, id, asked }: BackfillScheduledSession): Promise<Backfilled> {
    const schedule = await requireSchedule(this.commands, projectId, id);
    const ticks = backfillTicks(schedule, asked, context.now);
    if (asked.dry_run) return { ticks, runs: [] };
    // Random, or the same again for a request that is repeated under its Idempotency-Key: then the runs are there, as far as it came.
    const request = context.ids.ksuid('backfill');
    const due = ticks.map(({ scheduled_for }) => ({ scheduled_for, runId: runIdOfBackfill(id, request, scheduled_for) }));
    const overlapPolicy = asked.overlap_policy ?? schedule.overlap_policy;
    // Oldest first, and each sees what became of those before it.
    for (const tick of due) {
      await this.commands.run('BackfillTick', () => this.decide(tick, schedule, overlapPolicy, context));
    }
    // Looked at last: a later run may have taken the place of one that waited.
    const runs: Run[] = [];
    for (const { runId } of due) runs.push(await this.outcome(runId));
    return { ticks, runs };
  }

  private decide(
    { runId, scheduled_for }: { readonly runId: string; readonly scheduled_for: string },
    schedule: Schedule,
    overlapPolicy: Schedule['overlap_policy'],
    context: RequestContext,
  ) {
    const decided_at = instant(context.now);
    return this.runs.decide(
      {
        runId,
        schedule,
        scheduleDeleted: false,
        facts: { trigger: 'backfill', scheduled_for, decided_at, requested_by: context.caller.principal.id },
        overlapPolicy,
        prompt: schedule.session_prompt,
      },
      // Ids that follow from the run, as a tick's do: within one request those of a context are told apart by their streams alone.
      { ...context, ids: contextOfRun(runId, context.now).ids, isRepetition: false },
    );
  }

  /** The prompt is the schedule's in all of them, and may be so long that a thousand of it are more than an answer should hold. */
  private async outcome(runId: string): Promise<Run> {
    const { journal } = this.commands;
    const { prompt: _, ...run } = presentRun(await journal.events(streams.run(runId)));
    if (run.outcome !== 'started' || run.session_id === undefined) return run;
    const { state } = await journal.load(session, streams.session(run.session_id));
    return state.status === 'present' ? { ...run, session_phase: state.value.phase } : run;
  }
}
