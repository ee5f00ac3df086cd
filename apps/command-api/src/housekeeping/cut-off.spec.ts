import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runIdOf, runIdOfKey, sessionIdOfRun, streams } from '#contracts';
import { metrics } from '#service';
import { CommandWorld } from '../../testing/command-world.js';

const HOUR = 3600;

/** What a process was about to do when it died. Schedules are hourly; each test begins on a full hour. */
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
/** Its ticks end with the third, so that none is owed. */
const schedule = async (fields: object = {}): Promise<string> => {
  const end_at = new Date(Date.parse(world.now) + 3 * HOUR * 1000).toISOString();
  return (await world.made(schedules, { name: `hourly-${++names}`, schedule: '0 * * * *', end_at, ...fields })).id;
};
async function tick(id: string): Promise<string> {
  world.pass(HOUR);
  const at = world.now;
  await world.request({ scheduled_session_id: id, project_id, scheduled_for: at });
  return at;
}
const sessionOf = (id: string, at: string): string => sessionIdOfRun(runIdOf(id, at), at);
const typesOf = async (id: string, at: string): Promise<string[]> => (await world.runOf(id, at)).map(({ type }) => type);
const count = async (work: string): Promise<number> =>
  (await metrics.housekeeping.get()).values.find(({ labels }) => labels.work === work)?.value ?? 0;

describe('a waiting run', () => {
  it('has its turn when whoever ended the session in its way could not give it', async () => {
    const id = await schedule({ overlap_policy: 'queue' });
    const [first, second] = [await tick(id), await tick(id)];
    const before = await count('turn_given');
    world.store.failAtNext('SessionAdmitted');
    expect((await world.report(sessionOf(id, first), { phase: 'Completed' })).status).toBe(200);
    expect(await typesOf(id, second)).toEqual(['RunQueued']);
    world.pass(60);
    await world.keepHouse();
    expect(await typesOf(id, second)).toEqual(['RunQueued', 'RunStarted']);
    await world.keepHouse();
    expect((await count('turn_given')) - before).toBe(1);
  });

  it.each(['SessionAdmitted', 'SessionMessageAppended', 'SessionStarted'])(
    'is begun once when whoever began it died behind %s',
    async type => {
      const id = await schedule({ overlap_policy: 'queue', session_prompt: 'Sweep' });
      const [first, second] = [await tick(id), await tick(id)];
      world.store.dieAfter(type);
      expect((await world.report(sessionOf(id, first), { phase: 'Completed' })).status).toBe(200);
      world.pass(60);
      await world.keepHouse();
      expect(await typesOf(id, second)).toEqual(['RunQueued', 'RunStarted']);
      const session = (await world.events(streams.session(sessionOf(id, second)))).map(event => event.type);
      expect(session).toEqual(['SessionCreated', 'SessionStarted']);
    },
  );

  it('goes on waiting while a session is active', async () => {
    const id = await schedule({ overlap_policy: 'queue' });
    await tick(id);
    const second = await tick(id);
    world.pass(600);
    await world.keepHouse();
    expect(await typesOf(id, second)).toEqual(['RunQueued']);
  });
});

describe('a run whose session has ended', () => {
  it.each(['Completed', 'Stopped', 'Failed'])('is told so when whoever reported it %s died before', async phase => {
    const id = await schedule({ pause_on_failure: true });
    const at = await tick(id);
    const before = await count('run_finished');
    world.store.dieAfter('SessionStatusReported');
    expect((await world.report(sessionOf(id, at), { phase })).status).toBe(503);
    await world.keepHouse();
    expect(await typesOf(id, at)).toEqual(['RunStarted']);
    world.pass(60);
    await world.keepHouse();
    await world.keepHouse();
    expect(await world.runOf(id, at)).toMatchObject([
      { type: 'RunStarted' },
      { type: 'RunFinished', payload: { phase, session_id: sessionOf(id, at) } },
    ]);
    const suspensions = (await world.events(streams.scheduledSession(id))).filter(
      ({ type }) => type === 'ScheduledSessionSuspended',
    );
    expect(suspensions).toHaveLength(phase === 'Failed' ? 1 : 0);
    expect((await count('run_finished')) - before).toBe(1);
  });

  it('is told so also when the session was deleted, and whoever did that died', async () => {
    const id = await schedule();
    const at = await tick(id);
    world.store.dieAfter('SessionDeleted');
    expect((await world.delete(`/sessions/${sessionOf(id, at)}`)).status).toBe(503);
    expect(await typesOf(id, at)).toEqual(['RunStarted']);
    world.pass(60);
    await world.keepHouse();
    expect(await world.runOf(id, at)).toMatchObject([
      { type: 'RunStarted' },
      { type: 'RunFinished', payload: { phase: 'Stopped' } },
    ]);
  });

  it('is told of start and end where whoever triggered it by hand died before and never asked again', async () => {
    const id = await schedule({ session_prompt: 'Sweep' });
    world.store.dieAfter('SessionStarted');
    const key = { 'idempotency-key': `key-${id}` };
    expect((await world.post(`${schedules}/${id}/trigger`, undefined, key)).status).toBe(503);
    const run = runIdOfKey(id, key['idempotency-key']);
    const session = sessionIdOfRun(run, world.now);
    world.pass(5);
    expect((await world.report(session, { phase: 'Completed' })).status).toBe(200);
    expect(await world.events(streams.run(run))).toMatchObject([
      { type: 'RunStarted', payload: { trigger: 'manual', requested_by: 'ann', prompt: 'Sweep', session_id: session } },
      { type: 'RunFinished', payload: { phase: 'Completed', session_id: session } },
    ]);
    world.pass(31);
    const again = await world.post(`${schedules}/${id}/trigger`, undefined, key);
    expect(again).toMatchObject({ status: 200, body: { status: 'triggered', run: { id: run } } });
  });

  it('has nothing to be told when all went well', async () => {
    const id = await schedule();
    const at = await tick(id);
    const before = await count('run_finished');
    await world.report(sessionOf(id, at), { phase: 'Completed' });
    world.pass(600);
    await world.keepHouse();
    expect(await typesOf(id, at)).toEqual(['RunStarted', 'RunFinished']);
    expect(await count('run_finished')).toBe(before);
  });
});
