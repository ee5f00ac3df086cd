/** What the schemas can't check: the cron expression, the time zone, the agent. */
import { Inject, Injectable } from '@nestjs/common';
import { streams, type FieldError, type ScheduledSessionChanges, type ScheduledSessionCreate } from '#contracts';
import { agent } from '#domain';
import { Journal } from '#journal';
import { parseSchedule, resolveTimeZone } from '#schedule';
import { invalidProblem } from '#service';
import { inUtc } from '../support/instants.js';

/** What is wrong with a body's cron expression and time zone. */
export function timingErrors({ schedule, timezone }: { readonly schedule?: unknown; readonly timezone?: unknown }): FieldError[] {
  const errors: FieldError[] = [];
  const parsed = typeof schedule === 'string' ? parseSchedule(schedule) : undefined;
  if (parsed && !parsed.ok) errors.push({ path: 'schedule', message: `schedule: ${parsed.reason}` });
  if (typeof timezone === 'string' && resolveTimeZone(timezone) === undefined) {
    const message = `timezone must be an IANA time zone name such as Europe/Berlin or UTC, not ${JSON.stringify(timezone)}`;
    errors.push({ path: 'timezone', message });
  }
  return errors;
}

@Injectable()
export class ScheduleFields {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  /** The fields with the zone's name in its proper case and instants in UTC. @throws {Problem} 400 when the agent is none of the project */
  async resolved<T extends ScheduledSessionCreate | ScheduledSessionChanges>(projectId: string, fields: T): Promise<T> {
    const { timezone, agent_id } = fields;
    if (typeof agent_id === 'string' && !(await this.isAgentOf(projectId, agent_id))) {
      throw invalidProblem([{ path: 'agent_id', message: 'agent_id must be an agent of the same project' }]);
    }
    const zone = timezone === undefined ? undefined : resolveTimeZone(timezone);
    return inUtc(zone === undefined ? fields : { ...fields, timezone: zone }, ['start_at', 'end_at']);
  }

  private async isAgentOf(projectId: string, agentId: string): Promise<boolean> {
    const { state } = await this.journal.load(agent, streams.agent(agentId));
    return state.status === 'present' && state.value.project_id === projectId;
  }
}
