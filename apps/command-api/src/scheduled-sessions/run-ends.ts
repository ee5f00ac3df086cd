/** What follows from the end of a session for the run that started it. */
import { Inject, Injectable } from '@nestjs/common';
import { isTerminal, streams } from '#contracts';
import { run, scheduledSession, session, type RunState, type SessionValue } from '#domain';
import type { Plan } from '#journal';
import { instant, type RequestContext } from '#service';
import { Commands } from '../support/commands.js';
import { Starting } from '../support/starting.js';
import { byPolicy, contextOfRun } from '../support/run-context.js';

@Injectable()
export class RunEnds {
  constructor(
    @Inject(Commands) private readonly commands: Commands,
    @Inject(Starting) private readonly starting: Starting,
  ) {}

  /**
   * The run ends with its session; where it failed and the schedule says so, the schedule is suspended. That comes first: the end of the run
   * tells whoever repeats this that nothing is left to do.
   */
  async plansFor({ id, phase, run_id, completion_time }: SessionValue, context: RequestContext): Promise<Plan[]> {
    if (run_id === undefined || phase === '' || !isTerminal(phase)) return [];
    const finished_at = completion_time ?? instant(context.now);
    const command = { type: 'FinishRun', session_id: id, phase, finished_at } as const;
    const end = await this.commands.plan(run, streams.run(run_id), command, context);
    if (end.encoded.length === 0) return [];
    return [...(phase === 'Failed' ? await this.pause(run_id, end.state, context) : []), end];
  }

  /** Appends what ends a session, and then the end of its run. */
  async commitWithEnd(ending: Plan, session: SessionValue, context: RequestContext): Promise<void> {
    const end = await this.plansFor(session, context);
    await this.commands.commit(ending, ...end);
    if (end.length > 0) return;
    // Whoever started it may not have told the run so yet, or may have died before: it is asked again behind the end of its session.
    if (session.phase !== '' && isTerminal(session.phase))
      await this.starting.sayStarted({ status: 'present', value: session }, context.now);
    await this.commands.commit(...(await this.plansFor(session, context)));
  }

  /** A session may have ended before its run was told to have started: then whoever reported the end found no run to end with it. */
  async finishIfEnded(state: RunState, context: RequestContext): Promise<RunState> {
    if (state.outcome !== 'started' || state.finished) return state;
    const { state: started } = await this.commands.journal.load(session, streams.session(state.session_id ?? ''));
    if (started.status === 'absent') return state;
    const plans = await this.plansFor(started.value, context);
    await this.commands.commit(...plans);
    return (plans.at(-1)?.state as RunState | undefined) ?? state;
  }

  /** Once for a run, whoever ends it: a suspension that a crash cut off from the end may have been lifted since. */
  private async pause(runId: string, { scheduled_session_id = '' }: RunState, context: RequestContext): Promise<Plan[]> {
    const stream = streams.scheduledSession(scheduled_session_id);
    const { state } = await this.commands.journal.load(scheduledSession, stream);
    if (state.status !== 'present' || !state.value.pause_on_failure) return [];
    const command = { type: 'SuspendScheduledSession', reason: 'run_failed' } as const;
    const { ids } = contextOfRun(runId, context.now);
    const ofRun = { ...byPolicy(context, 'pause_on_failure'), ids, isRepetition: true };
    return [await this.commands.plan(scheduledSession, stream, command, ofRun)];
  }
}
