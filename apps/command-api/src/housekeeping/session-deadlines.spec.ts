import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runIdOf, sessionIdOfRun, streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

const HOUR = 3600;

/** Sessions whose runtime is gone, or has lost them. */
let world: CommandWorld;
let project_id: string;
beforeAll(async () => {
  world = await CommandWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  world.pass(48 * HOUR - ((Date.parse(world.now) / 1000) % HOUR));
  project_id = await world.project();
});

async function started(fields: object): Promise<string> {
  const { id } = await world.made('/sessions', { name: 's', project_id, ...fields });
  expect((await world.post(`/sessions/${id}/start`)).status).toBe(200);
  return id;
}
const report = async (id: string, status: object): Promise<void> => {
  expect((await world.report(id, status)).status).toBe(200);
};
const say = async (id: string): Promise<void> => {
  const message = { event_type: 'assistant', payload: 'still here' };
  expect((await world.post(`/sessions/${id}/messages`, message, {}, 'runtime')).status).toBe(201);
};
/** Time passes, then a pass. */
async function later(seconds: number): Promise<void> {
  world.pass(seconds);
  await world.keepHouse();
}
/** What happened to a session since it was started. */
const since = async (id: string) =>
  (await world.events(streams.session(id)))
    .slice(2)
    .filter(({ metadata }) => metadata.actor.kind !== 'runtime')
    .map(({ type, payload, metadata: { actor } }) => ({ type, payload, actor }));
const stopped = (reason: string) => ({
  type: 'SessionStopRequested',
  payload: { project_id, reason },
  actor: { id: reason, kind: 'policy' },
});
const ended = (phase: string, reason: string) => ({
  type: 'SessionStatusReported',
  payload: { changes: { phase, conditions: expect.stringContaining(`"type":"Lost","reason":"${reason}"`) } },
  actor: { kind: 'policy' },
});

describe('a session with a timeout', () => {
  it('is asked to stop 30 s after it, and has failed when no runtime answers', async () => {
    const id = await started({ timeout: 600 });
    await report(id, { phase: 'Running', start_time: world.now });
    await later(629);
    expect(await since(id)).toEqual([]);
    await later(1);
    expect(await since(id)).toEqual([stopped('timeout')]);
    await later(29);
    await later(1);
    expect(await since(id)).toMatchObject([stopped('timeout'), ended('Failed', 'timeout')]);
    await later(600);
    expect(await since(id)).toHaveLength(2);
  });

  it('that nobody took up has it from its start', async () => {
    const id = await started({ timeout: 60 });
    await later(90);
    await later(60);
    expect(await since(id)).toMatchObject([stopped('timeout'), ended('Failed', 'timeout')]);
  });

  it('ends as its runtime says, where that answers', async () => {
    const id = await started({ timeout: 60 });
    await later(90);
    await report(id, { phase: 'Stopped' });
    await later(60);
    expect(await since(id)).toEqual([stopped('timeout')]);
  });

  it('that ended in time is left alone', async () => {
    const id = await started({ timeout: 60 });
    await report(id, { phase: 'Completed' });
    await later(HOUR);
    expect(await since(id)).toEqual([]);
  });
});

describe('a session with an inactivity_timeout', () => {
  it('is asked to stop when nothing more comes of it', async () => {
    const id = await started({ inactivity_timeout: 60 });
    await report(id, { phase: 'Running', start_time: world.now });
    world.pass(50);
    await say(id);
    await later(89);
    expect(await since(id)).toEqual([]);
    await later(1);
    expect(await since(id)).toEqual([stopped('inactivity_timeout')]);
    await later(30);
    expect((await since(id))[1]).toMatchObject(ended('Failed', 'inactivity_timeout'));
  });
});

describe('a session without deadlines', () => {
  it('may run as long as it likes', async () => {
    const id = await started({});
    await report(id, { phase: 'Running', start_time: world.now });
    await later(40 * HOUR);
    expect(await since(id)).toEqual([]);
  });

  it('that was asked to stop is given up when nothing comes of it for two minutes', async () => {
    const id = await started({});
    await report(id, { phase: 'Running', start_time: world.now });
    await world.post(`/sessions/${id}/stop`);
    await later(100);
    await say(id);
    await later(119);
    expect(await since(id)).toHaveLength(1);
    await later(1);
    expect((await since(id))[1]).toMatchObject(ended('Stopped', 'stop_requested'));
  });
});

describe('what follows from such an end', () => {
  const sessionOf = (id: string, at: string): string => sessionIdOfRun(runIdOf(id, at), at);
  async function decide(id: string): Promise<string> {
    const at = world.now;
    await world.request({ scheduled_session_id: id, project_id, scheduled_for: at });
    return at;
  }

  it('is what follows from any: the run ends, the next one has its turn, and the schedule pauses', async () => {
    const fields = { name: 'daily', schedule: '0 */2 * * *', overlap_policy: 'queue', timeout: 3 * HOUR, pause_on_failure: true };
    const { id } = await world.made(`/projects/${project_id}/scheduled-sessions`, fields);
    const isEven = new Date(Date.parse(world.now)).getUTCHours() % 2 === 0;
    world.pass((isEven ? 2 : 1) * HOUR);
    const first = await decide(id);
    await report(sessionOf(id, first), { phase: 'Running', start_time: world.now });
    world.pass(2 * HOUR);
    const second = await decide(id);
    await later(HOUR + 30);
    await later(60);
    expect(await world.runOf(id, first)).toMatchObject([
      { type: 'RunStarted' },
      { type: 'RunFinished', payload: { phase: 'Failed' } },
    ]);
    expect((await world.runOf(id, second)).map(({ type }) => type)).toEqual(['RunQueued', 'RunStarted']);
    expect((await world.events(streams.scheduledSession(id))).at(-1)).toMatchObject({
      type: 'ScheduledSessionSuspended',
      payload: { reason: 'run_failed' },
    });
  });
});
