import { Body, Controller } from '@nestjs/common';
import { ScheduleValidate } from '#contracts';
import { Context, Handles, type RequestContext } from '#service';
import { createBody } from '../support/body.js';
import { validateSchedule, type ScheduleValidation } from './validate-schedule.js';

/** Schedules that are no one's yet. */
@Controller()
export class SchedulesController {
  @Handles('schedules.validate')
  validate(@Context() { now }: RequestContext, @Body() body: unknown): ScheduleValidation {
    return validateSchedule(createBody(ScheduleValidate, body), now);
  }
}
