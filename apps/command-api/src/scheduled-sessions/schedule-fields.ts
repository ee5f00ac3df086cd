/** What the schemas can't check: the cron expression, the time zone, the agent. */
import { Inject, Injectable } from '@nestjs/common';
import { streams, type FieldError, type ScheduledSessionChanges, type ScheduledSessionCreate } from '#contracts';
import { agent } from '#domain';
import { Journal } from '#journal';
import { parseSchedule, resolveTimeZone } from '#schedule';
import { inUtc } from '../support/instants.js';

@Injectable()
export class ScheduleFields {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  /** What is wrong with a body beyond its schema, one entry a field. */
  async errorsIn(projectId: string, body: unknown): Promise<FieldError[]> {
    if (typeof body !== 'object' || body === null) return [];
    const { schedule, timezone, agent_id } = body as Readonly<Record<string, unknown>>;
    const errors = timingErrors({ schedule, timezone });
    if (typeof agent_id === 'string' && !(await this.isAgentOf(projectId, agent_id))) {
      errors.push({ path: 'agent_id', message: 'agent_id must be an agent of the same project' });
    }
    return errors;
  }

  private async isAgentOf(projectId: string, agentId: string): Promise<boolean> {
    const { state } = await this.journal.load(agent, streams.agent(agentId));
    return state.status === 'present' && state.value.project_id === projectId;
  }
}

/** What is wrong with a cron expression and a time zone; of what is no text the schemas tell. */
export function timingErrors({ schedule, timezone }: { schedule?: unknown; timezone?: unknown }): FieldError[] {
  const errors: FieldError[] = [];
  const parsed = typeof schedule === 'string' ? parseSchedule(schedule) : undefined;
  if (parsed && !parsed.ok) errors.push({ path: 'schedule', message: `schedule: ${parsed.reason}` });
  if (typeof timezone === 'string' && resolveTimeZone(timezone) === undefined) {
    const message = `timezone must be an IANA time zone name such as Europe/Berlin or UTC, not ${JSON.stringify(timezone)}`;
    errors.push({ path: 'timezone', message });
  }
  return errors;
}

/** The fields with the zone's name in its proper case, and instants in UTC. */
export function normalized<T extends ScheduledSessionCreate | ScheduledSessionChanges>(fields: T): T {
  const zone = fields.timezone === undefined ? undefined : resolveTimeZone(fields.timezone);
  return inUtc(zone === undefined ? fields : { ...fields, timezone: zone }, ['start_at', 'end_at']);
}
