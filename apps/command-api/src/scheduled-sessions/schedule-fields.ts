/** What the schemas can't check: the cron expression, the time zone, the agent. */
import { Inject, Injectable } from '@nestjs/common';
import { streams, type FieldError, type ScheduledSessionChanges, type ScheduledSessionCreate } from '#contracts';
import { agent } from '#domain';
import { Journal } from '#journal';
import { parseSchedule, resolveTimeZone } from '#schedule';
import { invalidProblem } from '#service';
import { inUtc } from '../support/instants.js';

@Injectable()
export class ScheduleFields {
  constructor(@Inject(Journal) private readonly journal: Journal) {}

  /** The fields with the zone's name in its canonical case and instants in UTC. @throws {Problem} 400 that names each bad field */
  async checked<T extends ScheduledSessionCreate | ScheduledSessionChanges>(projectId: string, fields: T): Promise<T> {
    const errors: FieldError[] = [];
    const { schedule, timezone, agent_id } = fields;
    const parsed = schedule === undefined ? undefined : parseSchedule(schedule);
    if (parsed && !parsed.ok) errors.push({ path: 'schedule', message: `schedule: ${parsed.reason}` });
    const zone = timezone === undefined ? undefined : resolveTimeZone(timezone);
    if (timezone !== undefined && zone === undefined) {
      errors.push({ path: 'timezone', message: `timezone must be an IANA time zone name such as Europe/Berlin or UTC, not ${JSON.stringify(timezone)}` });
    }
    if (typeof agent_id === 'string' && !(await this.isAgentOf(projectId, agent_id))) {
      errors.push({ path: 'agent_id', message: 'agent_id must be an agent of the same project' });
    }
    if (errors.length > 0) throw invalidProblem(errors);
    return inUtc(zone === undefined ? fields : { ...fields, timezone: zone }, ['start_at', 'end_at']);
  }

  private async isAgentOf(projectId: string, agentId: string): Promise<boolean> {
    const { state } = await this.journal.load(agent, streams.agent(agentId));
    return state.status === 'present' && state.value.project_id === projectId;
  }
}
