import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyChain } from '#contracts';
import { World } from '../../testing/world.js';

let world: World;

beforeAll(async () => {
  world = await World.open();
  await world.makeProject('alpha');
  await world.makeProject('beta');
  await world.grant('ann', 'project:owner', 'alpha');
  await world.grant('bob', 'project:viewer', 'beta');
});
afterAll(() => world.close());

describe('the list', () => {
  it('holds the sessions of visible projects, and the own ones without a project', async () => {
    await world.makeSession({ project_id: 'alpha' }, { name: 'of alpha' });
    await world.makeSession({ project_id: 'beta' }, { name: 'of beta' });
    await world.makeSession({ created_by_user_id: 'bob' }, { name: 'of bob' });
    await world.makeSession({ created_by_user_id: 'eve' }, { name: 'of eve' });
    await world.project();
    const names = async (user: Parameters<World['get']>[1], query = '', headers = {}) =>
      (await world.get(`/sessions${query}`, user, headers)).json.items.map(({ name }) => name);
    expect(await names('admin')).toEqual(['of alpha', 'of beta', 'of bob', 'of eve']);
    expect(await names('ann')).toEqual(['of alpha']);
    expect(await names('bob')).toEqual(['of beta', 'of bob']);
    expect(await names('eve')).toEqual(['of eve']);
    expect(await names('admin', '?project_id=beta', { 'x-ambient-project': 'alpha' })).toEqual(['of beta']);
    expect(await names('admin', '', { 'x-ambient-project': 'alpha' })).toEqual(['of alpha']);
    expect(await names('eve', `?search=${encodeURIComponent("name like 'of %' or project_id = 'alpha'")}`)).toEqual(['of eve']);
    for (const named of ['alpha', 'nowhere']) {
      const answer = await world.get(`/sessions?project_id=${named}`, 'bob');
      expect([answer.status, answer.json.reason]).toEqual([404, 'there is no such project']);
    }
  });
});

describe('a session', () => {
  it('is answered from its stream and its conversation alone, with its ETag', async () => {
    const id = await world.makeSession({ project_id: 'alpha' }, { name: 'talk' });
    await world.say(id, 'hello');
    const answer = await world.get(`/sessions/${id}`, 'ann');
    expect([answer.status, answer.headers['etag']]).toEqual([200, '"0"']);
    expect(answer.json).toMatchObject({
      id,
      kind: 'Session',
      phase: '',
      last_activity_at: new Date(world.clock.now()).toISOString(),
    });
    expect(answer.json.run_id).toBeUndefined();
    await world.project();
    expect((await world.get('/sessions?size=500', 'ann')).json.items).toContainEqual(answer.json);
  });

  it('can be asked for as it was, its last activity included', async () => {
    const before = new Date(world.clock.now()).toISOString();
    const id = await world.makeSession({ project_id: 'alpha' }, { name: 'first name' });
    const quiet = new Date(world.clock.now()).toISOString();
    await world.say(id, 'one');
    const spoken = new Date(world.clock.now()).toISOString();
    await world.say(id, 'two');
    await world.change(id, { type: 'RenameSession', name: 'second name' });
    await world.change(id, { type: 'DeleteSession', deleted_at: '2026-03-02T12:00:00.000Z' });
    const asOf = (at: string) => world.get(`/sessions/${id}?as_of=${at}`, 'ann');
    expect((await asOf(before)).status).toBe(404);
    expect((await asOf(quiet)).json).toMatchObject({ name: 'first name' });
    expect((await asOf(quiet)).json.last_activity_at).toBeUndefined();
    expect((await asOf(spoken)).json.last_activity_at).toBe(spoken);
    expect((await asOf('2030-01-01T00:00:00Z')).status).toBe(404);
    const bad = await asOf('2026-02-30T00:00:00Z');
    expect([bad.status, bad.json.reason]).toEqual([400, expect.stringContaining('as_of')]);
  });

  it('tells its workflow and the conditions that the runtime reported', async () => {
    const id = await world.makeSession({ project_id: 'alpha' });
    expect((await world.get(`/sessions/${id}/workflow/metadata`, 'ann')).json).toEqual({ workflow: null });
    expect((await world.get(`/sessions/${id}/pod-events`, 'ann')).json).toEqual([]);
    const workflow = { git_url: 'https://git.example/flow.git', branch: 'main', path: 'flows' };
    await world.change(id, { type: 'SetWorkflow', workflow });
    const [late, early] = [
      { type: 'Ready', lastTransitionTime: '2026-03-01T10:00:00Z' },
      { type: 'Started', lastTransitionTime: '2026-03-01T09:00:00Z' },
    ];
    await world.change(id, { type: 'ReportStatus', status: { conditions: JSON.stringify([late, early]) } });
    expect((await world.get(`/sessions/${id}/workflow/metadata`, 'ann')).json).toEqual({ workflow });
    expect((await world.get(`/sessions/${id}/pod-events`, 'ann')).json).toEqual([early, late]);
    await world.change(id, { type: 'ReportStatus', status: { conditions: '[{"type":"B"},{"type":"A"}]' } });
    expect((await world.get(`/sessions/${id}/pod-events`, 'ann')).json).toEqual([{ type: 'B' }, { type: 'A' }]);
  });

  it('exports itself whole, secrets sealed, over more than one page of events', async () => {
    const id = await world.makeSession({ project_id: 'alpha' }, { environment_variables: '{"KEY":"value"}' });
    for (let n = 1; n <= 502; n++) await world.say(id, `message ${n}`);
    const { json, headers } = await world.get(`/sessions/${id}/export`, 'ann');
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    expect(json).toMatchObject({
      version: '1',
      export_at: new Date(world.clock.now()).toISOString(),
      session: { id, kind: 'Session' },
    });
    expect(json.messages.map(({ seq }) => seq)).toEqual(Array.from({ length: 502 }, (_, index) => index + 1));
    expect(verifyChain(json.history)).toEqual({ valid: true, events: 1 });
    expect(json.session.environment_variables).toContain('sealed:v1:');
  });

  it('is not there any more when deleted, but for its history', async () => {
    const id = await world.makeSession({ project_id: 'alpha' });
    await world.change(id, { type: 'DeleteSession', deleted_at: '2026-03-02T12:00:00.000Z' });
    for (const path of ['', '/workflow/metadata', '/pod-events', '/messages', '/export']) {
      expect([path, (await world.get(`/sessions/${id}${path}`, 'ann')).status]).toEqual([path, 404]);
    }
    const { json } = await world.get(`/sessions/${id}/history`, 'ann');
    expect(json.items.map(({ type }) => type)).toEqual(['SessionCreated', 'SessionDeleted']);
    expect(verifyChain(json.items)).toEqual({ valid: true, events: 2 });
    expect((await world.get(`/sessions/${id}/history`, 'bob')).status).toBe(404);
  });
});
