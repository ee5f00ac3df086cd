/** Nothing of one project can be read through another's path, nor by whom it is hidden from. The cases are the rows of the route table. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES, type Route } from '#contracts';
import { World } from '../testing/world.js';

interface Place {
  readonly project: string;
  readonly agent: string;
  readonly schedule: string;
  readonly session: string;
}

let world: World;
let alpha: Place;
let beta: Place;

beforeAll(async () => {
  world = await World.open();
  alpha = await furnish('alpha');
  beta = await furnish('beta');
  await world.grant('ann', 'project:owner', 'alpha');
  await world.grant('vic', 'project:viewer', 'alpha');
  await world.grant('bob', 'project:owner', 'beta');
  await world.project();
});
afterAll(() => world.close());

async function furnish(name: string): Promise<Place> {
  const project = await world.makeProject(name);
  const agent = await world.makeAgent(project, { name: 'worker' });
  return {
    project,
    agent,
    schedule: await world.makeSchedule(project),
    session: await world.makeSession({ project_id: project }),
  };
}

/** The path of a route to the things of a place. */
const pathTo = ({ path, scope }: Route, { project, agent, schedule, session }: Place): string =>
  path
    .replace('{project_id}', project)
    .replace('{agent_id}', agent)
    .replace('{id}', scope === 'session' ? session : schedule);

const inProject = ROUTES.filter(({ service, scope }) => service === 'query' && (scope === 'path' || scope === 'session'));
const withId = inProject.filter(({ path, scope }) => scope === 'path' && /\{(agent_)?id\}/.test(path));

describe.each(inProject.map(route => [route.id, route] as const))('%s', (_, route) => {
  it('answers those who may look, at a viewer’s rank too unless it needs an owner', async () => {
    for (const user of ['ann', 'vic', 'admin', 'watcher'] as const) {
      const expected = route.needs === 'owner' && (user === 'vic' || user === 'watcher') ? 404 : 200;
      expect([user, (await world.get(pathTo(route, alpha), user)).status]).toEqual([user, expected]);
    }
  });

  it('does not exist for anyone else, just as what never was', async () => {
    const nowhere = { project: 'nowhere', agent: world.id(), schedule: world.id(), session: world.id() };
    const missing = await world.get(pathTo(route, nowhere), 'ann');
    expect(missing.status).toBe(404);
    for (const user of ['bob', 'eve'] as const) {
      const hidden = await world.get(pathTo(route, alpha), user);
      expect([hidden.status, hidden.json.reason]).toEqual([404, missing.json.reason]);
    }
  });
});

it.each(withId.map(route => [route.id, route] as const))('%s finds nothing of another project', async (_, route) => {
  for (const mixed of [
    { ...beta, project: alpha.project },
    { ...alpha, project: beta.project },
  ]) {
    expect((await world.get(pathTo(route, mixed), 'admin')).status).toBe(404);
  }
});
