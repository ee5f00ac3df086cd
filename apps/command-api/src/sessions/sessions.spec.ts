import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

describe('sessions over HTTP', () => {
  let world: CommandWorld;
  let project_id: string;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    project_id = await world.project();
  });

  const session = async (fields: object = {}): Promise<string> =>
    `/sessions/${(await world.made('/sessions', { name: 'work', project_id, ...fields })).id}`;
  const idOf = (path: string): string => path.split('/')[2] ?? '';

  it('are created with 201 and their defaults, without a phase', async () => {
    const { status, body, etag } = await world.post('/sessions', {
      name: 'work',
      project_id,
      llm_temperature: 0,
      phase: 'Running',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'Session',
      project_id,
      phase: '',
      llm_model: 'claude-sonnet-4-6',
      llm_temperature: 0,
      llm_max_tokens: 4000,
      created_by_user_id: 'ann',
    });
    expect(body.kube_cr_name).toBe(body.id);
    expect(etag).toBe('"0"');
  });

  it('take their project from the header when the body names none', async () => {
    const { body } = await world.post('/sessions', { name: 'work' }, { 'x-ambient-project': project_id });
    expect(body.project_id).toBe(project_id);
  });

  it('have their prompt as first user message', async () => {
    const path = await session({ prompt: 'Do it' });
    expect(await world.post(`${path}/messages`, { payload: 'and this' })).toMatchObject({
      status: 201,
      body: { seq: 2, event_type: 'user' },
    });
    const [first] = await world.events(streams.messages(idOf(path)));
    expect(first).toMatchObject({ payload: { seq: 1, event_type: 'user', payload: 'Do it' } });
  });

  it('need a project that is there and an agent of it', async () => {
    expect(await world.post('/sessions', { name: 'x', project_id: 'unknown' })).toMatchObject({ status: 404 });
    expect(await world.post('/sessions', { name: 'x', project_id }, {}, 'eve')).toMatchObject({ status: 404 });
    const other = await world.made(`/projects/${await world.project()}/agents`, { name: 'a' });
    expect(await world.post('/sessions', { name: 'x', project_id, agent_id: other.id })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'agent_id' }] },
    });
  });

  it('start from no phase and from an end, stop while active; else 409', async () => {
    const path = await session();
    expect(await world.post(`${path}/stop`)).toMatchObject({ status: 409 });
    expect(await world.post(`${path}/start`)).toMatchObject({ status: 200, body: { phase: 'Pending' }, etag: '"1"' });
    expect(await world.post(`${path}/start`)).toMatchObject({ status: 409 });
    expect(await world.post(`${path}/stop`)).toMatchObject({ status: 200, body: { phase: 'Stopping' } });
    expect(await world.post(`${path}/stop`)).toMatchObject({ status: 409 });
    expect(await world.report(idOf(path), { phase: 'Stopped' })).toMatchObject({ status: 200, body: { phase: 'Stopped' } });
    expect(await world.post(`${path}/start`)).toMatchObject({ status: 200, body: { phase: 'Pending' } });
  });

  it('take status reports from the runtime alone, forwards alone', async () => {
    const path = await session();
    await world.post(`${path}/start`);
    expect(await world.patch(`${path}/status`, { phase: 'Running' })).toMatchObject({ status: 403, body: { id: '4' } });
    const reported = await world.report(idOf(path), {
      phase: 'Running',
      start_time: '2026-03-01T10:00:00+01:00',
      sdk_restart_count: 1,
    });
    expect(reported).toMatchObject({
      status: 200,
      body: { phase: 'Running', start_time: '2026-03-01T09:00:00.000Z', sdk_restart_count: 1 },
    });
    expect(await world.report(idOf(path), { phase: 'Completed' })).toMatchObject({ status: 200 });
    expect(await world.report(idOf(path), { phase: 'Running' })).toMatchObject({ status: 409 });
    expect(await world.report(idOf(path), {})).toMatchObject({ status: 400 });
    expect(await world.report(idOf(path), { phase: 'Asleep' })).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'phase' }] },
    });
  });

  it('are cloned with their configuration, without prompt and phase', async () => {
    const path = await session({ prompt: 'Do it', llm_model: 'm', timeout: 60 });
    await world.post(`${path}/start`);
    const { status, body } = await world.post(`${path}/clone`);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      name: 'work-clone',
      parent_session_id: idOf(path),
      project_id,
      llm_model: 'm',
      timeout: 60,
      phase: '',
    });
    expect(body).not.toHaveProperty('prompt');
    expect((await world.post(`${path}/clone`, { name: 'copy' })).body.name).toBe('copy');
  });

  it('have repositories, each name once', async () => {
    const path = await session();
    const added = await world.post(`${path}/repos`, { url: 'https://example.org/team/app.git' });
    expect(added.status).toBe(200);
    expect(JSON.parse(added.body.repos)).toEqual([{ url: 'https://example.org/team/app.git', branch: 'main', name: 'app' }]);
    expect(await world.post(`${path}/repos`, { url: 'https://example.org/other.git', name: 'app' })).toMatchObject({
      status: 409,
    });
    expect(await world.post(`${path}/repos`, {})).toMatchObject({ status: 400, body: { errors: [{ path: 'url' }] } });
    expect(await world.delete(`${path}/repos/app`)).toMatchObject({ status: 200, body: { repos: '[]' } });
    expect(await world.delete(`${path}/repos/app`)).toMatchObject({ status: 404 });
  });

  it('have a workflow, a model and a display name', async () => {
    const path = await session();
    const { status, body } = await world.post(`${path}/workflow`, { git_url: 'g' });
    expect(status).toBe(200);
    expect(JSON.parse(body.workflow_id)).toEqual({ git_url: 'g', branch: 'main' });
    expect(await world.post(`${path}/workflow`, {})).toMatchObject({ status: 400 });
    expect(await world.post(`${path}/model`, { model: 'm2' })).toMatchObject({ status: 200, body: { llm_model: 'm2' } });
    expect(await world.post(`${path}/model`, {})).toMatchObject({ status: 400 });
    expect(await world.patch(`${path}/displayname`, { name: 'New' })).toMatchObject({ status: 200, body: { name: 'New' } });
    expect(await world.patch(`${path}/displayname`, {})).toMatchObject({ status: 400 });
  });

  it('keep both of two concurrent changes, and their project', async () => {
    const path = await session();
    await Promise.all([world.patch(path, { labels: '{"a":"1"}' }), world.patch(path, { timeout: 5 })]);
    const { body, status } = await world.patch(path, { project_id: 'other', phase: 'Running' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ labels: '{"a":"1"}', timeout: 5, project_id, phase: '' });
    expect(await world.patch(path, { timeout: 6 }, { 'if-match': '"0"' })).toMatchObject({ status: 412 });
    expect(await world.post(`${path}/start`, undefined, { 'if-match': '"0"' })).toMatchObject({ status: 412 });
  });

  it('number 20 messages that come at once without gaps', async () => {
    const path = await session();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) => world.post(`${path}/messages`, { payload: `m${index}` })),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 201));
    expect(answers.map(({ body }) => body.seq).sort((a, b) => a - b)).toEqual(answers.map((_, index) => index + 1));
    expect(new Set(answers.map(({ body }) => body.payload)).size).toBe(20);
  });

  it('take messages of other types from the runtime alone', async () => {
    const path = await session();
    expect(await world.post(`${path}/messages`, { event_type: 'assistant', payload: 'hi' })).toMatchObject({ status: 400 });
    expect(await world.post(`${path}/messages`, { event_type: 'assistant', payload: 'hi' }, {}, 'runtime')).toMatchObject({
      status: 201,
    });
    expect(await world.post(`${path}/messages`, {})).toMatchObject({ status: 400 });
  });

  it('are 404 once deleted, and to a stranger', async () => {
    const path = await session();
    expect(await world.delete(path, {}, 'eve')).toMatchObject({ status: 404 });
    expect(await world.delete(path)).toMatchObject({ status: 204 });
    expect(await world.delete(path)).toMatchObject({ status: 404 });
    expect(await world.post(`${path}/messages`, { payload: 'x' })).toMatchObject({ status: 404 });
    expect(await world.post('/sessions/2QnBvYb4ZJk9eTfMhXgPcRsAduW/start')).toMatchObject({ status: 404 });
  });
});
