import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

describe('scheduled sessions over HTTP', () => {
  let world: CommandWorld;
  let project: string;
  let schedules: string;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    project = await world.project();
    schedules = `/projects/${project}/scheduled-sessions`;
  });

  const schedule = async (fields: object = {}): Promise<string> =>
    `${schedules}/${(await world.made(schedules, { name: 'nightly', schedule: '0 3 * * *', ...fields })).id}`;
  const idOf = (path: string): string => path.split('/').at(-1) ?? '';
  const agent = async (): Promise<string> => (await world.made(`/projects/${project}/agents`, { name: 'reviewer' })).id;

  it('are created with 201 and their defaults', async () => {
    const { status, body, etag } = await world.post(schedules, {
      name: 'nightly',
      schedule: '0 3 * * *',
      timezone: 'europe/berlin',
      project_id: 'ignored',
      start_at: '2026-03-01T12:00:00+02:00',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      kind: 'ScheduledSession',
      project_id: project,
      timezone: 'Europe/Berlin',
      enabled: true,
      overlap_policy: 'skip',
      catch_up_policy: 'latest',
      catch_up_window: 3600,
      jitter: 0,
      pause_on_failure: false,
      created_by_user_id: 'ann',
      start_at: '2026-03-01T10:00:00.000Z',
      next_run_at: '2026-03-02T02:00:00.000Z',
      runs_count: 0,
    });
    expect(body).not.toHaveProperty('ticks_after');
    expect(etag).toBe('"0"');
  });

  it.each([
    ['schedule', { schedule: '* * * *' }],
    ['schedule', { schedule: '0 0 31 2 *' }],
    ['schedule', { schedule: '@reboot' }],
    ['timezone', { timezone: 'Mars/Olympus' }],
    ['agent_id', { agent_id: 'nobody' }],
    ['overlap_policy', { overlap_policy: 'perhaps' }],
    ['end_at', { start_at: '2026-03-02T00:00:00Z', end_at: '2026-03-01T00:00:00Z' }],
  ])('refuse a bad %s by name', async (path, fields) => {
    expect(await world.post(schedules, { name: 'nightly', schedule: '@daily', ...fields })).toMatchObject({
      status: 400,
      body: { errors: [{ path }] },
    });
  });

  it('have names unique in their project, free again after a rename or a deletion', async () => {
    const path = await schedule();
    expect(await world.post(schedules, { name: 'nightly', schedule: '@daily' })).toMatchObject({ status: 409 });
    await world.patch(path, { name: 'renamed' });
    const second = await schedule();
    expect(await world.patch(second, { name: 'renamed' })).toMatchObject({ status: 409 });
    expect(await world.delete(path)).toMatchObject({ status: 204 });
    expect(await world.patch(second, { name: 'renamed' })).toMatchObject({ status: 200 });
  });

  it('keep both of two concurrent changes, and are guarded by If-Match', async () => {
    const path = await schedule({ description: 'old' });
    await Promise.all([world.patch(path, { session_prompt: 'p' }), world.patch(path, { timeout: 60 })]);
    const { body } = await world.patch(path, { description: null });
    expect(body).toMatchObject({ session_prompt: 'p', timeout: 60 });
    expect(body).not.toHaveProperty('description');
    expect(await world.patch(path, { timeout: 61 }, { 'if-match': '"0"' })).toMatchObject({ status: 412 });
    expect(await world.post(`${path}/suspend`, undefined, { 'if-match': '"0"' })).toMatchObject({ status: 412 });
  });

  it('take 40 changes at once, each of them', async () => {
    const path = await schedule();
    const changes = Array.from({ length: 40 }, (_, index) => ({ description: `text-${index}` }));
    const answers = await Promise.all(changes.map(change => world.patch(path, change)));
    expect(answers.map(({ status }) => status)).toEqual(changes.map(() => 200));
    expect(new Set(answers.map(({ etag }) => etag)).size).toBe(40);
  });

  it('are suspended and resumed, each once', async () => {
    const path = await schedule();
    const suspended = await world.post(`${path}/suspend`, { reason: 'holiday' });
    expect(suspended).toMatchObject({ status: 200, body: { enabled: false, suspended_reason: 'holiday' }, etag: '"1"' });
    expect(suspended.body).not.toHaveProperty('next_run_at');
    expect(await world.post(`${path}/suspend`)).toMatchObject({ status: 200, etag: '"1"' });
    const resumed = await world.post(`${path}/resume`);
    expect(resumed).toMatchObject({ status: 200, body: { enabled: true, next_run_at: '2026-03-02T03:00:00.000Z' }, etag: '"2"' });
    expect(resumed.body).not.toHaveProperty('suspended_reason');
    expect(await world.patch(path, { enabled: false, timeout: 7 })).toMatchObject({
      status: 200,
      body: { enabled: false, timeout: 7 },
      etag: '"4"',
    });
  });

  it('are 404 through another project and once deleted', async () => {
    const path = await schedule();
    const foreign = `/projects/${await world.project()}/scheduled-sessions/${idOf(path)}`;
    for (const action of ['suspend', 'resume', 'trigger'])
      expect(await world.post(`${foreign}/${action}`)).toMatchObject({ status: 404 });
    expect(await world.patch(foreign, { timeout: 1 })).toMatchObject({ status: 404 });
    expect(await world.delete(foreign)).toMatchObject({ status: 404 });
    await world.delete(path);
    expect(await world.post(`${path}/trigger`)).toMatchObject({ status: 404 });
  });

  describe('triggered', () => {
    it('start a session, also when disabled, and move last_run_at alone', async () => {
      const path = await schedule({ enabled: false, session_prompt: 'Sweep' });
      const { status, body } = await world.post(`${path}/trigger`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: 'triggered',
        run: {
          trigger: 'manual',
          outcome: 'started',
          prompt: 'Sweep',
          requested_by: 'ann',
          scheduled_session_id: idOf(path),
          session_phase: 'Pending',
        },
        session: { phase: 'Pending', prompt: 'Sweep', scheduled_session_id: idOf(path), project_id: project },
      });
      expect(body.run.session_id).toBe(body.session.id);
      expect((await world.post(`${path}/resume`)).body).toMatchObject({
        last_run_at: world.now,
        next_run_at: '2026-03-02T03:00:00.000Z',
        runs_count: 1,
      });
    });

    it('are skipped while the agent is busy, with the session that keeps it', async () => {
      const agent_id = await agent();
      const path = await schedule({ agent_id });
      const busy = await world.post(`/projects/${project}/agents/${agent_id}/start`);
      const skipped = await world.post(`${path}/trigger`);
      expect(skipped).toMatchObject({
        status: 200,
        body: { status: 'skipped', reason: 'active_session', session: { id: busy.body.session.id } },
      });
      const allowed = await world.post(`${path}/trigger`, { overlap_policy: 'allow' });
      expect(allowed.body.status).toBe('triggered');
      expect(allowed.body.session.id).not.toBe(busy.body.session.id);
    });

    it('run again once the session has ended, without an agent too', async () => {
      const path = await schedule();
      const first = await world.post(`${path}/trigger`);
      expect((await world.post(`${path}/trigger`)).body.status).toBe('skipped');
      await world.report(first.body.session.id, { phase: 'Completed' });
      expect((await world.post(`${path}/trigger`)).body.status).toBe('triggered');
    });

    it('take the prompt of the body for this run alone', async () => {
      const path = await schedule({ session_prompt: 'Sweep', overlap_policy: 'allow' });
      expect((await world.post(`${path}/trigger`, { prompt: 'Polish' })).body).toMatchObject({
        run: { prompt: 'Polish' },
        session: { prompt: 'Polish' },
      });
      expect((await world.post(`${path}/trigger`)).body.run.prompt).toBe('Sweep');
      const without = await schedule({ name: 'silent' });
      expect((await world.post(`${without}/trigger`)).body.run).not.toHaveProperty('prompt');
    });

    it('record the end of the run once', async () => {
      const path = await schedule();
      const { body } = await world.post(`${path}/trigger`);
      await world.report(body.session.id, { phase: 'Running' });
      await world.report(body.session.id, { phase: 'Failed' });
      await world.report(body.session.id, { phase: 'Failed', sdk_session_id: 'x' });
      const events = await world.events(streams.run(body.run.id));
      expect(events.map(({ type }) => type)).toEqual(['RunStarted', 'RunFinished']);
      expect(events[1]).toMatchObject({ payload: { phase: 'Failed', session_id: body.session.id, finished_at: world.now } });
    });

    it.each(['alone', 'while another writes to the run'])(
      'record the end of the run when its session is deleted while it runs, %s',
      async how => {
        const path = await schedule();
        if (how !== 'alone') world.store.loseAfter('SessionDeleted');
        const { body } = await world.post(`${path}/trigger`);
        await world.report(body.session.id, { phase: 'Running' });
        expect(await world.delete(`/sessions/${body.session.id}`)).toMatchObject({ status: 204 });
        const events = await world.events(streams.run(body.run.id));
        expect(events.map(({ type }) => type)).toEqual(['RunStarted', 'RunFinished']);
        expect(events[1]).toMatchObject({ payload: { phase: 'Stopped', session_id: body.session.id, finished_at: world.now } });
      },
    );

    it('five times at once start one session', async () => {
      const path = await schedule({ agent_id: await agent() });
      const answers = await Promise.all(Array.from({ length: 5 }, () => world.post(`${path}/trigger`)));
      expect(answers.filter(({ body }) => body.status === 'triggered')).toHaveLength(1);
      expect(answers.filter(({ body }) => body.status === 'skipped')).toHaveLength(4);
      expect(new Set(answers.map(({ body }) => body.session.id)).size).toBe(1);
    });

    it('skip when the agent is deleted', async () => {
      const agent_id = await agent();
      const path = await schedule({ agent_id });
      await world.delete(`/projects/${project}/agents/${agent_id}`);
      expect((await world.post(`${path}/trigger`)).body).toMatchObject({ status: 'skipped', reason: 'agent_deleted' });
    });
  });
});
