import { Inject, Injectable, Logger } from '@nestjs/common';
import type { SessionValue } from '#domain';
import { WaitingRuns } from './waiting-runs.js';

/** Gives the next waiting run its turn when a session has ended. */
@Injectable()
export class NextTurns {
  private readonly logger = new Logger(NextTurns.name);

  constructor(@Inject(WaitingRuns) private readonly waiting: WaitingRuns) {}

  /** Never fails: the end of the session is durable, and whoever reported it is told so. What is left, the reconciler does. */
  async after({ project_id, agent_id, scheduled_session_id }: SessionValue, now: number): Promise<void> {
    if (project_id === undefined || (agent_id === undefined && scheduled_session_id === undefined)) return;
    try {
      await this.waiting.settle({ project_id, agent_id, scheduled_session_id }, now);
    } catch (error) {
      this.logger.warn(
        `the next run of agent ${agent_id ?? 'none'} could not be given its turn yet: ${(error as Error).message}`,
      );
    }
  }
}
