import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { streams } from '#contracts';
import { metrics } from '#service';
import { CommandWorld } from '../../testing/command-world.js';

const MINUTE = 60;
const HOUR = 3600;

/** Ticks that nobody decides in time. Schedules are hourly; each test begins on a full hour in a world of its own. */
let world: CommandWorld;
let project_id: string;
let schedules: string;
let countBefore: number;
beforeEach(async () => {
  world = await CommandWorld.open();
  project_id = await world.project();
  schedules = `/projects/${project_id}/scheduled-sessions`;
  countBefore = await total();
});
afterEach(() => world.close());

const total = async (): Promise<number> => (await metrics.reconcilerRepaired.get()).values[0]?.value ?? 0;
/** Ticks repaired in this test. */
const repaired = async (): Promise<number> => (await total()) - countBefore;

let names = 0;
const schedule = async (fields: object = {}): Promise<string> =>
  (await world.made(schedules, { name: `hourly-${++names}`, schedule: '0 * * * *', overlap_policy: 'allow', ...fields })).id;
/** The scheduler asks for the tick of this moment. @returns its time */
async function ask(id: string, scheduled_for = world.now): Promise<string> {
  await world.request({ scheduled_session_id: id, project_id, scheduled_for });
  return scheduled_for;
}
const outcomes = async (id: string, at: string): Promise<string[]> =>
  (await world.runOf(id, at)).map(({ type, payload }) => ('reason' in payload ? `${type} ${payload.reason}` : type));
/** So many hours from now. */
const hour = (offset: number): string => new Date(Date.parse(world.now) + offset * HOUR * 1000).toISOString();
/** Passes once a minute for so many minutes. */
async function keepHouseFor(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    world.pass(MINUTE);
    await world.keepHouse();
  }
}

it('is the work of whoever leads it, once the command API is there', () => {
  expect(world.leads).toEqual(['housekeeping']);
});

describe('a healthy system', () => {
  it('repairs nothing', async () => {
    const [plain, jittered, limited, suspended] = [
      await schedule(),
      await schedule({ jitter: HOUR }),
      await schedule({ max_runs: 1 }),
      await schedule(),
    ];
    await schedule({ enabled: false });
    for (let ticks = 0; ticks < 3; ticks++) {
      world.pass(HOUR);
      for (const id of [plain, suspended]) await ask(id);
      if (ticks === 0) await ask(limited);
      const tick = world.now;
      await keepHouseFor(5);
      await ask(jittered, tick);
      await world.patch(`${schedules}/${suspended}`, { description: `tick ${ticks}` });
      await world.post(`${schedules}/${suspended}/suspend`);
      await keepHouseFor(5);
      await world.post(`${schedules}/${suspended}/resume`);
      world.pass(-10 * MINUTE);
    }
    await world.patch(`${schedules}/${limited}`, { description: 'exhausted' });
    await world.delete(`${schedules}/${plain}`);
    await keepHouseFor(5);
    expect(await repaired()).toBe(0);
  });

  it('is left alone while it catches up', async () => {
    const id = await schedule({ catch_up_policy: 'all' });
    const ticks = [hour(1), hour(2), hour(3)];
    world.pass(4 * HOUR - 60);
    for (const tick of ticks) {
      await world.request({ scheduled_session_id: id, project_id, scheduled_for: tick, trigger: 'catch_up' });
      await keepHouseFor(0.5);
      world.pass(-30);
    }
    expect(await repaired()).toBe(0);
  });
});

describe('while no scheduler is there', () => {
  it('a tick is decided two minutes after its time, and counted', async () => {
    const id = await schedule();
    world.pass(HOUR);
    const tick = world.now;
    world.pass(119);
    await world.keepHouse();
    expect(await outcomes(id, tick)).toEqual([]);
    world.pass(2);
    await world.keepHouse();
    expect(await world.runOf(id, tick)).toMatchObject([
      { type: 'RunStarted', payload: { trigger: 'catch_up', lateness_ms: 121_000 } },
    ]);
    await keepHouseFor(5);
    expect(await repaired()).toBe(1);
  });

  it('one with jitter has that much more time', async () => {
    const id = await schedule({ jitter: 600 });
    world.pass(HOUR);
    const tick = world.now;
    await keepHouseFor(2);
    expect(await outcomes(id, tick)).toEqual([]);
    await keepHouseFor(11);
    expect(await outcomes(id, tick)).toEqual(['RunStarted']);
  });

  it('a long outage has its outcomes by the policies: old ticks as one range', async () => {
    const id = await schedule();
    const [first, last, next, newest] = [hour(1), hour(7), hour(8), hour(9)];
    world.pass(9.5 * HOUR);
    await world.keepHouse();
    expect(await world.runOf(id, first)).toMatchObject([{ type: 'RunMissed', payload: { from: first, to: last, count: 7 } }]);
    expect(await outcomes(id, next)).toEqual(['RunMissed superseded_by_later_tick']);
    expect(await outcomes(id, newest)).toEqual(['RunStarted']);
    await keepHouseFor(5);
    expect(await repaired()).toBe(9);
  });

  it('catching up starts at most ten in one pass, oldest first', async () => {
    const id = await schedule({ schedule: '* * * * *', catch_up_policy: 'all' });
    const minute = (n: number): string => new Date(Date.parse(world.now) + n * MINUTE * 1000).toISOString();
    const [tenth, eleventh] = [minute(10), minute(11)];
    world.pass(20 * MINUTE);
    await world.keepHouse();
    expect([await outcomes(id, tenth), await outcomes(id, eleventh)]).toEqual([['RunStarted'], []]);
    await world.keepHouse();
    expect(await outcomes(id, eleventh)).toEqual(['RunStarted']);
  });

  it('many schedules are repaired in one pass', async () => {
    const ids = await Promise.all(Array.from({ length: 40 }, () => schedule()));
    world.pass(HOUR);
    const tick = world.now;
    await keepHouseFor(3);
    for (const id of ids) expect(await outcomes(id, tick)).toEqual(['RunStarted']);
    expect(await repaired()).toBe(40);
  });
});

describe('a tick whose request was lost', () => {
  it('is found behind the outcome of a later one, and decided two minutes after that', async () => {
    const id = await schedule();
    world.pass(HOUR);
    const lost = world.now;
    world.pass(HOUR);
    const later = await ask(id);
    await world.keepHouse();
    expect(await outcomes(id, lost)).toEqual([]);
    await keepHouseFor(2);
    expect(await outcomes(id, lost)).toEqual(['RunMissed superseded_by_later_tick']);
    expect(await outcomes(id, later)).toEqual(['RunStarted']);
    await keepHouseFor(3);
    expect(await repaired()).toBe(1);
  });

  it('is no hole when it is decided meanwhile', async () => {
    const id = await schedule();
    world.pass(HOUR);
    const late = world.now;
    world.pass(HOUR);
    await ask(id);
    await world.keepHouse();
    await ask(id, late);
    await keepHouseFor(3);
    expect(await outcomes(id, late)).toEqual(['RunStarted']);
    expect(await repaired()).toBe(0);
  });

  it('is found among several, and of them alone', async () => {
    const id = await schedule({ catch_up_policy: 'all' });
    world.pass(HOUR);
    await ask(id);
    const [one, two] = [hour(1), hour(2)];
    world.pass(3 * HOUR);
    await ask(id);
    await keepHouseFor(3);
    expect([await outcomes(id, one), await outcomes(id, two)]).toEqual([
      ['RunMissed outside_catch_up_window'],
      ['RunMissed outside_catch_up_window'],
    ]);
    expect(await repaired()).toBe(2);
  });

  it.each([
    ['was suspended', (path: string) => world.post(`${path}/suspend`), 'RunStarted'],
    ['got another time', (path: string) => world.patch(path, { schedule: '30 0 1 1 *' }), 'RunStarted'],
    ['was deleted', (path: string) => world.delete(path), 'RunSkipped schedule_deleted'],
  ])('is found when its schedule %s behind it', async (_, change, outcome) => {
    const id = await schedule();
    world.pass(HOUR);
    const lost = world.now;
    world.pass(5);
    await change(`${schedules}/${id}`);
    await keepHouseFor(3);
    expect(await outcomes(id, lost)).toEqual([outcome]);
    expect(await repaired()).toBe(1);
  });

  it('is found also when the whole system stood still since', async () => {
    const id = await schedule({ end_at: hour(2) });
    world.pass(HOUR);
    const lost = world.now;
    world.pass(HOUR);
    await ask(id);
    world.pass(48 * HOUR);
    await keepHouseFor(3);
    expect(await outcomes(id, lost)).toEqual(['RunMissed superseded_by_later_tick']);
    expect(await repaired()).toBe(1);
  });
});

it('what fails is done by the next pass', async () => {
  const id = await schedule();
  world.pass(HOUR);
  const tick = world.now;
  world.pass(3 * MINUTE);
  world.store.failAtNext('RunStarted');
  await expect(world.keepHouse()).rejects.toThrow('overdue ticks');
  await world.keepHouse();
  expect(await outcomes(id, tick)).toEqual(['RunStarted']);
  expect(await repaired()).toBe(1);
});

it.each(['SessionAdmitted', 'SessionStarted'])(
  'what dies behind %s is completed by the next pass, and nothing is there twice',
  async type => {
    const id = await schedule();
    world.pass(HOUR);
    const tick = world.now;
    world.pass(3 * MINUTE);
    world.store.dieAfter(type);
    await expect(world.keepHouse()).rejects.toThrow('overdue ticks');
    await world.keepHouse();
    expect(await outcomes(id, tick)).toEqual(['RunStarted']);
    expect((await world.events(streams.occupancy(id))).map(event => event.type)).toEqual(['SessionAdmitted']);
  },
);
