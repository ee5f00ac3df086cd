import cronstrue from 'cronstrue';
import { acceptedSchedule } from './parse-schedule.js';

/**
 * An expression in English words, for example `At 09:00, Monday through Friday (Europe/Paris)`.
 *
 * @throws {RangeError} the expression is refused by parseSchedule.
 */
export function describe(expression: string, zone?: string): string {
  const words = cronstrue.toString(acceptedSchedule(expression).expression, { use24HourTimeFormat: true });
  return zone === undefined ? words : `${words} (${zone})`;
}
