import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

describe('an Idempotency-Key', () => {
  let world: CommandWorld;
  let agents: string;
  let keys = 0;
  let key: { readonly 'idempotency-key': string };
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    agents = `/projects/${await world.project()}/agents`;
    key = { 'idempotency-key': `key-${(keys += 1)}` };
  });

  it('gives the same answer again, without a second effect', async () => {
    const first = await world.post(agents, { name: 'a' }, key);
    world.pass(60);
    const again = await world.post(agents, { name: 'a' }, key);
    expect(again).toMatchObject({ status: 201, body: first.body, etag: first.etag });
    expect(await world.events(streams.agent(first.body.id))).toHaveLength(1);
  });

  it('repeats an error too', async () => {
    await world.post(agents, { name: 'a' });
    const refused = await world.post(agents, { name: 'a' }, key);
    expect(refused.status).toBe(409);
    const path = `${agents}/${(await world.made(agents, { name: 'b' })).id}`;
    await world.patch(path, { name: 'c' });
    const again = await world.post(agents, { name: 'a' }, key);
    expect(again).toMatchObject({ status: 409, body: { reason: refused.body.reason } });
  });

  it('is 422 with another body or path, and another caller has keys of their own', async () => {
    await world.post(agents, { name: 'a' }, key);
    expect(await world.post(agents, { name: 'b' }, key)).toMatchObject({ status: 422, body: { id: '422' } });
    expect(await world.post('/projects', { name: 'a' }, key)).toMatchObject({ status: 422 });
    expect(await world.post(agents, { name: 'b' }, key, 'admin')).toMatchObject({ status: 201 });
  });

  it('takes a body for the same whatever the order of its fields', async () => {
    const { body } = await world.post(agents, { name: 'a', prompt: 'p' }, key);
    expect(await world.post(agents, { prompt: 'p', name: 'a' }, key)).toMatchObject({ status: 201, body });
  });

  it('is 409 while the first request is being handled', async () => {
    const letGo = world.store.holdNext('AgentCreated');
    const first = world.post(agents, { name: 'a' }, key);
    const second = await world.post(agents, { name: 'a' }, key);
    letGo();
    expect(second).toMatchObject({ status: 409, headers: { 'retry-after': '1' } });
    expect(await first).toMatchObject({ status: 201 });
    expect(await world.post(agents, { name: 'a' }, key)).toMatchObject({ status: 201, body: (await first).body });
  });

  it('is forgotten after a day', async () => {
    await world.post(agents, { name: 'a' }, key);
    world.pass(24 * 3600 + 1);
    expect(await world.post(agents, { name: 'b' }, key)).toMatchObject({ status: 201 });
  });

  it('is refused when it is no visible text, and ignored on other methods', async () => {
    expect(await world.post(agents, { name: 'a' }, { 'idempotency-key': 'a b' })).toMatchObject({ status: 400 });
    const { body } = await world.post(agents, { name: 'a' }, key);
    expect(await world.patch(`${agents}/${body.id}`, { prompt: 'p' }, key)).toMatchObject({ status: 200, body: { prompt: 'p' } });
  });

  it('keeps the sealed answer alone', async () => {
    const environment_variables = '{"TOKEN":"never-to-be-read"}';
    await world.post(agents, { name: 'a', environment_variables }, key);
    const again = await world.post(agents, { name: 'a', environment_variables }, key);
    expect(again.body.environment_variables).toBe(environment_variables);
    expect(await world.storedBytes()).not.toContain('never-to-be-read');
  });

  it('makes one run of a trigger that comes twice', async () => {
    const schedules = agents.replace('agents', 'scheduled-sessions');
    const { id } = await world.made(schedules, { name: 's', schedule: '@daily', overlap_policy: 'allow' });
    const first = await world.post(`${schedules}/${id}/trigger`, undefined, key);
    const again = await world.post(`${schedules}/${id}/trigger`, undefined, key);
    expect(first.body.status).toBe('triggered');
    expect(again.body).toEqual(first.body);
  });

  describe('of a request that died', () => {
    it('before its effect has it once', async () => {
      world.store.failAtNext('AgentCreated');
      expect(await world.post(agents, { name: 'a' }, key)).toMatchObject({ status: 503, body: { id: '503' } });
      const again = await world.post(agents, { name: 'a' }, key);
      expect(again.status).toBe(201);
      expect(await world.post(agents, { name: 'a' }, key)).toMatchObject({ status: 201, body: again.body });
    });

    it('between its effect and its answer has the same effect, not another', async () => {
      const accepted = world.now;
      world.store.failAtNext('RequestAnswered');
      expect(await world.post(agents, { name: 'a' }, key)).toMatchObject({ status: 503 });
      world.pass(60);
      const again = await world.post(agents, { name: 'a' }, key);
      expect(again).toMatchObject({ status: 201, body: { name: 'a', created_at: accepted } });
      expect(await world.events(streams.agent(again.body.id))).toHaveLength(1);
    });

    it('appends its message once, though others came meanwhile', async () => {
      const session = await world.made('/sessions', { name: 's' });
      const messages = `/sessions/${session.id}/messages`;
      world.store.failAtNext('RequestAnswered');
      expect(await world.post(messages, { payload: 'once' }, key)).toMatchObject({ status: 503 });
      await world.post(messages, { payload: 'other' });
      expect(await world.post(messages, { payload: 'once' }, key)).toMatchObject({
        status: 201,
        body: { seq: 1, payload: 'once' },
      });
      expect(await world.events(streams.messages(session.id))).toHaveLength(2);
    });

    it('starts its agent once, and says that it did', async () => {
      const { id } = await world.made(agents, { name: 'a' });
      world.store.failAtNext('RequestAnswered');
      expect(await world.post(`${agents}/${id}/start`, undefined, key)).toMatchObject({ status: 503 });
      const again = await world.post(`${agents}/${id}/start`, undefined, key);
      expect(again).toMatchObject({ status: 200, body: { created: true } });
      expect(await world.events(streams.session(again.body.session.id))).toHaveLength(2);
    });

    it('starts its session once', async () => {
      const session = await world.made('/sessions', { name: 's' });
      world.store.failAtNext('RequestAnswered');
      expect(await world.post(`/sessions/${session.id}/start`, undefined, key)).toMatchObject({ status: 503 });
      expect(await world.post(`/sessions/${session.id}/start`, undefined, key)).toMatchObject({
        status: 200,
        body: { phase: 'Pending' },
      });
      expect(await world.events(streams.session(session.id))).toHaveLength(2);
    });
  });
});
