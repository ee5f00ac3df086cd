/** Whether a schedule would be accepted, and when it would fire: nothing is stored. */
import type { Static } from 'typebox';
import { check, ScheduledSessionChanges, scheduledSessionDefaults, type FieldError, type ScheduleValidate } from '#contracts';
import { describe, localTicks, parseSchedule, resolveTimeZone, type LocalTick } from '#schedule';
import { errorsOf } from '../support/body.js';
import { timingErrors } from './schedule-fields.js';

export type ScheduleValidation =
  | { readonly valid: true; readonly description: string; readonly items: readonly LocalTick[] }
  | { readonly valid: false; readonly errors: readonly FieldError[] };

const DEFAULT_TICKS = 10;

/** @param now milliseconds since 1970: the ticks are those after it */
export function validateSchedule(asked: Static<typeof ScheduleValidate>, now: number): ScheduleValidation {
  const { schedule, timezone = scheduledSessionDefaults.timezone, count = DEFAULT_TICKS } = asked;
  const timing = { schedule, timezone };
  const errors = errorsOf(check(ScheduledSessionChanges, timing), timingErrors(timing));
  const parsed = parseSchedule(schedule);
  const zone = resolveTimeZone(timezone);
  if (errors.length > 0 || !parsed.ok || zone === undefined) return { valid: false, errors };
  return { valid: true, description: describe(schedule), items: localTicks(parsed.schedule, zone, now / 1000, Infinity, count) };
}
