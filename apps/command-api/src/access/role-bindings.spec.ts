import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandWorld, type User } from '../../testing/command-world.js';

describe('role bindings over HTTP', () => {
  let world: CommandWorld;
  let project_id: string;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    project_id = await world.project();
  });

  const grant = (user_id: string, role_id: string, as: User = 'ann', more: object = {}) =>
    world.post('/role_bindings', { user_id, role_id, scope: 'project', project_id, ...more }, {}, as);
  const revoke = (id: string, as: User = 'ann') => world.delete(`/role_bindings/${id}`, {}, as);

  it('give what their role allows, until they are revoked', async () => {
    const agents = `/projects/${project_id}/agents`;
    expect(await world.post(agents, { name: 'a' }, {}, 'bob')).toMatchObject({ status: 404 });
    const viewer = await grant('bob', 'project:viewer');
    expect(viewer).toMatchObject({
      status: 201,
      body: { kind: 'RoleBinding', role_id: 'project:viewer', user_id: 'bob', project_id },
    });
    expect(await world.post(agents, { name: 'a' }, {}, 'bob')).toMatchObject({ status: 403 });
    const editor = await grant('bob', 'project:editor');
    expect(await world.post(agents, { name: 'a' }, {}, 'bob')).toMatchObject({ status: 201 });
    for (const { body } of [viewer, editor]) expect(await revoke(body.id)).toMatchObject({ status: 204 });
    expect(await world.post(agents, { name: 'b' }, {}, 'bob')).toMatchObject({ status: 404 });
  });

  it('are granted by owners alone, below their own role', async () => {
    await grant('bob', 'project:editor');
    expect(await grant('eve', 'project:viewer', 'bob')).toMatchObject({ status: 403 });
    expect(await grant('eve', 'project:owner')).toMatchObject({ status: 403 });
    expect(await grant('eve', 'runtime')).toMatchObject({ status: 403 });
    expect(await grant('eve', 'project:owner', 'admin')).toMatchObject({ status: 201 });
    expect(await grant('bob', 'project:viewer', 'runtime')).toMatchObject({ status: 403 });
  });

  it('do not tell a stranger that the project exists', async () => {
    expect(await grant('eve', 'project:viewer', 'eve')).toMatchObject({ status: 404 });
    expect(await grant('eve', 'project:viewer', 'ann', { project_id: 'unknown' })).toMatchObject({ status: 404 });
    const { body } = await grant('bob', 'project:viewer');
    expect(await revoke(body.id, 'eve')).toMatchObject({ status: 404 });
    expect(await revoke('2QnBvYb4ZJk9eTfMhXgPcRsAduW')).toMatchObject({ status: 404 });
  });

  it('leave a project its last owner', async () => {
    const { body } = await grant('bob', 'project:owner', 'admin');
    expect(await revoke(body.id)).toMatchObject({ status: 204 });
    const second = await grant('bob', 'project:owner', 'admin');
    expect((await world.delete(`/role_bindings/${second.body.id}`)).status).toBe(204);
    const owner = (await world.events(`access-${project_id}`))[0]?.payload as { role_binding_id: string };
    expect(await revoke(owner.role_binding_id)).toMatchObject({ status: 409 });
    expect(await revoke(owner.role_binding_id, 'admin')).toMatchObject({ status: 409 });
  });

  it('are refused twice, and in a scope that does not fit', async () => {
    await grant('bob', 'project:viewer');
    expect(await grant('bob', 'project:viewer')).toMatchObject({ status: 409 });
    expect(await grant('bob', 'project:viewer', 'ann', { project_id: undefined })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'project_id' }] },
    });
    expect(await grant('bob', 'platform:admin', 'admin')).toMatchObject({ status: 400, body: { errors: [{ path: 'scope' }] } });
    expect(await grant('bob', 'project:viewer', 'admin', { scope: 'global' })).toMatchObject({ status: 400 });
    expect(await grant('bob', 'no:role')).toMatchObject({ status: 400, body: { errors: [{ path: 'role_id' }] } });
  });

  it('of scope global hold in every project, and are the administrator’s to give', async () => {
    const everywhere = { scope: 'global', project_id: undefined };
    expect(await grant('eve', 'project:editor', 'ann', everywhere)).toMatchObject({ status: 403 });
    const { status, body } = await grant('eve', 'project:editor', 'admin', everywhere);
    expect(status).toBe(201);
    expect(await world.post(`/projects/${project_id}/agents`, { name: 'a' }, {}, 'eve')).toMatchObject({ status: 201 });
    expect(await revoke(body.id, 'admin')).toMatchObject({ status: 204 });
  });
});
