import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { access } from '#domain';
import { World } from '../../testing/world.js';

let world: World;
let path: string;
let id: string;

beforeAll(async () => {
  world = await World.open();
  await world.makeProject('alpha');
  await world.grant('ann', 'project:owner', 'alpha');
  id = await world.makeSchedule('alpha', { name: 'kept' });
  path = `/projects/alpha/scheduled-sessions/${id}`;
  await world.project();
});
afterAll(() => world.close());

it('answers again what it answered, while nothing happened', async () => {
  const first = await world.get(path, 'ann');
  const again = await world.get(path, 'ann');
  expect(first.status).toBe(200);
  expect([again.status, again.json, again.headers['etag'], again.headers['content-type']]).toEqual([
    200,
    first.json,
    first.headers['etag'],
    first.headers['content-type'],
  ]);
  expect(again.headers['x-operation-id']).not.toBe(first.headers['x-operation-id']);
});

it('answers anew after any event, whether or not the read model has seen it', async () => {
  await world.get(path, 'ann');
  await world.changeSchedule(id, { type: 'UpdateScheduledSession', changes: { description: 'newer' } });
  expect((await world.get(path, 'ann')).json.description).toBe('newer');
  await world.project();
  expect((await world.get(path, 'ann')).json.description).toBe('newer');
});

it('keeps nothing for another caller, and nothing for one whose role was taken', async () => {
  await world.project();
  expect((await world.get(path, 'ann')).status).toBe(200);
  expect((await world.get(path, 'bob')).status).toBe(404);
  expect((await world.get(path, 'nobody')).status).toBe(401);
  const binding = await world.grant('vic', 'project:viewer', 'alpha');
  await world.project();
  expect((await world.get(path, 'vic')).status).toBe(200);
  expect((await world.get(path, 'vic')).status).toBe(200);
  await world.append(access, streams.access('alpha'), { type: 'RevokeRole', role_binding_id: binding });
  expect((await world.get(path, 'vic')).status).toBe(404);
});
