/** What a route is asked for: things to ask about, paths and bodies, all from the route table. */
import { ROUTES, type Route, type RouteId } from '#contracts';
import type { Client } from './http.js';

/** The routes that belong to one project, by their path or by their session. */
export const ofProjects = ROUTES.filter(({ scope }) => scope === 'path' || scope === 'session');

/** Rows of a test table. */
export const named = (routes: typeof ROUTES) => routes.map(route => [`${route.method} ${route.path}`, route] as const);

/** One of each kind of thing. */
export interface Belongings {
  readonly project_id: string;
  readonly agent_id: string;
  readonly schedule_id: string;
  readonly session_id: string;
}

let made = 0;

/** A number that no other name of this test file has. */
export const another = (): number => ++made;

/** Makes an agent, a schedule and a session with a repository. */
export async function belongings(owner: Client, project_id: string): Promise<Belongings> {
  const n = another();
  const [agent, schedule, session] = await Promise.all([
    owner.post(`/projects/${project_id}/agents`, { name: `agent-${n}` }),
    owner.post(`/projects/${project_id}/scheduled-sessions`, { name: `schedule-${n}`, schedule: '0 0 1 1 *' }),
    owner.post('/sessions', {
      name: `session-${n}`,
      project_id,
      repos: '[{"url":"https://git.test/a.git","branch":"main","name":"a"}]',
    }),
  ]);
  return { project_id, agent_id: agent['id'], schedule_id: schedule['id'], session_id: session['id'] };
}

/** A good body for each route that takes one. */
const BODIES: Partial<Record<RouteId, unknown>> = {
  'projects.update': { description: 'changed' },
  'agents.create': () => ({ name: `another-${another()}` }),
  'agents.update': { description: 'changed' },
  'scheduledSessions.create': () => ({ name: `another-${another()}`, schedule: '0 0 1 1 *' }),
  'scheduledSessions.update': { description: 'changed' },
  'scheduledSessions.actions': { action: 'suspend', search: "name like 'schedule-%'" },
  'scheduledSessions.backfill': { from: '2026-01-01T00:00:00Z', to: '2026-01-01T00:00:00Z' },
  'schedules.validate': { schedule: '@daily' },
  'sessions.update': { prompt: 'changed' },
  'sessions.status': { phase: 'Running' },
  'sessions.addRepo': { url: 'https://git.test/b.git' },
  'sessions.setWorkflow': { git_url: 'https://git.test/w.git' },
  'sessions.setModel': { model: 'changed' },
  'sessions.rename': { name: 'changed' },
  'sessions.addMessage': { payload: 'changed' },
};

const bodyOf = (id: RouteId): unknown => {
  const body = BODIES[id];
  return typeof body === 'function' ? (body as () => unknown)() : body;
};

/** The path of a route for some belongings; `{id}` is a session or a schedule, by the route. */
export const pathOf = ({ path }: Route, { project_id, agent_id, schedule_id, session_id }: Belongings): string =>
  path
    .replace('{project_id}', project_id)
    .replace('{agent_id}', agent_id)
    .replace('{id}', path.includes('scheduled-sessions') ? schedule_id : session_id)
    .replace('{name}', 'a');

/** Asks a route as a caller. */
export const send = (caller: Client, route: Route & { id: RouteId }, path: string) =>
  caller.request(route.method, path, route.method === 'GET' || route.method === 'DELETE' ? {} : { body: bodyOf(route.id) });
