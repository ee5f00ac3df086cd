import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runIdOf, sessionIdOfRun, streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

const HOUR = 3600;

/** Runs that come to a busy agent. Schedules are hourly; each test begins on a full hour. */
let world: CommandWorld;
let project_id: string;
let schedules: string;
beforeAll(async () => {
  world = await CommandWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  world.pass(48 * HOUR - ((Date.parse(world.now) / 1000) % HOUR));
  project_id = await world.project();
  schedules = `/projects/${project_id}/scheduled-sessions`;
});

let names = 0;
const schedule = async (fields: object = {}): Promise<string> =>
  (await world.made(schedules, { name: `hourly-${++names}`, schedule: '0 * * * *', session_prompt: 'Sweep', ...fields })).id;

/** The next tick comes, and is decided. @returns its time */
async function tick(id: string): Promise<string> {
  world.pass(HOUR);
  const at = world.now;
  await world.request({ scheduled_session_id: id, project_id, scheduled_for: at });
  return at;
}

const sessionOf = (id: string, at: string): string => sessionIdOfRun(runIdOf(id, at), at);
const outcomes = async (id: string, at: string): Promise<string[]> =>
  (await world.runOf(id, at)).map(({ type, payload }) => ('reason' in payload ? `${type} ${payload.reason}` : type));
const end = async (sessionId: string, phase = 'Completed'): Promise<void> => {
  expect((await world.report(sessionId, { phase })).status).toBe(200);
};
const typesOf = async (stream: string): Promise<string[]> => (await world.events(stream)).map(({ type }) => type);

describe('with policy queue', () => {
  it('one run waits and starts when the active session ends; a further one is dropped', async () => {
    const id = await schedule({ overlap_policy: 'queue' });
    const [first, second, third] = [await tick(id), await tick(id), await tick(id)];
    expect(await outcomes(id, second)).toEqual(['RunQueued']);
    expect(await outcomes(id, third)).toEqual(['RunDropped queue_full']);
    world.pass(60);
    await end(sessionOf(id, first));
    expect(await world.runOf(id, second)).toMatchObject([
      { type: 'RunQueued', payload: { session_id: sessionOf(id, first), prompt: 'Sweep' } },
      { type: 'RunStarted', payload: { session_id: sessionOf(id, second), lateness_ms: HOUR * 1000 + 60_000, prompt: 'Sweep' } },
    ]);
    expect(await typesOf(streams.session(sessionOf(id, second)))).toEqual(['SessionCreated', 'SessionStarted']);
    world.pass(-60);
    const fourth = await tick(id);
    await end(sessionOf(id, second));
    expect(await outcomes(id, fourth)).toEqual(['RunQueued', 'RunStarted']);
  });

  it('runs of several schedules of one agent wait one each, and start first come first', async () => {
    const agent = await world.made(`/projects/${project_id}/agents`, { name: 'worker' });
    const [one, two] = [
      await schedule({ overlap_policy: 'queue', agent_id: agent.id }),
      await schedule({ overlap_policy: 'queue', agent_id: agent.id }),
    ];
    const first = await tick(one);
    const second = await tick(two);
    const third = await tick(one);
    await end(sessionOf(one, first), 'Failed');
    expect([await outcomes(two, second), await outcomes(one, third)]).toEqual([['RunQueued', 'RunStarted'], ['RunQueued']]);
    await end(sessionOf(two, second), 'Stopped');
    expect(await outcomes(one, third)).toEqual(['RunQueued', 'RunStarted']);
  });

  it('starts when the session in its way is deleted', async () => {
    const id = await schedule({ overlap_policy: 'queue' });
    const [first, second] = [await tick(id), await tick(id)];
    await world.delete(`/sessions/${sessionOf(id, first)}`);
    expect(await outcomes(id, second)).toEqual(['RunQueued', 'RunStarted']);
  });

  it('is skipped when its schedule was deleted before its turn came', async () => {
    const id = await schedule({ overlap_policy: 'queue' });
    const [first, second] = [await tick(id), await tick(id)];
    await world.delete(`${schedules}/${id}`);
    await end(sessionOf(id, first));
    expect(await outcomes(id, second)).toEqual(['RunQueued', 'RunSkipped schedule_deleted']);
  });

  it('a trigger by hand waits too, and says so', async () => {
    const id = await schedule({ overlap_policy: 'queue' });
    const first = await tick(id);
    const waiting = await world.post(`${schedules}/${id}/trigger`, { prompt: 'Now.' });
    expect([waiting.status, waiting.body]).toEqual([200, expect.objectContaining({ status: 'queued' })]);
    expect(waiting.body.run).toMatchObject({ outcome: 'queued', trigger: 'manual', prompt: 'Now.', requested_by: 'ann' });
    const full = await world.post(`${schedules}/${id}/trigger`);
    expect(full.body).toMatchObject({ status: 'skipped', reason: 'queue_full', run: { outcome: 'dropped' } });
    expect((await world.post(`${schedules}/${id}/trigger`, { overlap_policy: 'skip' })).body).toMatchObject({
      status: 'skipped',
      reason: 'active_session',
    });
    await end(sessionOf(id, first));
    const run = await world.events(streams.run(waiting.body.run.id));
    expect(run.map(({ type }) => type)).toEqual(['RunQueued', 'RunStarted']);
    expect(run[1]).toMatchObject({ payload: { trigger: 'manual', prompt: 'Now.', requested_by: 'ann' } });
  });
});

describe('with policy replace', () => {
  it('the active session is asked to stop, and the run starts once it is terminal', async () => {
    const id = await schedule({ overlap_policy: 'replace' });
    const [first, second] = [await tick(id), await tick(id)];
    expect(await world.events(streams.session(sessionOf(id, first)))).toMatchObject([
      { type: 'SessionCreated' },
      { type: 'SessionStarted' },
      {
        type: 'SessionStopRequested',
        payload: { reason: 'replaced' },
        metadata: { actor: { kind: 'policy', id: 'overlap_policy' } },
      },
    ]);
    expect(await outcomes(id, second)).toEqual(['RunQueued']);
    await end(sessionOf(id, first), 'Stopped');
    expect(await outcomes(id, second)).toEqual(['RunQueued', 'RunStarted']);
  });

  it('a second tick meanwhile takes the place of the waiting run, which is dropped', async () => {
    const id = await schedule({ overlap_policy: 'replace' });
    const [first, second, third] = [await tick(id), await tick(id), await tick(id)];
    expect([await outcomes(id, second), await outcomes(id, third)]).toEqual([
      ['RunQueued', 'RunDropped superseded'],
      ['RunQueued'],
    ]);
    expect((await typesOf(streams.session(sessionOf(id, first)))).filter(type => type === 'SessionStopRequested')).toHaveLength(
      1,
    );
    await end(sessionOf(id, first), 'Stopped');
    expect(await outcomes(id, third)).toEqual(['RunQueued', 'RunStarted']);
    expect(await outcomes(id, second)).toEqual(['RunQueued', 'RunDropped superseded']);
  });
});

describe.each([
  ['queue', 'WaitingRunsChanged'],
  ['replace', 'WaitingRunsChanged'],
  ['replace', 'SessionStopRequested'],
])('with policy %s, when the decider dies behind %s', (overlap_policy, type) => {
  it('the next delivery completes it, and nothing is there twice', async () => {
    const id = await schedule({ overlap_policy });
    const first = await tick(id);
    world.pass(HOUR);
    const second = world.now;
    world.store.dieAfter(type);
    await expect(world.request({ scheduled_session_id: id, project_id, scheduled_for: second })).rejects.toThrow(
      'the process is gone',
    );
    await world.redelivery();
    expect(await outcomes(id, second)).toEqual(['RunQueued']);
    expect(await typesOf(streams.occupancy(id))).toEqual(['SessionAdmitted', 'WaitingRunsChanged']);
    await end(sessionOf(id, first), 'Stopped');
    expect(await outcomes(id, second)).toEqual(['RunQueued', 'RunStarted']);
  });
});

describe.each(['SessionAdmitted', 'SessionMessageAppended', 'SessionStarted'])(
  'when whoever begins a waiting run dies behind %s',
  type => {
    it('the end is acknowledged all the same, and the next tick completes the start', async () => {
      const id = await schedule({ overlap_policy: 'queue' });
      const [first, second] = [await tick(id), await tick(id)];
      world.store.dieAfter(type);
      await end(sessionOf(id, first));
      expect(await outcomes(id, second)).toEqual(['RunQueued']);
      const third = await tick(id);
      expect(await outcomes(id, second)).toEqual(['RunQueued', 'RunStarted']);
      expect(await typesOf(streams.session(sessionOf(id, second)))).toEqual(['SessionCreated', 'SessionStarted']);
      expect(await typesOf(streams.messages(sessionOf(id, second)))).toEqual(['SessionMessageAppended']);
      expect(await outcomes(id, third)).toEqual(['RunQueued']);
    });
  },
);

it('when whoever tells a superseded run dies, the next tick tells it', async () => {
  const id = await schedule({ overlap_policy: 'replace' });
  const [first, second] = [await tick(id), await tick(id)];
  world.store.failAtNext('RunDropped');
  world.pass(HOUR);
  const third = world.now;
  await expect(world.request({ scheduled_session_id: id, project_id, scheduled_for: third })).rejects.toThrow('the disk is gone');
  expect([await outcomes(id, second), await outcomes(id, third)]).toEqual([['RunQueued'], ['RunQueued']]);
  await end(sessionOf(id, first), 'Stopped');
  expect(await outcomes(id, second)).toEqual(['RunQueued', 'RunDropped superseded']);
  expect(await outcomes(id, third)).toEqual(['RunQueued', 'RunStarted']);
});

describe('pause_on_failure', () => {
  const suspensions = async (id: string) =>
    (await world.events(streams.scheduledSession(id))).filter(({ type }) => type === 'ScheduledSessionSuspended');

  it('suspends the schedule when a session of its runs fails, once', async () => {
    const id = await schedule({ pause_on_failure: true });
    const first = await tick(id);
    await end(sessionOf(id, first), 'Failed');
    await end(sessionOf(id, first), 'Failed');
    expect(await suspensions(id)).toMatchObject([
      { payload: { reason: 'run_failed' }, metadata: { actor: { kind: 'policy', id: 'pause_on_failure' } } },
    ]);
    const resumed = await world.post(`${schedules}/${id}/resume`);
    expect(resumed.body).toMatchObject({ enabled: true });
    await end(sessionOf(id, first), 'Failed');
    expect(await suspensions(id)).toHaveLength(1);
  });

  it.each(['Completed', 'Stopped'])('leaves it alone when it ends %s', async phase => {
    const id = await schedule({ pause_on_failure: true });
    await end(sessionOf(id, await tick(id)), phase);
    expect(await suspensions(id)).toEqual([]);
  });

  it('leaves it alone when it is not asked for', async () => {
    const id = await schedule();
    await end(sessionOf(id, await tick(id)), 'Failed');
    expect(await suspensions(id)).toEqual([]);
  });

  it('is completed when whoever reports the failure dies behind the suspension', async () => {
    const id = await schedule({ pause_on_failure: true });
    const first = await tick(id);
    world.store.dieAfter('ScheduledSessionSuspended');
    expect((await world.report(sessionOf(id, first), { phase: 'Failed' })).status).toBe(503);
    await end(sessionOf(id, first), 'Failed');
    expect(await suspensions(id)).toHaveLength(1);
    expect(await outcomes(id, first)).toEqual(['RunStarted', 'RunFinished']);
  });
});

describe('a creator who may no longer create sessions', () => {
  const lose = async (user: string): Promise<void> => {
    const bindings = await world.events(streams.access(project_id));
    const mine = bindings.find(
      ({ type, payload }) => type === 'RoleGranted' && (payload as { user_id: string }).user_id === user,
    );
    const { role_binding_id } = (mine?.payload ?? {}) as { role_binding_id?: string };
    expect((await world.call('DELETE', `/role_bindings/${role_binding_id}`, { as: 'ann' })).status).toBe(204);
  };
  const grant = async (user_id: string, role_id: string): Promise<void> => {
    const body = { role_id, scope: 'project', user_id, project_id };
    const binding = await world.call('POST', '/role_bindings', { as: 'admin', body });
    expect(binding.status).toBe(201);
  };

  it('starts nothing: the run is skipped, and the schedule suspended', async () => {
    await grant('bob', 'project:editor');
    const made = await world.call('POST', schedules, { as: 'bob', body: { name: 'bobs', schedule: '0 * * * *' } });
    const id = made.body.id as string;
    const first = await tick(id);
    expect(await outcomes(id, first)).toEqual(['RunStarted']);
    await end(sessionOf(id, first));
    await lose('bob');
    const second = await tick(id);
    expect(await outcomes(id, second)).toEqual(['RunSkipped forbidden']);
    expect((await world.events(streams.scheduledSession(id))).at(-1)).toMatchObject({
      type: 'ScheduledSessionSuspended',
      payload: { reason: 'forbidden' },
      metadata: { actor: { kind: 'policy', id: 'creator_permission' } },
    });
    // Who may, still may.
    expect((await world.post(`${schedules}/${id}/trigger`)).body).toMatchObject({ status: 'triggered' });
  });

  it('is one whose role that is left does not suffice, and no one whose role suffices', async () => {
    await grant('bob', 'project:editor');
    const id = (await world.call('POST', schedules, { as: 'bob', body: { name: 'bobs', schedule: '0 * * * *' } })).body
      .id as string;
    await lose('bob');
    await grant('bob', 'project:owner');
    const first = await tick(id);
    expect(await outcomes(id, first)).toEqual(['RunStarted']);
    await end(sessionOf(id, first));
    const owner = (await world.events(streams.access(project_id))).at(-1)?.payload as { role_binding_id: string };
    await world.call('DELETE', `/role_bindings/${owner.role_binding_id}`, { as: 'admin' });
    await grant('bob', 'project:viewer');
    expect(await outcomes(id, await tick(id))).toEqual(['RunSkipped forbidden']);
  });
});
