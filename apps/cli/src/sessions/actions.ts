import { open } from 'node:fs/promises';
import type { SessionCreate } from '#client';
import type { Context } from '../context.js';
import { eventShape } from '../events/shape.js';
import { bodyFrom, contentOf, type Options } from '../fields.js';
import { atMost, queryOf, type ListOptions } from '../lists.js';
import { agentOf, sessionOf } from '../names.js';
import { SESSION_FIELDS } from './fields.js';
import { followToItsEnd, messageText } from './follow.js';
import { messageShape, sessionShape } from './shape.js';

interface SessionListOptions extends ListOptions {
  readonly phase?: string;
  readonly agent?: string;
}

export async function list(context: Context, options: SessionListOptions): Promise<void> {
  const [{ sessions }, { project }] = await Promise.all([context.client(), context.connection()]);
  const conditions = [
    ...(options.search === undefined ? [] : [`(${options.search})`]),
    ...(options.phase === undefined ? [] : [`phase = '${options.phase.replaceAll("'", "''")}'`]),
    ...(options.agent === undefined ? [] : [`agent_id = '${(await agentOf(context, options.agent)).id}'`]),
  ];
  const query = {
    ...queryOf({ ...options, ...(conditions.length === 0 ? {} : { search: conditions.join(' and ') }) }),
    ...(project === undefined ? {} : { project_id: project }),
  };
  await context.printer.list(sessionShape, atMost(options.limit, sessions.all(query)));
}

export async function get(context: Context, nameOrId: string, { asOf }: { readonly asOf?: string }): Promise<void> {
  const session = await sessionOf(context, nameOrId);
  const { sessions } = await context.client();
  await context.printer.one(sessionShape, asOf === undefined ? session : await sessions.get(session.id, { as_of: asOf }));
}

interface CreateOptions extends Options {
  readonly agent?: string;
  readonly start?: boolean;
  readonly watch?: boolean;
}

export async function create(context: Context, name: string, options: CreateOptions): Promise<number | void> {
  const [{ sessions }, { project }] = await Promise.all([context.client(), context.connection()]);
  const agent = options.agent === undefined ? undefined : await agentOf(context, options.agent);
  const body = {
    ...(await bodyFrom(SESSION_FIELDS, options)),
    name,
    ...(project === undefined ? {} : { project_id: project }),
    ...(agent ? { agent_id: agent.id } : {}),
  } as SessionCreate;
  const created = await sessions.create(body);
  if (!options.start && !options.watch) return context.printer.did('created', sessionShape, created);
  const started = await sessions.start(created.id);
  if (options.watch) return followToItsEnd(context, started);
  await context.printer.did('started', sessionShape, started);
}

interface WatchOptions {
  readonly watch?: boolean;
}

export async function start(context: Context, nameOrId: string, { watch }: WatchOptions): Promise<number | void> {
  const { sessions } = await context.client();
  const session = await sessions.start((await sessionOf(context, nameOrId)).id);
  if (watch) return followToItsEnd(context, session);
  await context.printer.did('started', sessionShape, session);
}

export async function stop(context: Context, nameOrId: string, { watch }: WatchOptions): Promise<number | void> {
  const { sessions } = await context.client();
  const session = await sessions.stop((await sessionOf(context, nameOrId)).id);
  if (watch) return followToItsEnd(context, session);
  await context.printer.did('is asked to stop', sessionShape, session);
}

export async function clone(context: Context, nameOrId: string, { name }: { readonly name?: string }): Promise<void> {
  const { sessions } = await context.client();
  const { id } = await sessionOf(context, nameOrId);
  await context.printer.did('created', sessionShape, await sessions.clone(id, name === undefined ? {} : { name }));
}

export async function remove(context: Context, nameOrId: string): Promise<void> {
  const { sessions } = await context.client();
  const session = await sessionOf(context, nameOrId);
  await sessions.delete(session.id);
  await context.printer.did('deleted', sessionShape, session);
}

interface MessagesOptions {
  readonly follow?: boolean;
  readonly after?: number;
}

/** However the session ends, its messages were told: no failure of this command. */
export async function messages(context: Context, nameOrId: string, { follow, after = 0 }: MessagesOptions): Promise<void> {
  const { printer } = context;
  const session = await sessionOf(context, nameOrId);
  if (follow) return void (await followToItsEnd(context, session, after));
  const found = await (await context.client()).sessions.messages(session.id, after);
  if (printer.output !== 'table') return printer.list(messageShape, found);
  for (const message of found) await printer.write(messageText(context, message));
}

export async function send(context: Context, nameOrId: string, text: string, { follow }: MessagesOptions): Promise<void> {
  const { printer } = context;
  const { sessions } = await context.client();
  const { id } = await sessionOf(context, nameOrId);
  const payload = text === '-' ? await contentOf('-') : text;
  const message = await sessions.send(id, { payload });
  if (follow) return void (await followToItsEnd(context, { id }, message.seq));
  if (printer.output !== 'table') return printer.one(messageShape, message);
  await printer.write(`message ${message.seq} sent\n`);
}

/** The document as the server sends it, whatever its length. */
export async function exportOne(context: Context, nameOrId: string, { file: path }: { readonly file?: string }): Promise<void> {
  const { sessions } = await context.client();
  const { id } = await sessionOf(context, nameOrId);
  const document = await sessions.exportStream(id);
  if (path === undefined) {
    const decoder = new TextDecoder();
    for await (const piece of document) await context.printer.write(decoder.decode(piece, { stream: true }));
    return context.printer.write('\n');
  }
  const file = await open(path, 'w');
  try {
    for await (const piece of document) await file.write(piece);
  } finally {
    await file.close();
  }
}

export async function history(context: Context, nameOrId: string): Promise<void> {
  const { sessions } = await context.client();
  const { id } = await sessionOf(context, nameOrId);
  await context.printer.list(eventShape(), sessions.history(id));
}
