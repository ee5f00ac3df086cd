import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { World } from '../../testing/world.js';

let world: World;
beforeAll(async () => {
  world = await World.open();
  await world.makeProject('blue');
});
afterAll(() => world.close());

const ask = (id: string, as: Parameters<World['get']>[1] = 'proxy') => world.get(`//internal/session-place?session_id=${id}`, as);

it('a proxy hears where a session is now', async () => {
  const id = await world.makeSession({ project_id: 'blue' });
  expect((await ask(id)).json).toEqual({ found: true, project_id: 'blue', phase: '' });
  await world.change(id, { type: 'StartSession', starting_prompt: '' });
  await world.change(id, { type: 'ReportStatus', status: { phase: 'Running', kube_namespace: 'team-a' } });
  expect((await ask(id)).json).toEqual({ found: true, project_id: 'blue', phase: 'Running', namespace: 'team-a' });
  await world.change(id, { type: 'DeleteSession', deleted_at: '2026-03-02T12:00:00.000Z' });
  expect((await ask(id)).json).toEqual({ found: false, phase: '' });
  expect((await ask(await world.makeSession())).json).toEqual({ found: true, phase: '' });
  expect((await ask('unknown')).json).toEqual({ found: false, phase: '' });
  expect((await world.get('//internal/session-place', 'proxy')).status).toBe(400);
});

it('nobody else does', async () => {
  const id = await world.makeSession({ project_id: 'blue' });
  expect((await ask(id, 'nobody')).status).toBe(401);
  for (const user of ['admin', 'runtime', 'ann'] as const) expect((await ask(id, user)).status).toBe(403);
});
