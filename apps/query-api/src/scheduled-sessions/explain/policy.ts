import type { Explanation } from '#contracts';
import type { Schedule } from '#domain';

type Field =
  | 'enabled'
  | 'schedule'
  | 'timezone'
  | 'start_at'
  | 'end_at'
  | 'max_runs'
  | 'overlap_policy'
  | 'catch_up_policy'
  | 'catch_up_window'
  | 'jitter'
  | 'suspended_reason';

/** Fields of a configuration with their values; those without one are left out. */
export function policyOf(schedule: Schedule | undefined, ...fields: readonly Field[]): Explanation['policy'] {
  const found = fields.flatMap(field => {
    const value = schedule?.[field];
    return value === undefined ? [] : [[field, value] as const];
  });
  return Object.fromEntries(found);
}
