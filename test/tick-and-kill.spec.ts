/** Every nominal tick has exactly one outcome, whenever the power goes, and however long it stays away. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Json } from './support/http.js';
import { startInProcess } from './support/in-process.js';
import { allEvents, verifyReadModels } from './support/stores.js';
import { TestBed, type System } from './support/system.js';
import { until, untilInstant } from './support/until.js';

const MINUTE = 60_000;
const POLICIES = ['none', 'latest', 'all'] as const;
type Policy = (typeof POLICIES)[number];
const SETTINGS = { AMBIENT_RUNTIME_COMMAND: 'cat' };

const bed = new TestBed();
afterAll(() => bed.clear());

const instant = (at: number): string => new Date(at).toISOString();
const minuteAfter = (at: number): number => (Math.floor(at / MINUTE) + 1) * MINUTE;
const pathOf = (id: string): string => `/projects/ticks/scheduled-sessions/${id}`;

/** Full minutes after `from`, through `to`. */
function nominal(from: number, to: number): string[] {
  const ticks: string[] = [];
  for (let at = minuteAfter(from); at <= to; at += MINUTE) ticks.push(instant(at));
  return ticks;
}

async function runsOf(system: System, id: string): Promise<Json[]> {
  return (await system.api.all(`${pathOf(id)}/runs?orderBy=scheduled_for`)).map(({ run }) => run as Json);
}

/** Each nominal tick that the runs account for, as often as they do. */
const accounted = (runs: readonly Json[]): string[] =>
  runs.flatMap(({ scheduled_for, missed_through }) =>
    missed_through === undefined ? [scheduled_for as string] : nominal(Date.parse(scheduled_for) - 1, Date.parse(missed_through)),
  );

/** No run and no tick has two sessions, in the log itself. */
async function expectOneSessionEach(dataDir: string): Promise<void> {
  const log = await allEvents(dataDir);
  const payloads = (type: string) => log.filter(event => event.type === type).map(event => JSON.parse(event.data) as Json);
  const sessions = payloads('SessionCreated').filter(({ scheduled_session_id }) => scheduled_session_id);
  const causes = sessions.map(({ scheduled_session_id, scheduled_for }) => `${scheduled_session_id} ${scheduled_for}`);
  expect(new Set(causes).size).toBe(causes.length);
  const started = payloads('RunStarted');
  expect(started).toHaveLength(sessions.length);
  expect(new Set(started.map(({ session_id }) => session_id)).size).toBe(started.length);
}

describe('ticks while the clock runs', () => {
  let dataDir: string;
  let system: System;
  const ids = new Map<Policy, string>();
  let createdAt: number;

  beforeAll(async () => {
    dataDir = await bed.dataDir();
    system = await bed.start(dataDir, SETTINGS);
    await system.api.post('/projects', { name: 'ticks' });
    for (const policy of POLICIES) {
      const fields = { name: policy, schedule: '* * * * *', catch_up_policy: policy, overlap_policy: 'allow' };
      const { id, created_at } = await system.api.post('/projects/ticks/scheduled-sessions', fields);
      ids.set(policy, id);
      createdAt = Date.parse(created_at);
    }
  }, 120_000);

  it('before, during and after a kill of the whole system, and over a pause of it: one outcome each', async () => {
    const beforeKill = minuteAfter(createdAt);
    await untilInstant(beforeKill);
    await until(
      async () => (await Promise.all([...ids.values()].map(id => runsOf(system, id)))).every(runs => runs.length > 0),
      10_000,
      'the tick is decided',
    );
    await system.kill9();

    const whileDown = minuteAfter(Date.now());
    await untilInstant(whileDown + 500);
    system = await bed.start(dataDir, SETTINGS);
    const decided = async (at: number) =>
      (await Promise.all([...ids.values()].map(id => runsOf(system, id)))).every(runs => accounted(runs).includes(instant(at)));
    await until(() => decided(whileDown), 20_000, 'the tick of the outage is decided');

    // A process that is suspended over a minute's border notices the tick when it goes on.
    const whilePaused = minuteAfter(Date.now());
    await untilInstant(whilePaused - 2000);
    system.signal('SIGSTOP');
    await untilInstant(whilePaused + 3000);
    system.signal('SIGCONT');
    await until(() => decided(whilePaused), 20_000, 'the tick of the pause is decided');

    for (const [policy, id] of ids) {
      const runs = await runsOf(system, id);
      const through = Math.max(...runs.map(({ scheduled_for }) => Date.parse(scheduled_for)));
      expect(accounted(runs)).toEqual(nominal(createdAt, through));
      const byTick = new Map(runs.map(run => [run['scheduled_for'] as string, run]));
      expect(byTick.get(instant(beforeKill))).toMatchObject({ outcome: 'started', trigger: 'schedule' });
      expect(byTick.get(instant(whileDown))).toMatchObject(
        policy === 'none' ? { outcome: 'missed' } : { outcome: 'started', trigger: 'catch_up' },
      );
      expect(byTick.get(instant(whilePaused))).toMatchObject({ outcome: 'started', trigger: 'schedule' });
    }
    await expectOneSessionEach(dataDir);
    expect((await system.stop()).code).toBe(0);
    expect(await verifyReadModels(dataDir)).toMatchObject({ equal: true });
  }, 240_000);
});

describe('a long outage', () => {
  const WINDOW_S = 1200;

  /** What each policy makes of a tick that was missed, by the specification. */
  const expected = (policy: Policy, tick: string, newest: string, at: string) => {
    const inWindow = Date.parse(at) - Date.parse(tick) <= WINDOW_S * 1000;
    const runs = policy === 'all' ? inWindow : policy === 'latest' && tick === newest;
    return runs ? 'started' : 'missed';
  };

  it('is caught up by the policies, each tick once, also when the power goes again in the middle of it', async () => {
    const dataDir = await bed.dataDir();
    // Three hours ago: old enough for ranges, and then for what the policies want to run.
    const createdAt = Date.now() - 180 * MINUTE;
    const past = await startInProcess(dataDir, { now: () => createdAt });
    await past.api.post('/projects', { name: 'ticks' });
    const ids = new Map<Policy, string>();
    for (const policy of POLICIES) {
      const fields = {
        name: policy,
        schedule: '* * * * *',
        catch_up_policy: policy,
        catch_up_window: WINDOW_S,
        overlap_policy: 'allow',
      };
      ids.set(policy, (await past.api.post('/projects/ticks/scheduled-sessions', fields))['id']);
    }
    await past.close();

    let system = await bed.start(dataDir, SETTINGS);
    const firstStart = Date.now();
    await until(
      async () => (await runsOf(system, ids.get('all')!)).some(({ outcome }) => outcome === 'started'),
      20_000,
      'catching up has begun',
    );
    await system.kill9();
    system = await bed.start(dataDir, SETTINGS);

    const newest = instant(Math.floor(firstStart / MINUTE) * MINUTE);
    const due = nominal(createdAt, Date.parse(newest));
    const settled = async (id: string) => {
      const done = new Set(accounted(await runsOf(system, id)));
      return due.every(tick => done.has(tick));
    };
    await until(
      async () => (await Promise.all([...ids.values()].map(settled))).every(Boolean),
      60_000,
      'every tick has an outcome',
    );

    for (const [policy, id] of ids) {
      const runs = await runsOf(system, id);
      const ticks = accounted(runs);
      expect(ticks).toEqual(nominal(createdAt, Date.parse(ticks.at(-1)!)));
      const counted = runs.reduce((sum, { missed_count = 1 }) => sum + (missed_count as number), 0);
      expect(counted).toBe(ticks.length);
      for (const run of runs.filter(({ scheduled_for }) => scheduled_for < newest)) {
        expect(run['trigger']).toBe('catch_up');
        expect([policy, run['scheduled_for'], run['outcome']]).toEqual([
          policy,
          run['scheduled_for'],
          expected(policy, run['scheduled_for'], newest, run['decided_at']),
        ]);
      }
    }
    await expectOneSessionEach(dataDir);
  }, 120_000);
});
