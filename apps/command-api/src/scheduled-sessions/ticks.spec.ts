import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runIdOf, sessionIdOfRun, streams } from '#contracts';
import { parseSchedule, startOfTick } from '#schedule';
import { CommandWorld } from '../../testing/command-world.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** What becomes of the scheduler's requests. Schedules are hourly; each test begins on a full hour. */
describe('a requested tick', () => {
  let world: CommandWorld;
  let project_id: string;
  let schedules: string;
  beforeAll(async () => {
    world = await CommandWorld.open();
  });
  afterAll(() => world.close());
  beforeEach(async () => {
    world.pass(2 * DAY - ((Date.parse(world.now) / 1000) % HOUR));
    project_id = await world.project();
    schedules = `/projects/${project_id}/scheduled-sessions`;
  });

  const schedule = async (fields: object = {}): Promise<string> =>
    (await world.made(schedules, { name: 'hourly', schedule: '0 * * * *', ...fields })).id;
  /** A full hour from now on. */
  const hour = (offset: number): string => new Date(Date.parse(world.now) + offset * HOUR * 1000).toISOString();
  const request = (id: string, scheduled_for: string, more: object = {}) =>
    world.request({ scheduled_session_id: id, project_id, scheduled_for, ...more });

  it('starts one session, whose id follows from the run, however often it is delivered', async () => {
    const id = await schedule({ session_prompt: 'Sweep', timeout: 60 });
    world.pass(HOUR);
    const tick = world.now;
    await Promise.all([request(id, tick), request(id, tick)]);
    await request(id, tick);
    const session_id = sessionIdOfRun(runIdOf(id, tick), tick);
    expect(await world.runOf(id, tick)).toEqual([
      expect.objectContaining({
        type: 'RunStarted',
        payload: expect.objectContaining({ session_id, trigger: 'schedule', lateness_ms: 0, prompt: 'Sweep' }),
      }),
    ]);
    const events = await world.events(streams.session(session_id));
    expect(events.map(({ type }) => type)).toEqual(['SessionCreated', 'SessionStarted']);
    expect(events[0]).toMatchObject({
      payload: { scheduled_for: tick, timeout: 60, prompt: 'Sweep' },
      metadata: { actor: { kind: 'scheduler' } },
    });
  });

  describe.each(['SessionAdmitted', 'SessionMessageAppended', 'SessionStarted'])('whose decider dies behind %s', type => {
    const cut = async (policy: string) => {
      const id = await schedule({ session_prompt: 'Sweep', overlap_policy: policy });
      world.pass(HOUR);
      const tick = world.now;
      const sessionId = sessionIdOfRun(runIdOf(id, tick), tick);
      world.store.dieAfter(type);
      await expect(request(id, tick)).rejects.toThrow('the process is gone');
      return { id, tick, sessionId };
    };

    it('is completed by the next delivery, and nothing is there twice', async () => {
      const { id, tick, sessionId } = await cut('skip');
      await world.redelivery();
      expect((await world.runOf(id, tick)).map(event => event.type)).toEqual(['RunStarted']);
      const typesOf = async (stream: string) => (await world.events(stream)).map(event => event.type);
      expect(await typesOf(streams.session(sessionId))).toEqual(['SessionCreated', 'SessionStarted']);
      expect(await typesOf(streams.messages(sessionId))).toEqual(['SessionMessageAppended']);
      expect(await typesOf(streams.occupancy(id))).toEqual(['SessionAdmitted']);
    });

    it('is told to have ended, when its session ended meanwhile', async () => {
      if (type !== 'SessionStarted') return;
      const { id, tick, sessionId } = await cut('skip');
      for (const phase of ['Creating', 'Running', 'Completed'])
        await world.patch(`/sessions/${sessionId}/status`, { phase }, {}, 'runtime');
      await world.redelivery();
      expect(await world.runOf(id, tick)).toMatchObject([
        { type: 'RunStarted', payload: { session_id: sessionId } },
        { type: 'RunFinished', payload: { phase: 'Completed' } },
      ]);
      await request(id, tick);
      expect(await world.runOf(id, tick)).toHaveLength(2);
    });
  });

  it('is no run when it is not due', async () => {
    const id = await schedule({ start_at: hour(2), end_at: hour(3) });
    const halfPast = new Date(Date.parse(hour(2)) + 1800_000).toISOString();
    const [early, late] = [hour(1), hour(4)];
    world.pass(5 * HOUR);
    for (const tick of [early, late, halfPast]) {
      await request(id, tick);
      expect(await world.runOf(id, tick)).toEqual([]);
    }
  });

  it('is no run in another project, while suspended, or by a timing that came later', async () => {
    const id = await schedule();
    const first = hour(1);
    world.pass(600);
    await world.post(`${schedules}/${id}/suspend`);
    world.pass(HOUR);
    await request(id, first);
    await world.post(`${schedules}/${id}/resume`);
    await request(id, first);
    expect(await world.runOf(id, first)).toEqual([]);
    await request(id, first, { project_id: await world.project() });
    expect(await world.runOf(id, first)).toEqual([]);
  });

  it('is decided by the configuration that held at its time', async () => {
    const id = await schedule({ session_prompt: 'old' });
    world.pass(HOUR);
    const tick = world.now;
    world.pass(5);
    await world.patch(`${schedules}/${id}`, { session_prompt: 'new', schedule: '30 * * * *' });
    await request(id, tick);
    expect(await world.runOf(id, tick)).toMatchObject([{ type: 'RunStarted', payload: { prompt: 'old' } }]);
  });

  it('is no run when the request is older than an hour', async () => {
    const id = await schedule();
    world.pass(HOUR);
    const tick = world.now;
    world.pass(HOUR + 1);
    await request(id, tick, { requested_at: tick });
    expect(await world.runOf(id, tick)).toEqual([]);
  });

  it('is skipped while a session is active, and told which', async () => {
    const id = await schedule();
    world.pass(HOUR);
    const first = world.now;
    await request(id, first);
    world.pass(HOUR);
    const second = world.now;
    await request(id, second);
    expect(await world.runOf(id, second)).toMatchObject([
      { type: 'RunSkipped', payload: { reason: 'active_session', session_id: sessionIdOfRun(runIdOf(id, first), first) } },
    ]);
  });

  it('is skipped when its agent was deleted, and when the schedule was', async () => {
    const agents = `/projects/${project_id}/agents`;
    const agent = await world.made(agents, { name: 'a' });
    const id = await schedule({ agent_id: agent.id });
    await world.delete(`${agents}/${agent.id}`);
    world.pass(HOUR);
    await request(id, world.now);
    expect(await world.runOf(id, world.now)).toMatchObject([{ type: 'RunSkipped', payload: { reason: 'agent_deleted' } }]);
    const deleted = await schedule({ name: 'deleted' });
    world.pass(HOUR);
    const tick = world.now;
    world.pass(1);
    await world.delete(`${schedules}/${deleted}`);
    await request(deleted, tick);
    expect(await world.runOf(deleted, tick)).toMatchObject([{ type: 'RunSkipped', payload: { reason: 'schedule_deleted' } }]);
  });

  it('is not due once max_runs have started', async () => {
    const id = await schedule({ max_runs: 2, overlap_policy: 'allow' });
    const ticks = [];
    for (let run = 0; run < 3; run++) {
      world.pass(HOUR);
      ticks.push(world.now);
    }
    for (const tick of ticks) await request(id, tick);
    const outcomes = await Promise.all(ticks.map(tick => world.runOf(id, tick)));
    expect(outcomes.map(events => events.map(({ type }) => type))).toEqual([['RunStarted'], ['RunStarted'], []]);
  });

  describe('that was missed', () => {
    it.each([
      ['none', ['RunMissed catch_up_none', 'RunMissed catch_up_none', 'RunMissed catch_up_none']],
      ['latest', ['RunMissed superseded_by_later_tick', 'RunMissed superseded_by_later_tick', 'RunStarted ']],
      ['all', ['RunMissed outside_catch_up_window', 'RunStarted ', 'RunStarted ']],
    ])('runs or not by catch_up_policy %s', async (catch_up_policy, outcomes) => {
      const id = await schedule({ catch_up_policy, catch_up_window: HOUR + 600, overlap_policy: 'allow' });
      const ticks = [hour(1), hour(2), hour(3)];
      world.pass(3 * HOUR + 300);
      for (const tick of ticks) await request(id, tick, { trigger: 'catch_up' });
      const events = (await Promise.all(ticks.map(tick => world.runOf(id, tick)))).flat();
      expect(events.map(({ type, payload }) => `${type} ${'reason' in payload ? payload.reason : ''}`)).toEqual(outcomes);
    });

    it.each([
      ['is the newest as long as jitter holds the next one back', -1, { type: 'RunStarted' }],
      ['is not once the next one is to start', 0, { type: 'RunMissed', payload: { reason: 'superseded_by_later_tick' } }],
    ])('%s', async (_, secondsAfterStart, outcome) => {
      const id = await schedule({ jitter: 3000, catch_up_window: 3 * HOUR });
      const [missed, next] = [hour(1), hour(2)];
      const hourly = parseSchedule('0 * * * *');
      if (!hourly.ok) throw new Error(hourly.reason);
      const start = startOfTick(id, hourly.schedule, 'UTC', Date.parse(next) / 1000, 3000);
      world.pass(start + secondsAfterStart - Date.parse(world.now) / 1000);
      await request(id, missed, { trigger: 'catch_up' });
      expect(await world.runOf(id, missed)).toMatchObject([outcome]);
    });

    it('is recorded as a range with its count', async () => {
      const id = await schedule();
      const [from, to] = [hour(1), hour(6)];
      world.pass(9 * HOUR);
      await request(id, from, { trigger: 'catch_up', missed_through: to });
      await request(id, from, { trigger: 'catch_up', missed_through: to });
      expect(await world.runOf(id, from)).toMatchObject([
        { type: 'RunMissed', payload: { from, to, count: 6, reason: 'superseded_by_later_tick' } },
      ]);
    });

    it('is no range while a request for one of its ticks may be on its way', async () => {
      const id = await schedule();
      const from = hour(1);
      world.pass(5 * HOUR);
      await request(id, from, { trigger: 'catch_up', missed_through: hour(-1) });
      expect(await world.runOf(id, from)).toEqual([]);
    });

    it('has one outcome when it is asked for by itself and in a range', async () => {
      const id = await schedule();
      const [from, within, to] = [hour(1), hour(3), hour(6)];
      world.pass(9 * HOUR);
      await request(id, within, { trigger: 'catch_up' });
      await request(id, from, { trigger: 'catch_up', missed_through: to });
      expect(await world.runOf(id, from)).toEqual([]);
      await request(id, from, { trigger: 'catch_up', missed_through: hour(-7) });
      expect(await world.runOf(id, from)).toMatchObject([{ payload: { count: 2 } }]);
      await request(id, hour(-7), { trigger: 'catch_up' });
      expect(await world.runOf(id, hour(-7))).toEqual([]);
    });
  });
});
