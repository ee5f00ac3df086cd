import type { ScheduledSession, ScheduledSessionAction } from '#client';
import type { Context } from '../context.js';
import { EXIT, UsageError } from '../errors.js';
import { scheduleOf } from '../names.js';
import { bulkShape } from './shape.js';

export interface ManyOptions {
  readonly search?: string;
  readonly reason?: string;
}

/** One by its name or id, or all that a search finds. */
export async function onOneOrMany(
  context: Context,
  nameOrId: string | undefined,
  { search, reason }: ManyOptions,
  action: ScheduledSessionAction['action'],
  onOne: (schedule: ScheduledSession) => Promise<number | void>,
): Promise<number | void> {
  if (nameOrId !== undefined) {
    if (search !== undefined) throw new UsageError('either one schedule or --search, not both');
    return onOne(await scheduleOf(context, nameOrId));
  }
  if (search === undefined) throw new UsageError('which schedule? Its name or id, or --search for many');
  const { scheduledSessions } = await context.client();
  const body = { action, search, ...(reason === undefined ? {} : { reason }) };
  const result = await scheduledSessions.actions(await context.project(), body);
  if (context.printer.isForPrograms) await context.printer.value(result);
  else await context.printer.list(bulkShape, result.items);
  return result.failed > 0 ? EXIT.failed : EXIT.ok;
}
