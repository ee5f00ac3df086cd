import type { OverlapPolicy, ScheduledSessionChanges, ScheduledSessionCreate } from '#client';
import type { Context } from '../context.js';
import { EXIT } from '../errors.js';
import { eventShape } from '../events/shape.js';
import { bodyFrom, changesIn, type Options } from '../fields.js';
import { atMost, queryOf, type ListOptions } from '../lists.js';
import { agentOf, scheduleOf } from '../names.js';
import { printable } from '../output/text.js';
import { SCHEDULE_FIELDS } from './fields.js';
import { onOneOrMany, type ManyOptions } from './many.js';
import { runShape, scheduleShape, tickShape } from './shape.js';

export { trigger } from './trigger.js';

export async function list(context: Context, options: ListOptions): Promise<void> {
  const { scheduledSessions } = await context.client();
  const all = scheduledSessions.all(await context.project(), queryOf(options));
  await context.printer.list(scheduleShape, atMost(options.limit, all));
}

export async function get(context: Context, nameOrId: string, { asOf }: { readonly asOf?: string }): Promise<void> {
  const schedule = await scheduleOf(context, nameOrId);
  const { scheduledSessions } = await context.client();
  const past = async (as_of: string) => scheduledSessions.get(await context.project(), schedule.id, { as_of });
  await context.printer.one(scheduleShape, asOf === undefined ? schedule : await past(asOf));
}

interface ChangeOptions extends Options {
  readonly name?: string;
  readonly schedule?: string;
  readonly agent?: string;
  readonly suspended?: boolean;
}

async function fieldsFrom(context: Context, options: ChangeOptions): Promise<Record<string, unknown>> {
  const { name, schedule, agent, suspended } = options;
  return {
    ...(await bodyFrom([...SCHEDULE_FIELDS, AGENT], options)),
    ...(name === undefined ? {} : { name }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(agent === undefined ? {} : { agent_id: (await agentOf(context, agent)).id }),
    ...(suspended ? { enabled: false } : {}),
  };
}

/** Given by its name, but cleared as any other field. */
const AGENT = { flags: '--agent-id', name: 'agent_id', description: '' } as const;

export async function create(context: Context, name: string, options: ChangeOptions): Promise<void> {
  const { scheduledSessions } = await context.client();
  const body = (await fieldsFrom(context, { ...options, name })) as ScheduledSessionCreate;
  await context.printer.did('created', scheduleShape, await scheduledSessions.create(await context.project(), body));
}

export async function update(context: Context, nameOrId: string, options: ChangeOptions): Promise<void> {
  const { scheduledSessions } = await context.client();
  const { id } = await scheduleOf(context, nameOrId);
  const changes = changesIn((await fieldsFrom(context, options)) as ScheduledSessionChanges);
  await context.printer.did('updated', scheduleShape, await scheduledSessions.update(await context.project(), id, changes));
}

export function remove(context: Context, nameOrId: string | undefined, options: ManyOptions): Promise<number | void> {
  return onOneOrMany(context, nameOrId, options, 'delete', async schedule => {
    const { scheduledSessions } = await context.client();
    await scheduledSessions.delete(await context.project(), schedule.id);
    await context.printer.did('deleted', scheduleShape, schedule);
  });
}

export function suspend(context: Context, nameOrId: string | undefined, options: ManyOptions): Promise<number | void> {
  return onOneOrMany(context, nameOrId, options, 'suspend', async ({ id }) => {
    const { scheduledSessions } = await context.client();
    const suspended = await scheduledSessions.suspend(await context.project(), id, reasonOf(options));
    await context.printer.did('suspended', scheduleShape, suspended);
  });
}

export function resume(context: Context, nameOrId: string | undefined, options: ManyOptions): Promise<number | void> {
  return onOneOrMany(context, nameOrId, options, 'resume', async ({ id }) => {
    const { scheduledSessions } = await context.client();
    const resumed = await scheduledSessions.resume(await context.project(), id, reasonOf(options));
    await context.printer.did('resumed', scheduleShape, resumed);
  });
}

const reasonOf = ({ reason }: ManyOptions) => (reason === undefined ? {} : { reason });

export async function runs(context: Context, nameOrId: string, options: ListOptions): Promise<void> {
  const { scheduledSessions } = await context.client();
  const { id, timezone } = await scheduleOf(context, nameOrId);
  const all = scheduledSessions.allRuns(await context.project(), id, queryOf(options));
  await context.printer.list(runShape(timezone), atMost(options.limit, all));
}

interface UpcomingOptions {
  readonly count?: number;
  readonly after?: string;
}

export async function upcoming(context: Context, nameOrId: string, { count, after }: UpcomingOptions): Promise<void> {
  const { printer } = context;
  const { scheduledSessions } = await context.client();
  const { id } = await scheduleOf(context, nameOrId);
  const query = { ...(count === undefined ? {} : { count }), ...(after === undefined ? {} : { after }) };
  const ticks = await scheduledSessions.upcoming(await context.project(), id, query);
  if (printer.isForPrograms) return printer.value(ticks);
  printer.note(`${printable(ticks.description)}, ${ticks.timezone}`);
  await printer.list(tickShape(ticks.timezone), ticks.items);
}

export async function explain(context: Context, nameOrId: string, { at }: { readonly at?: string }): Promise<void> {
  const { printer } = context;
  const { scheduledSessions } = await context.client();
  const { id, timezone } = await scheduleOf(context, nameOrId);
  const explanation = await scheduledSessions.explain(await context.project(), id, at === undefined ? {} : { at });
  if (printer.isForPrograms) return printer.value(explanation);
  await printer.write(`${printable(explanation.because)}\n\n`);
  await printer.fields(explanation, timezone);
}

interface BackfillOptions {
  readonly from: string;
  readonly to: string;
  readonly overlap?: OverlapPolicy;
  readonly dryRun?: boolean;
}

export async function backfill(
  context: Context,
  nameOrId: string,
  { from, to, overlap, dryRun }: BackfillOptions,
): Promise<void> {
  const { printer } = context;
  const { scheduledSessions } = await context.client();
  const { id, timezone } = await scheduleOf(context, nameOrId);
  const body = { from, to, ...(overlap === undefined ? {} : { overlap_policy: overlap }), ...(dryRun ? { dry_run: true } : {}) };
  const done = await scheduledSessions.backfill(await context.project(), id, body);
  if (printer.isForPrograms) return printer.value(done);
  if (dryRun) return printer.list(tickShape(timezone), done.ticks);
  const items = done.runs.map(run => ({ id: run.id, name: '', phase: run.session_phase ?? '', run }));
  await printer.list(runShape(timezone), items);
}

export async function history(context: Context, nameOrId: string): Promise<void> {
  const { scheduledSessions } = await context.client();
  const { id, timezone } = await scheduleOf(context, nameOrId);
  await context.printer.list(eventShape(timezone), scheduledSessions.history(await context.project(), id));
}

interface ValidateOptions {
  readonly timezone?: string;
  readonly count?: number;
}

export async function validate(context: Context, schedule: string, { timezone, count }: ValidateOptions): Promise<number> {
  const { printer } = context;
  const { schedules } = await context.client();
  const body = { schedule, ...(timezone === undefined ? {} : { timezone }), ...(count === undefined ? {} : { count }) };
  const result = await schedules.validate(body);
  if (printer.isForPrograms) await printer.value(result);
  else if (result.valid) {
    printer.note(printable(result.description));
    await printer.list(tickShape(timezone ?? 'UTC'), result.items);
  } else for (const { message } of result.errors) printer.note(printable(message));
  return result.valid ? EXIT.ok : EXIT.failed;
}
