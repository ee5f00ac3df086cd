import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Body } from '../testing/body.js';
import { World } from '../testing/world.js';

let world: World;
let agents: string[];
const AGENTS = '/projects/alpha/agents';

beforeAll(async () => {
  world = await World.open();
  await world.makeProject('alpha');
  await world.makeProject('beta');
  await world.grant('ann', 'project:owner', 'alpha');
  await world.grant('bob', 'project:owner', 'beta');
  await world.grant('vic', 'project:viewer', 'alpha');
  agents = [];
  for (const name of ['cedar', 'ash', 'birch']) agents.push(await world.makeAgent('alpha', { name }));
  await world.makeAgent('beta', { name: 'elm' });
  await world.project();
});
afterAll(() => world.close());

const names = (answer: { json: Body }): string[] => answer.json.items.map(({ name }) => name);

describe('pages', () => {
  it('answers an envelope whose text is exactly the JSON of its items, oldest first', async () => {
    const answer = await world.get(AGENTS, 'ann');
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(answer.json).toMatchObject({ kind: 'AgentList', page: 1, size: 3, total: 3 });
    expect(answer.json.items.map(({ id }) => id)).toEqual(agents);
    expect(answer.body).toBe(JSON.stringify(answer.json));
    expect(answer.json.items[0]).toEqual((await world.get(`${AGENTS}/${agents[0]}`, 'ann')).json);
  });

  it('turns pages, past the end too, and counts without items', async () => {
    expect(names(await world.get(`${AGENTS}?size=2`))).toEqual(['cedar', 'ash']);
    const second = await world.get(`${AGENTS}?size=2&page=2`);
    expect([names(second), second.json.page, second.json.size, second.json.total]).toEqual([['birch'], 2, 1, 3]);
    const beyond = await world.get(`${AGENTS}?page=999999999999999`);
    expect([beyond.status, beyond.json.items, beyond.json.total]).toEqual([200, [], 3]);
    expect((await world.get(`${AGENTS}?size=0`)).json).toMatchObject({ size: 0, total: 3, items: [] });
    expect((await world.get(`${AGENTS}?size=100000`)).json.size).toBe(3);
  });

  it('orders by any searchable field, several of them too', async () => {
    expect(names(await world.get(`${AGENTS}?orderBy=name`))).toEqual(['ash', 'birch', 'cedar']);
    expect(names(await world.get(`${AGENTS}?orderBy=${encodeURIComponent('owner_user_id, name desc')}`))).toEqual([
      'cedar',
      'birch',
      'ash',
    ]);
  });

  it('reduces items to the fields that were asked for, and their id', async () => {
    const { items } = (await world.get(`${AGENTS}?fields=name,kind`)).json;
    expect(items[0]).toEqual({ id: agents[0], kind: 'Agent', name: 'cedar' });
  });

  it('searches, within the project only', async () => {
    expect(names(await world.get(`${AGENTS}?search=${encodeURIComponent("name like '%ar' or name = 'elm'")}`))).toEqual([
      'cedar',
    ]);
  });

  it.each([
    ['page=0', 'page', '21'],
    ['page=x', 'page', '21'],
    ['page=1&page=2', 'page', '21'],
    ['size=-1', 'size', '21'],
    ['size=ten', 'size', '21'],
    ['orderBy=secret', 'orderBy', '21'],
    ['orderBy=name%20up', 'orderBy', '21'],
    ['orderBy=name,name', 'orderBy', '21'],
    [`orderBy=${Array.from({ length: 17 }, () => 'name').join()}`, 'orderBy', '21'],
    ['fields=name,secret', 'fields', '21'],
    ['consistency=strong', 'consistency', '21'],
    ['search=name%20~%201', 'position 6', '23'],
    ['search=secret%20=%20%271%27', 'secret', '23'],
  ])('refuses %s and names it', async (query, named, number) => {
    const answer = await world.get(`${AGENTS}?${query}`);
    expect([answer.status, answer.json.id]).toEqual([400, number]);
    expect(answer.json.reason).toContain(named);
  });
});

describe('roles', () => {
  it('are listed, searched and ordered like anything else', async () => {
    const all = await world.get('/roles', 'eve');
    expect(all.json).toMatchObject({ kind: 'RoleList', size: 6, total: 6 });
    expect(all.json.items[0]).toMatchObject({
      id: 'platform:admin',
      href: '/api/ambient/v1/roles/platform:admin',
      built_in: true,
    });
    const some = await world.get(`/roles?orderBy=name%20desc&search=${encodeURIComponent("name ilike 'PROJECT%'")}`, 'eve');
    expect(names(some)).toEqual(['project:viewer', 'project:owner', 'project:editor']);
  });
});

describe('the read barrier', () => {
  it('tells how far the read model is behind, unless the caller does not ask for the newest state', async () => {
    const fresh = await world.get(AGENTS);
    expect(fresh.headers['x-read-lag-events']).toBeUndefined();
    await world.makeAgent('alpha', { name: 'late' });
    const late = await world.get(AGENTS);
    expect([late.status, late.headers['x-read-lag-events'], late.json.total]).toEqual([200, '1', 3]);
    const eventual = await world.get(`${AGENTS}?consistency=eventual`);
    expect([eventual.headers['x-read-lag-events'], eventual.json.total]).toEqual([undefined, 3]);
    await world.project();
    expect((await world.get(AGENTS)).json.total).toBe(4);
  });
});

describe('what a caller may see', () => {
  const projectsOf = async (user: Parameters<World['get']>[1], query = '') => names(await world.get(`/projects${query}`, user));

  it('lists the projects in which the caller has a role', async () => {
    expect(await projectsOf('admin')).toEqual(['alpha', 'beta']);
    expect(await projectsOf('watcher')).toEqual(['alpha', 'beta']);
    expect(await projectsOf('ann')).toEqual(['alpha']);
    expect(await projectsOf('bob')).toEqual(['beta']);
    expect(await projectsOf('eve')).toEqual([]);
    expect((await world.get('/projects?size=0', 'bob')).json.total).toBe(1);
  });

  it('takes a role away at once, also from a read model that has not heard of it', async () => {
    const binding = await world.grant('eve', 'project:viewer', 'beta');
    await world.project();
    expect(await projectsOf('eve')).toEqual(['beta']);
    await world.revoke(binding, 'beta');
    expect(await projectsOf('eve')).toEqual([]);
    expect(await projectsOf('eve', '?consistency=eventual')).toEqual([]);
    await world.project();
  });

  it('lists the role bindings of projects that the caller owns, and the own ones', async () => {
    const users = async (user: Parameters<World['get']>[1]) =>
      (await world.get('/role_bindings', user)).json.items.map(({ user_id }) => user_id);
    expect(await users('admin')).toEqual(['ann', 'bob', 'vic']);
    expect(await users('ann')).toEqual(['ann', 'vic']);
    expect(await users('vic')).toEqual(['vic']);
    expect(await users('eve')).toEqual([]);
  });

  it('answers a single role binding to those alone, and knows at once that it is revoked', async () => {
    const id = await world.grant('vic', 'project:editor', 'beta');
    expect((await world.get(`/role_bindings/${id}`, 'admin')).status).toBe(503);
    await world.project();
    const answer = await world.get(`/role_bindings/${id}`, 'bob');
    expect(answer.json).toMatchObject({ id, kind: 'RoleBinding', user_id: 'vic', project_id: 'beta' });
    expect(answer.headers['etag']).toMatch(/^"\d+"$/);
    expect((await world.get(`/role_bindings/${id}`, 'vic')).status).toBe(200);
    expect((await world.get(`/role_bindings/${id}`, 'ann')).status).toBe(404);
    await world.revoke(id, 'beta');
    expect((await world.get(`/role_bindings/${id}`, 'bob')).status).toBe(404);
    await world.project();
    expect((await world.get(`/role_bindings/${id}`, 'bob')).status).toBe(404);
  });
});

describe('secrets', () => {
  const SECRETS = '{"TOKEN":"s3cret"}';

  it('are opened for editors and the runtime, masked for viewers, and never in the store', async () => {
    const id = await world.makeAgent('alpha', { name: 'keeper', environment_variables: SECRETS });
    await world.project();
    const stored = await world.reads.live.get('agents', [id]);
    expect(stored[0]?.json).toContain('sealed:v1:');
    const search = encodeURIComponent("name = 'keeper'");
    for (const [user, shown] of [
      ['ann', SECRETS],
      ['admin', SECRETS],
      ['runtime', SECRETS],
      ['vic', '{"TOKEN":"***"}'],
      ['watcher', '{"TOKEN":"***"}'],
    ] as const) {
      expect((await world.get(`${AGENTS}/${id}`, user)).json.environment_variables).toBe(shown);
      expect((await world.get(`${AGENTS}?search=${search}`, user)).json.items[0]!.environment_variables).toBe(shown);
    }
  });

  it('are judged by the project of each session in a list of many', async () => {
    await world.grant('vic', 'project:owner', 'beta');
    const [masked, opened] = [
      await world.makeSession({ project_id: 'alpha' }, { environment_variables: SECRETS }),
      await world.makeSession({ project_id: 'beta' }, { environment_variables: SECRETS }),
    ];
    await world.project();
    const { items } = (await world.get('/sessions', 'vic')).json;
    const shown = Object.fromEntries(items.map(item => [item.id, item.environment_variables]));
    expect(shown).toEqual({ [masked]: '{"TOKEN":"***"}', [opened]: SECRETS });
  });
});
