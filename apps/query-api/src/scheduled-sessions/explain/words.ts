/** How explanations speak. Times are RFC 3339 in UTC, without fractions that say nothing. */
import type { Occurred } from '#contracts';
import type { Schedule } from '#domain';
import type { Moment } from './moment.js';

export const time = (at: string): string => at.replace('.000Z', 'Z');

/** `at 2026-03-01T08:00:00Z by user ann` */
export const whenAndWho = ({ metadata: { occurred_at, actor } }: Occurred): string =>
  `at ${time(occurred_at)} by ${actor.kind} ${actor.id}`;

export const notDue = ({ when }: Pick<Moment, 'when'>): string => {
  switch (when) {
    case 'past':
      return 'It was not due';
    case 'present':
      return 'It is not due';
    case 'future':
      return 'It will not be due';
  }
};

/** `"0 9 * * *" (Europe/Paris)` */
export const timing = ({ schedule, timezone }: Pick<Schedule, 'schedule' | 'timezone'>): string => `"${schedule}" (${timezone})`;

/** `a session of agent triage`, with what is known of the agent. */
export const ofAgent = ({ agentName, present }: Pick<Moment, 'agentName' | 'present'>): string => {
  if (agentName !== undefined) return ` of agent ${agentName}`;
  return present?.agent_id === undefined ? '' : ` of agent ${present.agent_id}`;
};

/** `120 ms late`, `12.3 s late`, `on time` */
export function late(ms: number): string {
  if (ms <= 0) return 'on time';
  return ms < 1000 ? `${ms} ms late` : `${Number((ms / 1000).toFixed(1))} s late`;
}

/** `(overlap_policy skip)`, as the configuration in force has it; nothing for fields that it does not say. */
export const inBrackets = (policy: Readonly<Record<string, unknown>>): string => {
  const parts = Object.entries(policy).map(([field, value]) => `${field} ${String(value)}`);
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
};

/** The day and the time of a local time without offset: `2026-03-08`, `02:30`. */
export const dayAndTime = (local: string): readonly [day: string, time: string] => [local.slice(0, 10), local.slice(11, 16)];
