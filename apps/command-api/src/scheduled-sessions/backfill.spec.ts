import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runIdOf, streams, type Run } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

describe('a backfill', () => {
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

  const FROM = '2026-02-01T03:00:00.000Z';
  const THREE = { from: '2026-02-01T00:00:00Z', to: '2026-02-03T03:00:00Z' };
  const DAYS = [FROM, '2026-02-02T03:00:00.000Z', '2026-02-03T03:00:00.000Z'];

  const schedule = async (fields: object = {}): Promise<string> =>
    (await world.made(schedules, { name: 'nightly', schedule: '0 3 * * *', ...fields })).id;
  const backfill = (id: string, body: object, headers = {}) => world.post(`${schedules}/${id}/backfill`, body, headers);
  const outcomes = ({ runs }: { runs: Run[] }) => runs.map(({ outcome, reason }) => reason ?? outcome);
  const head = () => world.store.head();
  const sessionsStarted = async (after: string | undefined) =>
    (await world.store.readAll({ after, limit: 1000 })).filter(({ type }) => type === 'SessionStarted').length;

  it('runs each tick, oldest first, whatever the schedule is limited by', async () => {
    const limits = { enabled: false, start_at: '2026-02-10T00:00:00Z', end_at: '2026-02-11T00:00:00Z', max_runs: 1 };
    const id = await schedule({ ...limits, overlap_policy: 'allow', session_prompt: 'Sweep', timezone: 'Europe/Berlin' });
    const { status, body } = await backfill(id, { from: '2026-02-01T02:00:00Z', to: '2026-02-03T03:00:00+01:00' });
    expect(status).toBe(200);
    const ticks = ['01', '02', '03'].map(day => ({
      scheduled_for: `2026-02-${day}T02:00:00.000Z`,
      local: `2026-02-${day}T03:00:00+01:00`,
    }));
    expect(body).toEqual({
      ticks,
      runs: ticks.map(({ scheduled_for }) => ({
        id: expect.any(String),
        scheduled_session_id: id,
        project_id: project,
        trigger: 'backfill',
        scheduled_for,
        decided_at: world.now,
        lateness_ms: Date.parse(world.now) - Date.parse(scheduled_for),
        outcome: 'started',
        session_id: expect.any(String),
        session_phase: 'Pending',
        requested_by: 'ann',
      })),
    });
    const [first] = body.runs as Run[];
    expect(await world.events(streams.session(first!.session_id!))).toMatchObject([
      { type: 'SessionCreated', payload: { scheduled_for: ticks[0]!.scheduled_for, prompt: 'Sweep', run_id: first!.id } },
      { type: 'SessionStarted', metadata: { actor: { id: 'ann', kind: 'user' } } },
    ]);
  });

  it('leaves the ticks themselves alone: neither next_run_at nor a later decision on one changes', async () => {
    const id = await schedule({ overlap_policy: 'allow', max_runs: 5 });
    world.pass(24 * 3600);
    const due = '2026-03-02T03:00:00.000Z';
    const { body } = await backfill(id, { from: due, to: due });
    expect(body.runs).toHaveLength(1);
    expect(body.runs[0].id).not.toBe(runIdOf(id, due));
    await world.request({ scheduled_session_id: id, project_id: project, scheduled_for: due });
    expect(await world.runOf(id, due)).toMatchObject([{ type: 'RunStarted', payload: { trigger: 'schedule' } }]);
    expect((await world.post(`${schedules}/${id}/resume`)).body).toMatchObject({
      next_run_at: '2026-03-03T03:00:00.000Z',
      runs_count: 2,
    });
  });

  it("follows the schedule's overlap policy, unless the request has its own", async () => {
    const id = await schedule();
    const skipped = await backfill(id, THREE);
    expect(outcomes(skipped.body)).toEqual(['started', 'active_session', 'active_session']);
    expect(skipped.body.runs[1].session_id).toBe(skipped.body.runs[0].session_id);
    expect(outcomes((await backfill(id, { ...THREE, overlap_policy: 'allow' })).body)).toEqual(['started', 'started', 'started']);
  });

  it('queues one, and drops what finds no place', async () => {
    const id = await schedule();
    const queued = await backfill(id, { ...THREE, overlap_policy: 'queue' });
    expect(outcomes(queued.body)).toEqual(['started', 'queued', 'queue_full']);
    await world.report(queued.body.runs[0].session_id, { phase: 'Completed' });
    const events = await world.events(streams.run(queued.body.runs[1].id));
    expect(events.map(({ type }) => type)).toEqual(['RunQueued', 'RunStarted']);
    expect(events[1]).toMatchObject({ payload: { trigger: 'backfill', scheduled_for: DAYS[1], requested_by: 'ann' } });
  });

  it('tells, when it is replaced run by run, what became of each in the end', async () => {
    const id = await schedule();
    const { body } = await backfill(id, { ...THREE, overlap_policy: 'replace' });
    expect(outcomes(body)).toEqual(['started', 'superseded', 'queued']);
    expect(body.runs[0].session_phase).toBe('Stopping');
  });

  it('takes the expression and the zone as they are now', async () => {
    const id = await schedule();
    await world.patch(`${schedules}/${id}`, { schedule: '0 12 * * *', timezone: 'Asia/Tokyo' });
    const { body } = await backfill(id, { ...THREE, dry_run: true });
    expect(body.ticks).toEqual([
      { scheduled_for: '2026-02-01T03:00:00.000Z', local: '2026-02-01T12:00:00+09:00' },
      { scheduled_for: '2026-02-02T03:00:00.000Z', local: '2026-02-02T12:00:00+09:00' },
      { scheduled_for: '2026-02-03T03:00:00.000Z', local: '2026-02-03T12:00:00+09:00' },
    ]);
  });

  it('writes nothing when it is dry', async () => {
    const id = await schedule();
    const before = await head();
    const { status, body } = await backfill(id, { ...THREE, dry_run: true });
    expect([status, body.ticks.map(({ scheduled_for }: Run) => scheduled_for), body.runs]).toEqual([200, DAYS, []]);
    expect(await head()).toBe(before);
  });

  it('runs again what is asked for again, each request anew', async () => {
    const id = await schedule({ overlap_policy: 'allow' });
    const before = await head();
    const first = await backfill(id, THREE);
    const second = await backfill(id, THREE);
    const ids = [...first.body.runs, ...second.body.runs].map(run => run.id);
    expect(new Set(ids).size).toBe(6);
    expect(await sessionsStarted(before)).toBe(6);
  });

  it.each([
    ['to', { from: THREE.from }],
    ['from', { to: THREE.to }],
    ['from', { ...THREE, from: 'yesterday' }],
    ['to', { ...THREE, to: '2099-01-01T00:00:00Z' }],
    ['from', { from: '2026-02-04T00:00:00Z', to: '2026-02-03T00:00:00Z' }],
    ['to', { from: '1990-01-01T00:00:00Z', to: '2026-02-03T00:00:00Z' }],
    ['overlap_policy', { ...THREE, overlap_policy: 'perhaps' }],
    ['dry_run', { ...THREE, dry_run: 'yes' }],
  ])('is 400 with a bad %s: %j', async (path, body) => {
    const id = await schedule({ overlap_policy: 'allow' });
    const before = await head();
    const answer = await backfill(id, body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    expect(answer.body.errors[0].message).toContain(path);
    expect(await head()).toBe(before);
  });

  it('is 404 through another project, and of a deleted schedule', async () => {
    const id = await schedule();
    const elsewhere = await world.project();
    expect(await world.post(`/projects/${elsewhere}/scheduled-sessions/${id}/backfill`, THREE)).toMatchObject({ status: 404 });
    await world.delete(`${schedules}/${id}`);
    expect(await backfill(id, THREE)).toMatchObject({ status: 404 });
  });

  describe('with an Idempotency-Key', () => {
    it('is answered again, without a second effect', async () => {
      const id = await schedule({ overlap_policy: 'allow' });
      const first = await backfill(id, THREE, { 'idempotency-key': `again-${id}` });
      const before = await head();
      world.pass(60);
      expect(await backfill(id, THREE, { 'idempotency-key': `again-${id}` })).toMatchObject({ status: 200, body: first.body });
      expect(await head()).toBe(before);
    });

    it.each(['RunStarted', 'SessionCreated', 'SessionAdmitted', 'RequestAnswered'])(
      'goes on where it died at %s, and runs no tick twice',
      async type => {
        const id = await schedule({ overlap_policy: 'allow', session_prompt: 'Sweep' });
        const own = { 'idempotency-key': `died-${id}` };
        const before = await head();
        const accepted = world.now;
        if (type === 'RequestAnswered') world.store.failAtNext(type);
        else world.store.dieAfter(type, 2);
        expect(await backfill(id, THREE, own)).toMatchObject({ status: 503 });
        expect(await sessionsStarted(before)).toBeGreaterThanOrEqual(1);
        world.pass(60);
        const again = await backfill(id, THREE, own);
        expect(again).toMatchObject({ status: 200 });
        expect(outcomes(again.body)).toEqual(['started', 'started', 'started']);
        expect(again.body.runs.map(({ decided_at }: Run) => decided_at)).toEqual([accepted, accepted, accepted]);
        expect(await sessionsStarted(before)).toBe(3);
        for (const { session_id } of again.body.runs)
          expect(await world.events(streams.messages(session_id))).toMatchObject([{ payload: { payload: 'Sweep', seq: 1 } }]);
      },
    );
  });
});
