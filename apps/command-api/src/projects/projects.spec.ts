import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

describe('projects over HTTP', () => {
  let world: CommandWorld;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());

  it('are created with their name as id, and their creator as owner', async () => {
    const { status, body, etag } = await world.post('/projects', { name: 'blue', labels: '{"team":"a"}' });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'Project',
      id: 'blue',
      name: 'blue',
      labels: '{"team":"a"}',
      href: '/api/ambient/v1/projects/blue',
    });
    expect(etag).toBe('"0"');
    const [granted] = await world.events(streams.access('blue'));
    expect(granted).toMatchObject({
      type: 'RoleGranted',
      payload: { role_id: 'project:owner', user_id: 'ann', project_id: 'blue' },
    });
  });

  it('refuse a name that is taken, and one that is no label', async () => {
    const name = await world.project();
    expect(await world.post('/projects', { name })).toMatchObject({ status: 409, body: { id: '6' } });
    expect(await world.post('/projects', { name: 'Not A Label' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'name' }] },
    });
  });

  it('are changed with 200 and guarded by If-Match', async () => {
    const path = `/projects/${await world.project()}`;
    expect(await world.patch(path, { description: 'x' }, { 'if-match': '"0"' })).toMatchObject({
      status: 200,
      body: { description: 'x' },
      etag: '"1"',
    });
    expect(await world.patch(path, { description: 'y' }, { 'if-match': '"0"' })).toMatchObject({ status: 412 });
  });

  it('do not exist for a stranger, nor for someone without token', async () => {
    const path = `/projects/${await world.project()}`;
    expect(await world.patch(path, {}, {}, 'eve')).toMatchObject({ status: 404, body: { id: '7' } });
    expect(await world.call('DELETE', path, { headers: { authorization: '' } })).toMatchObject({
      status: 401,
      body: { id: '15' },
    });
  });

  it('are not deleted while a schedule or a session in them is active', async () => {
    const name = await world.project();
    const path = `/projects/${name}`;
    const schedule = await world.made(`${path}/scheduled-sessions`, { name: 'nightly', schedule: '@daily' });
    expect(await world.delete(path)).toMatchObject({ status: 409 });
    await world.post(`${path}/scheduled-sessions/${schedule.id}/suspend`);
    const session = await world.made('/sessions', { name: 's', project_id: name });
    await world.post(`/sessions/${session.id}/start`);
    expect(await world.delete(path)).toMatchObject({ status: 409 });
    await world.report(session.id, { phase: 'Completed' });
    expect(await world.delete(path)).toMatchObject({ status: 204 });
    expect(await world.delete(path)).toMatchObject({ status: 404 });
    expect(await world.post(`${path}/agents`, { name: 'a' })).toMatchObject({ status: 404 });
  });

  it('answer an operation id on everything, the one that came if it is one', async () => {
    const { headers } = await world.post('/projects', {}, { 'x-operation-id': 'op-7' });
    expect(headers).toMatchObject({
      'x-operation-id': 'op-7',
      'content-type': expect.stringContaining('application/problem+json'),
    });
    expect((await world.post('/projects', {})).headers['x-operation-id']).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('keep a well-formed traceparent with their events, and no other', async () => {
    const good = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const bad = ['00-abc', `01-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, good.toUpperCase()];
    const path = `/projects/${await world.project()}`;
    for (const traceparent of [good, ...bad]) await world.patch(path, { description: traceparent }, { traceparent });
    const [, ...updates] = await world.events(`project-${path.split('/')[2]}`);
    expect(updates.map(({ metadata }) => metadata.traceparent)).toEqual([good, undefined, undefined, undefined]);
  });

  it('tell unknown paths from unknown methods', async () => {
    expect(await world.post('/nowhere')).toMatchObject({ status: 404, body: { kind: 'Error', id: '7' } });
    expect(await world.patch('/projects', {})).toMatchObject({
      status: 405,
      headers: { allow: expect.stringContaining('POST') },
    });
  });

  it('refuse a body over 1 MiB', async () => {
    expect(await world.post('/projects', { name: 'big', description: 'x'.repeat(1_100_000) })).toMatchObject({
      status: 413,
      body: { id: '413' },
    });
  });
});
