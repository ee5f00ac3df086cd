/** What a decision on a run means for its schedule, and for the sessions in its way. */
import { Inject, Injectable } from '@nestjs/common';
import { streams } from '#contracts';
import { scheduledSession, session, type RunState, type Schedule } from '#domain';
import type { Plan } from '#journal';
import type { RequestContext } from '#service';
import { Commands } from '../support/commands.js';
import { byPolicy } from '../support/run-context.js';

@Injectable()
export class SchedulePolicies {
  constructor(@Inject(Commands) private readonly commands: Commands) {}

  /** A schedule whose creator may no longer create sessions fires no more. */
  async afterDecision({ id }: Schedule, { encoded }: Plan<RunState>, context: RequestContext): Promise<Plan[]> {
    const forbidden = encoded.some(({ event }) => (JSON.parse(event.data) as { reason?: string }).reason === 'forbidden');
    if (!forbidden) return [];
    const stream = streams.scheduledSession(id);
    const { state } = await this.commands.journal.load(scheduledSession, stream);
    if (state.status !== 'present') return [];
    const command = { type: 'SuspendScheduledSession', reason: 'forbidden' } as const;
    // Once for a run: a suspension that a crash cut off from the outcome may have been lifted since.
    const ofRun = { ...byPolicy(context, 'creator_permission'), isRepetition: true };
    return [await this.commands.plan(scheduledSession, stream, command, ofRun)];
  }

  /** Asks the sessions in the way of a run to stop. */
  async stop(sessionIds: readonly string[], context: RequestContext): Promise<Plan[]> {
    const plans: Plan[] = [];
    for (const id of sessionIds) {
      const stream = streams.session(id);
      const { state } = await this.commands.journal.load(session, stream);
      if (state.status !== 'present' || !STOPPABLE.has(state.value.phase)) continue;
      const command = { type: 'StopSession', reason: 'replaced' } as const;
      plans.push(await this.commands.plan(session, stream, command, byPolicy(context, 'overlap_policy')));
    }
    return plans;
  }
}

const STOPPABLE: ReadonlySet<string> = new Set(['Pending', 'Creating', 'Running']);
