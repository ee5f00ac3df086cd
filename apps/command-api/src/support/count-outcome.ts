import type { RunState } from '#domain';
import type { Plan } from '#journal';
import { metrics } from '#service';

/** Counts the outcome that a run was given. */
export function countOutcome({ encoded }: Plan<RunState>): void {
  for (const { event } of encoded) {
    if (event.type === 'RunFinished') continue;
    const { reason = '', trigger } = JSON.parse(event.data) as { reason?: string; trigger: string };
    metrics.runs.inc({ outcome: event.type.replace('Run', '').toLowerCase(), reason, trigger });
  }
}
