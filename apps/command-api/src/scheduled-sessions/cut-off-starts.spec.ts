import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

/** Starts that a crash cut off, completed by another cause than the one that began them. Found by the model-based test. */
let world: CommandWorld;
beforeAll(async () => {
  world = await CommandWorld.open();
});
afterAll(() => world.close());

it('a trigger by hand that died behind its first message, and then had to wait, starts when its turn comes', async () => {
  const schedules = `/projects/${await world.project()}/scheduled-sessions`;
  const { id } = await world.made(schedules, { name: 'hourly', schedule: '0 * * * *' });
  const again = { 'Idempotency-Key': 'once' };
  world.store.dieAfter('SessionMessageAppended');
  expect((await world.post(`${schedules}/${id}/trigger`, { overlap_policy: 'queue', prompt: 'Now.' }, again)).status).toBe(503);
  // Its claim is void after a minute: another takes the place.
  world.pass(61);
  const active = await world.post(`${schedules}/${id}/trigger`, { overlap_policy: 'skip' });
  expect(active.body.status).toBe('triggered');
  const waiting = await world.post(`${schedules}/${id}/trigger`, { overlap_policy: 'queue', prompt: 'Now.' }, again);
  expect(waiting.body.status).toBe('queued');
  expect((await world.report(active.body.session.id, { phase: 'Completed' })).status).toBe(200);
  const run = await world.events(streams.run(waiting.body.run.id));
  expect(run.map(({ type }) => type)).toEqual(['RunQueued', 'RunStarted']);
  const { session_id } = run[1]!.payload as { session_id: string };
  expect((await world.events(streams.messages(session_id))).map(({ payload }) => payload)).toMatchObject([{ payload: 'Now.' }]);
});
