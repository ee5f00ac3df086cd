/** A name or an id, wherever one is asked for. */
import {
  lagEventsOf,
  NotFoundError,
  type Agent,
  type ListQuery,
  type Project,
  type ScheduledSession,
  type Session,
} from '#client';
import type { Context } from './context.js';
import { Missing, UsageError } from './errors.js';

/** What ids look like. A name may look like one too. */
const KSUID = /^[0-9A-Za-z]{27}$/;
/** A list that is behind may lack what was just made: it is asked again. */
const LOOKS = 5;

interface Found<T> {
  readonly items: readonly T[];
}

interface Lookup<T> {
  readonly noun: string;
  readonly get: (id: string) => Promise<T>;
  readonly list: (query: ListQuery) => Promise<Found<T>>;
}

async function lookUp<T extends { readonly id: string; readonly name: string }>(
  nameOrId: string,
  { noun, get, list }: Lookup<T>,
): Promise<T> {
  if (KSUID.test(nameOrId)) {
    const found = await get(nameOrId).catch((error: unknown) => {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    });
    if (found) return found;
  }
  const [one, ...others] = await named(nameOrId, list);
  if (!one) throw new Missing(`there is no ${noun} "${nameOrId}"`);
  if (others.length === 0) return one;
  const ids = [one, ...others].map(({ id }) => id).join(', ');
  throw new UsageError(`several ${noun}s are called "${nameOrId}"; say which by its id: ${ids}`);
}

async function named<T>(name: string, list: Lookup<T>['list']): Promise<readonly T[]> {
  for (let look = 1; ; look++) {
    const page = await list({ search: `name = '${name.replaceAll("'", "''")}'`, size: 10 });
    if (page.items.length > 0 || lagEventsOf(page) === 0 || look === LOOKS) return page.items;
  }
}

export async function projectOf(context: Context, name: string): Promise<Project> {
  return (await context.client()).projects.get(name);
}

export async function agentOf(context: Context, nameOrId: string): Promise<Agent> {
  const [{ agents }, project] = await Promise.all([context.client(), context.project()]);
  return lookUp(nameOrId, {
    noun: `agent of project ${project}`,
    get: id => agents.get(project, id),
    list: query => agents.list(project, query),
  });
}

export async function scheduleOf(context: Context, nameOrId: string): Promise<ScheduledSession> {
  const [{ scheduledSessions }, project] = await Promise.all([context.client(), context.project()]);
  return lookUp(nameOrId, {
    noun: `scheduled session of project ${project}`,
    get: id => scheduledSessions.get(project, id),
    list: query => scheduledSessions.list(project, query),
  });
}

/** Names of sessions are not unique: the one there is, in the project if one is named. */
export async function sessionOf(context: Context, nameOrId: string): Promise<Session> {
  const [{ sessions }, { project }] = await Promise.all([context.client(), context.connection()]);
  return lookUp(nameOrId, {
    noun: project === undefined ? 'session' : `session of project ${project}`,
    get: id => sessions.get(id),
    list: query => sessions.list({ ...query, ...(project === undefined ? {} : { project_id: project }) }),
  });
}
