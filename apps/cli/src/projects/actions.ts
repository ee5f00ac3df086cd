import type { ProjectChanges, ProjectCreate } from '#client';
import type { Context } from '../context.js';
import { bodyFrom, changesIn, type Options } from '../fields.js';
import { atMost, queryOf, type ListOptions } from '../lists.js';
import { projectOf } from '../names.js';
import { PROJECT_FIELDS } from './fields.js';
import { projectShape } from './shape.js';

export async function list(context: Context, options: ListOptions): Promise<void> {
  const { projects } = await context.client();
  await context.printer.list(projectShape, atMost(options.limit, projects.all(queryOf(options))));
}

export async function get(context: Context, name: string): Promise<void> {
  await context.printer.one(projectShape, await projectOf(context, name));
}

export async function create(context: Context, name: string, options: Options): Promise<void> {
  const { projects } = await context.client();
  const body = { ...(await bodyFrom(PROJECT_FIELDS, options)), name } as ProjectCreate;
  await context.printer.did('created', projectShape, await projects.create(body));
}

export async function update(context: Context, name: string, options: Options): Promise<void> {
  const { projects } = await context.client();
  const changes = changesIn((await bodyFrom(PROJECT_FIELDS, options)) as ProjectChanges);
  await context.printer.did('updated', projectShape, await projects.update(name, changes));
}

export async function remove(context: Context, name: string): Promise<void> {
  const { projects } = await context.client();
  const project = await projects.get(name);
  await projects.delete(name);
  await context.printer.did('deleted', projectShape, project);
}
