import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

describe('agents over HTTP', () => {
  let world: CommandWorld;
  let agents: string;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    agents = `/projects/${await world.project()}/agents`;
  });

  it('are created with 201, an ETag and their owner', async () => {
    const { status, body, etag } = await world.post(agents, { name: 'reviewer', prompt: 'Review.', ignored: 1 });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'Agent',
      name: 'reviewer',
      prompt: 'Review.',
      owner_user_id: 'ann',
      created_at: world.now,
    });
    expect(body.href).toBe(`/api/ambient/v1${agents}/${body.id}`);
    expect(body).not.toHaveProperty('ignored');
    expect(etag).toBe('"0"');
  });

  it('refuse a body with an id, and name each bad field', async () => {
    expect(await world.post(agents, { id: 'x', name: 'reviewer' })).toMatchObject({ status: 400 });
    const { status, body } = await world.post(agents, { name: 7, llm_temperature: 9 });
    expect(status).toBe(400);
    expect(body.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['llm_temperature', 'name']);
    expect(await world.post(agents)).toMatchObject({ status: 400, body: { id: '17' } });
    expect(await world.post(agents, '{')).toMatchObject({ status: 400, body: { id: '17' } });
  });

  it('have names unique in their project, free again after a deletion or a rename', async () => {
    const first = await world.made(agents, { name: 'reviewer' });
    expect(await world.post(agents, { name: 'reviewer' })).toMatchObject({ status: 409, body: { id: '6' } });
    expect(await world.patch(`${agents}/${first.id}`, { name: 'critic' })).toMatchObject({
      status: 200,
      body: { name: 'critic' },
    });
    const second = await world.made(agents, { name: 'reviewer' });
    expect(await world.patch(`${agents}/${second.id}`, { name: 'critic' })).toMatchObject({ status: 409 });
    expect(await world.delete(`${agents}/${first.id}`)).toMatchObject({ status: 204, body: undefined });
    expect(await world.post(agents, { name: 'critic' })).toMatchObject({ status: 201 });
    const elsewhere = `/projects/${await world.project()}/agents`;
    expect(await world.post(elsewhere, { name: 'reviewer' })).toMatchObject({ status: 201 });
  });

  it('give a name to one of several that ask for it at once', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => world.post(agents, { name: 'wanted' })));
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, 409, 409, 409, 409]);
  });

  it('are guarded by If-Match', async () => {
    const { id } = await world.made(agents, { name: 'reviewer' });
    const path = `${agents}/${id}`;
    expect(await world.patch(path, { prompt: 'a' }, { 'if-match': '"0"' })).toMatchObject({ status: 200, etag: '"1"' });
    expect(await world.patch(path, { prompt: 'b' }, { 'if-match': '"0"' })).toMatchObject({ status: 412, body: { id: '412' } });
    expect(await world.delete(path, { 'if-match': '"0"' })).toMatchObject({ status: 412 });
    expect(await world.patch(path, { prompt: 'b' }, { 'if-match': 'x' })).toMatchObject({ status: 400, body: { id: '21' } });
    expect(await world.delete(path, { 'if-match': '"1"' })).toMatchObject({ status: 204 });
  });

  it('keep both of two concurrent changes of different fields, and clear what is null', async () => {
    const { id } = await world.made(agents, { name: 'reviewer', description: 'old' });
    await Promise.all([world.patch(`${agents}/${id}`, { prompt: 'p' }), world.patch(`${agents}/${id}`, { repo_url: 'r' })]);
    const { body } = await world.patch(`${agents}/${id}`, { description: null });
    expect(body).toMatchObject({ prompt: 'p', repo_url: 'r' });
    expect(body).not.toHaveProperty('description');
    expect(await world.events(streams.agent(id))).toHaveLength(4);
  });

  it('change nothing when a change changes nothing', async () => {
    const { id } = await world.made(agents, { name: 'reviewer' });
    expect(await world.patch(`${agents}/${id}`, { name: 'reviewer' })).toMatchObject({ status: 200, etag: '"0"' });
  });

  it('are 404 through another project, to a stranger, and once deleted', async () => {
    const { id } = await world.made(agents, { name: 'reviewer' });
    const foreign = `/projects/${await world.project()}/agents/${id}`;
    for (const path of [foreign, `${agents}/nobody`]) {
      expect(await world.patch(path, { prompt: 'x' })).toMatchObject({ status: 404 });
      expect(await world.delete(path)).toMatchObject({ status: 404 });
      expect(await world.post(`${path}/start`)).toMatchObject({ status: 404 });
    }
    expect(await world.patch(`${agents}/${id}`, { prompt: 'x' }, {}, 'eve')).toMatchObject({ status: 404 });
    await world.delete(`${agents}/${id}`);
    expect(await world.delete(`${agents}/${id}`)).toMatchObject({ status: 404 });
  });

  it('keep secrets sealed in the store and open them in the answer', async () => {
    const secret = `s3cret-${Math.trunc(performance.now())}-value`;
    const environment_variables = JSON.stringify({ TOKEN: secret });
    const { body } = await world.post(
      agents,
      { name: 'keeper', environment_variables },
      { 'idempotency-key': `k-${secret.length}` },
    );
    expect(body.environment_variables).toBe(environment_variables);
    const started = await world.post(`${agents}/${body.id}/start`);
    expect(started.body.session.environment_variables).toBe(environment_variables);
    const changed = await world.patch(`${agents}/${body.id}`, { environment_variables });
    expect(changed).toMatchObject({ body: { environment_variables }, etag: '"0"' });
    expect(await world.storedBytes()).toContain('keeper');
    expect(await world.storedBytes()).not.toContain(secret);
  });

  describe('started', () => {
    it('make a session, and give the same one while it is active', async () => {
      const { id } = await world.made(agents, { name: 'reviewer', prompt: 'You review.', llm_temperature: 0 });
      const first = await world.post(`${agents}/${id}/start`, { prompt: 'Look at PR 7' });
      expect(first).toMatchObject({
        status: 200,
        body: { created: true, session: { phase: 'Pending', agent_id: id, llm_temperature: 0 } },
      });
      expect(first.body.starting_prompt).toMatch(/You review\.[^]*Look at PR 7/);
      const again = await world.post(`${agents}/${id}/start`);
      expect(again).toMatchObject({ status: 200, body: { created: false, session: { id: first.body.session.id } } });
      await world.report(first.body.session.id, { phase: 'Completed' });
      const later = await world.post(`${agents}/${id}/start`);
      expect(later.body.created).toBe(true);
      expect(later.body.session.id).not.toBe(first.body.session.id);
    });

    it('five times at once make one session', async () => {
      const { id } = await world.made(agents, { name: 'reviewer' });
      const answers = await Promise.all(Array.from({ length: 5 }, () => world.post(`${agents}/${id}/start`)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(new Set(answers.map(({ body }) => body.session.id)).size).toBe(1);
      expect(answers.filter(({ body }) => body.created)).toHaveLength(1);
    });

    it('can not be deleted before the session has ended', async () => {
      const { id } = await world.made(agents, { name: 'reviewer' });
      const { session } = (await world.post(`${agents}/${id}/start`)).body;
      expect(await world.delete(`${agents}/${id}`)).toMatchObject({ status: 409 });
      await world.report(session.id, { phase: 'Failed' });
      expect(await world.delete(`${agents}/${id}`)).toMatchObject({ status: 204 });
    });
  });
});
