/** What is still going on: asked of the read model, which is first brought up to the head of the log. */
import { Inject, Injectable } from '@nestjs/common';
import { ReadBarrier } from '#projections';
import { allOf, equals, type Filter, type ReadStore } from '#read-store';
import { Problem } from '#service';

export const READ_STORE = Symbol('ReadStore');

const ACTIVE: Filter = { kind: 'in', field: 'phase', values: ['Pending', 'Creating', 'Running', 'Stopping'] };
const BY_TICK: Filter = { kind: 'in', field: 'trigger', values: ['schedule', 'catch_up'] };
const PATIENCE_MS = 5000;

@Injectable()
export class ActiveWork {
  constructor(
    @Inject(READ_STORE) private readonly reads: ReadStore,
    @Inject(ReadBarrier) private readonly barrier: ReadBarrier,
  ) {}

  /** Enabled schedules and active sessions of a project. */
  async ofProject(projectId: string): Promise<{ schedules: number; sessions: number }> {
    const inProject = equals('project_id', projectId);
    return {
      schedules: await this.count('scheduled_sessions', allOf(inProject, equals('enabled', true))),
      sessions: await this.count('sessions', allOf(inProject, ACTIVE)),
    };
  }

  /** An active session of an agent, however it was started. */
  async ofAgent(agentId: string): Promise<string | undefined> {
    await this.catchUp();
    const filter = allOf(equals('agent_id', agentId), ACTIVE);
    const { documents } = await this.reads.live.find({ collection: 'sessions', filter, orderBy: [], offset: 0, limit: 1 });
    return documents[0]?.id;
  }

  /** Runs of a schedule that a tick (not a person) started a session for. */
  async scheduledStarts(scheduledSessionId: string): Promise<number> {
    return this.count('runs', allOf(equals('scheduled_session_id', scheduledSessionId), equals('outcome', 'started'), BY_TICK));
  }

  /** Whether a tick within a span has its outcome, by itself or within a range of missed ones. */
  async isDecided(scheduledSessionId: string, from: string, to: string): Promise<boolean> {
    const startsInTime: Filter = { kind: 'compare', field: 'scheduled_for', operator: 'le', value: to };
    const reaches = (field: string): Filter => ({ kind: 'compare', field, operator: 'ge', value: from });
    const overlaps: Filter = { kind: 'or', filters: [reaches('scheduled_for'), reaches('missed_through')] };
    return (
      (await this.count('runs', allOf(equals('scheduled_session_id', scheduledSessionId), BY_TICK, startsInTime, overlaps))) > 0
    );
  }

  private async count(collection: string, filter: Filter): Promise<number> {
    await this.catchUp();
    return (await this.reads.live.find({ collection, filter, orderBy: [], offset: 0, limit: 0 })).total;
  }

  private async catchUp(): Promise<void> {
    const caughtUp = await this.barrier.waitForHead(PATIENCE_MS);
    if (!caughtUp.reached)
      throw new Problem(503, 'the read model is behind, so this can not be decided now', undefined, { 'Retry-After': '1' });
  }
}
