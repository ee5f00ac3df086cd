import type { CallOptions } from '../options.js';
import type { ScheduleValidate, ScheduleValidation } from '../types.js';
import { answer, BASE, init, type Http } from '../wire.js';

/** Cron expressions in time zones, before they are anyone's schedule. */
export class Schedules {
  constructor(private readonly http: Http) {}

  /** Whether an expression and a zone are right, and when they would fire next. */
  validate(body: ScheduleValidate, options?: CallOptions): Promise<ScheduleValidation> {
    return answer(this.http.POST(`${BASE}/schedules/validate`, { body, ...init(options) }));
  }
}
