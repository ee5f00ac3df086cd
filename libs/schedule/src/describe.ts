import cronstrue from 'cronstrue';
import { parseSchedule } from './parse-schedule.js';

/**
 * An expression in English words, for example `At 09:00, Monday through Friday (Europe/Paris)`.
 *
 * @throws {RangeError} the expression is refused by parseSchedule.
 */
export function describe(expression: string, zone?: string): string {
  const parsed = parseSchedule(expression);
  if (!parsed.ok) throw new RangeError(parsed.reason);
  const words = cronstrue.toString(parsed.schedule.expression, { use24HourTimeFormat: true });
  return zone === undefined ? words : `${words} (${zone})`;
}
