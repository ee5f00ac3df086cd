/** What is still going on: asked of the read model, which is first brought up to the head of the log. */
import { Inject, Injectable } from '@nestjs/common';
import { allOf, equals, type Filter } from '#read-store';
import { CaughtUpReads } from './caught-up-reads.js';

const ACTIVE: Filter = { kind: 'in', field: 'phase', values: ['Pending', 'Creating', 'Running', 'Stopping'] };
const BY_TICK: Filter = { kind: 'in', field: 'trigger', values: ['schedule', 'catch_up'] };
const STARTS: Filter = { kind: 'in', field: 'outcome', values: ['started', 'queued'] };

@Injectable()
export class ActiveWork {
  constructor(@Inject(CaughtUpReads) private readonly reads: CaughtUpReads) {}

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
    const filter = allOf(equals('agent_id', agentId), ACTIVE);
    const { documents } = await this.reads.find({ collection: 'sessions', filter, orderBy: [], offset: 0, limit: 1 });
    return documents[0]?.id;
  }

  /** Runs of a schedule that a tick (not a person) started a session for, or that wait for their turn. */
  async scheduledStarts(scheduledSessionId: string): Promise<number> {
    return this.count('runs', allOf(equals('scheduled_session_id', scheduledSessionId), STARTS, BY_TICK));
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
    return (await this.reads.find({ collection, filter, orderBy: [], offset: 0, limit: 0 })).total;
  }
}
