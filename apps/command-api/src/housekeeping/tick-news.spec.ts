import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { runIdOf } from '#contracts';
import { Journal } from '#journal';
import { CommandWorld } from '../../testing/command-world.js';
import { TickNews, type Boundary } from './tick-news.js';

const HOUR = 3600;

let world: CommandWorld;
let project_id: string;
let id: string;
beforeEach(async () => {
  world = await CommandWorld.open();
  project_id = await world.project();
  const fields = { name: 'hourly', schedule: '0 * * * *', overlap_policy: 'allow' };
  ({ id } = await world.made(`/projects/${project_id}/scheduled-sessions`, fields));
});
afterEach(() => world.close());

async function tick(): Promise<string> {
  world.pass(HOUR);
  const scheduled_for = world.now;
  await world.request({ scheduled_session_id: id, project_id, scheduled_for });
  return runIdOf(id, scheduled_for);
}
const newsOfThisProcess = (): TickNews => new TickNews(new Journal(world.store));
async function read(news: TickNews): Promise<Boundary[]> {
  const read: Boundary[] = [];
  for await (const page of news.read(Date.parse(world.now))) read.push(...page);
  return read;
}

it('begins with the last hour of the log, however long ago that was, and goes on with what is new', async () => {
  const news = newsOfThisProcess();
  const runs = [await tick(), await tick()];
  world.pass(100 * HOUR);
  expect((await read(news)).map(({ runId }) => runId)).toEqual(expect.arrayContaining(runs));
  expect(await read(news)).toEqual([]);
  world.pass(30);
  await world.post(`/projects/${project_id}/scheduled-sessions/${id}/suspend`);
  const at = Date.parse(world.now);
  expect(await read(news)).toEqual([{ scheduleId: id, through: at / 1000, at }]);
});

it('tells again what was not dealt with', async () => {
  const news = newsOfThisProcess();
  expect(await read(news)).toEqual([]);
  const runId = await tick();
  const failing = async (): Promise<void> => {
    for await (const page of news.read(Date.parse(world.now))) throw new Error(`the disk is gone at ${page.length}`);
  };
  await expect(failing()).rejects.toThrow('the disk is gone at 1');
  expect(await read(news)).toMatchObject([{ scheduleId: id, runId }]);
  expect(await read(news)).toEqual([]);
});

it('tells nothing of runs by hand, nor of their ends', async () => {
  const news = newsOfThisProcess();
  const { body } = await world.post(`/projects/${project_id}/scheduled-sessions/${id}/trigger`);
  await world.report(body.session.id, { phase: 'Completed' });
  expect(await read(news)).toEqual([]);
});
