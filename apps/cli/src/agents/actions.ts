import type { AgentChanges, AgentCreate } from '#client';
import type { Context } from '../context.js';
import { bodyFrom, changesIn, type Options } from '../fields.js';
import { atMost, queryOf, type ListOptions } from '../lists.js';
import { agentOf } from '../names.js';
import { printable } from '../output/text.js';
import { followToItsEnd } from '../sessions/follow.js';
import { sessionShape } from '../sessions/shape.js';
import { AGENT_FIELDS } from './fields.js';
import { agentShape } from './shape.js';

export async function list(context: Context, options: ListOptions): Promise<void> {
  const { agents } = await context.client();
  await context.printer.list(agentShape, atMost(options.limit, agents.all(await context.project(), queryOf(options))));
}

export async function get(context: Context, nameOrId: string): Promise<void> {
  await context.printer.one(agentShape, await agentOf(context, nameOrId));
}

export async function create(context: Context, name: string, options: Options): Promise<void> {
  const { agents } = await context.client();
  const body = { ...(await bodyFrom(AGENT_FIELDS, options)), name } as AgentCreate;
  await context.printer.did('created', agentShape, await agents.create(await context.project(), body));
}

export async function update(context: Context, nameOrId: string, options: Options & { readonly name?: string }): Promise<void> {
  const { agents } = await context.client();
  const { id } = await agentOf(context, nameOrId);
  const { name } = options;
  const changes = { ...(await bodyFrom(AGENT_FIELDS, options)), ...(name === undefined ? {} : { name }) } as AgentChanges;
  await context.printer.did('updated', agentShape, await agents.update(await context.project(), id, changesIn(changes)));
}

export async function remove(context: Context, nameOrId: string): Promise<void> {
  const { agents } = await context.client();
  const agent = await agentOf(context, nameOrId);
  await agents.delete(await context.project(), agent.id);
  await context.printer.did('deleted', agentShape, agent);
}

interface StartOptions {
  readonly prompt?: string;
  readonly watch?: boolean;
  readonly preview?: boolean;
}

export async function start(
  context: Context,
  nameOrId: string,
  { prompt, watch, preview }: StartOptions,
): Promise<number | void> {
  const { printer } = context;
  const { agents } = await context.client();
  const project = await context.project();
  const { id } = await agentOf(context, nameOrId);
  if (preview) {
    const text = await agents.preview(project, id);
    return printer.isForPrograms ? printer.value({ starting_prompt: text }) : printer.write(`${printable(text).trimEnd()}\n`);
  }
  const started = await agents.start(project, id, prompt === undefined ? {} : { prompt });
  if (watch) return followToItsEnd(context, started.session);
  if (printer.isForPrograms) return printer.value(started);
  await printer.did(started.created ? 'started' : 'is active already', sessionShape, started.session);
}
