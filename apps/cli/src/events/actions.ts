import { EVENT_FEED } from '#contracts';
import { readFeed, type FeedMessage } from '#feed';
import type { Context } from '../context.js';
import { withMessaging } from '../engines.js';
import { UsageError } from '../errors.js';
import { atMost } from '../lists.js';
import { oneLine } from '../output/text.js';

interface TailOptions {
  readonly category?: string;
  readonly type?: string;
  readonly all?: boolean;
  readonly since?: string;
  readonly limit?: number;
}

/** One part of a subject. */
const TOKEN = /^[\w-]+$/;

export async function tail(context: Context, options: TailOptions): Promise<void> {
  const { project } = await context.connection();
  const { category, type, limit } = options;
  for (const [name, value] of Object.entries({ project, category, type })) {
    if (value !== undefined && !TOKEN.test(value)) throw new UsageError(`--${name}: "${value}" can't be one`);
  }
  const subject = `${EVENT_FEED}.${project ?? '*'}.${category ?? '*'}.${type ?? '*'}`;
  const from = startOf(options);
  const { signal } = context;
  await withMessaging(context, async ({ nats }) => {
    if (!nats) return;
    const messages = readFeed({ connection: nats, subject, from, signal });
    for await (const message of atMost(limit, messages)) await show(context, message);
  });
  signal.throwIfAborted();
}

function startOf({ all, since }: TailOptions): 'all' | 'new' | Date {
  if (all && since !== undefined) throw new UsageError('either --all or --since');
  if (since === undefined) return all ? 'all' : 'new';
  const instant = new Date(since);
  if (Number.isNaN(instant.getTime()))
    throw new UsageError(`--since: "${since}" is no instant, for example 2026-11-26T09:00:00Z`);
  return instant;
}

/** A JSON object a line, or one event a line. */
async function show({ printer }: Context, { subject, headers, data, position }: FeedMessage): Promise<void> {
  const [, , project = '', category = '', type = ''] = subject.split('.');
  const { 'ce-id': id, 'ce-time': time, 'ce-subject': aggregate = '', 'ce-type': ceType } = headers;
  if (printer.isForPrograms) {
    const event = {
      id,
      position,
      time,
      project,
      category,
      type,
      ce_type: ceType,
      subject: aggregate,
      payload: JSON.parse(data) as unknown,
    };
    return printer.write(`${JSON.stringify(event)}\n`);
  }
  if (printer.output === 'name') return printer.write(`${id}\n`);
  const line = [printer.times.show(time), project, printer.paint('bold', oneLine(type)), oneLine(aggregate)];
  await printer.write(`${[...line, ...(printer.output === 'wide' ? [oneLine(data)] : [])].join('  ')}\n`);
}
