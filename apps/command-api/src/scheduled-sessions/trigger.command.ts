import { Inject } from '@nestjs/common';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import type { Static } from 'typebox';
import { runIdOfKey, streams, type Run, type Session, type Trigger } from '#contracts';
import { session } from '#domain';
import { presentRun } from '#projections';
import { instant, type RequestContext } from '#service';
import { presentSession } from '../sessions/present-session.js';
import { Commands } from '../support/commands.js';
import { Secrets } from '../support/secrets.js';
import { RunDecider } from './decide-run.js';
import { requireSchedule } from './scheduled-session.commands.js';

export interface Triggered {
  readonly status: 'triggered' | 'skipped' | 'queued';
  readonly reason?: string;
  readonly run: Run;
  readonly session?: Session;
}

/** Fires now, also when disabled. */
export class TriggerScheduledSession extends Command<Triggered> {
  constructor(
    readonly context: RequestContext,
    readonly projectId: string,
    readonly id: string,
    readonly options: Static<typeof Trigger>,
  ) {
    super();
  }
}

@CommandHandler(TriggerScheduledSession)
export class TriggerScheduledSessionHandler implements ICommandHandler<TriggerScheduledSession> {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(RunDecider) private readonly runs: RunDecider,
    @Inject(Secrets) private readonly secrets: Secrets,
  ) {}

  execute({ context, projectId, id, options }: TriggerScheduledSession): Promise<Triggered> {
    const runId = context.idempotencyKey === undefined ? randomUUID() : runIdOfKey(id, context.idempotencyKey);
    return this.commands.run('TriggerScheduledSession', async () => {
      const schedule = await requireSchedule(this.commands, projectId, id);
      const now = instant(context.now);
      await this.runs.decide(
        {
          runId,
          schedule,
          scheduleDeleted: false,
          facts: { trigger: 'manual', scheduled_for: now, decided_at: now, requested_by: context.caller.principal.id },
          overlapPolicy: options.overlap_policy ?? schedule.overlap_policy,
          prompt: options.prompt ?? schedule.session_prompt,
        },
        context,
      );
      return this.outcome(runId);
    });
  }

  private async outcome(runId: string): Promise<Triggered> {
    const { journal } = this.commands;
    const run = presentRun(await journal.events(streams.run(runId)));
    const state = run.session_id === undefined ? undefined : (await journal.load(session, streams.session(run.session_id))).state;
    const found = state?.status === 'present' ? this.secrets.opened(presentSession(state.value)) : undefined;
    return {
      status: run.outcome === 'started' ? 'triggered' : run.outcome === 'queued' ? 'queued' : 'skipped',
      ...(run.reason === undefined ? {} : { reason: run.reason }),
      run: found && run.outcome === 'started' ? { ...run, session_phase: found.phase } : run,
      ...(found ? { session: found } : {}),
    };
  }
}
