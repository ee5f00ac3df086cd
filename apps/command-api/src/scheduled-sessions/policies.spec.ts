import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runIdOf, sessionIdOfRun, streams, type CatchUpPolicy, type OverlapPolicy, type RunTrigger } from '#contracts';
import { CommandWorld } from '../../testing/command-world.js';

/**
 * What becomes of a run: every overlap policy with every catch-up policy, every trigger and everything that the agent may be doing. The
 * expectations are tables, taken from the text of the specification (scheduling semantics: policies, manual trigger).
 */
const OVERLAP = ['skip', 'queue', 'replace', 'allow'] as const;
const CATCH_UP = ['none', 'latest', 'all'] as const;
const TRIGGERS = ['schedule', 'catch_up', 'manual', 'backfill'] as const;
const SITUATIONS = [
  'there is no agent',
  'the agent is free',
  'a session is active that ends Completed',
  'a session is active that ends Failed',
  'a session is active that ends Stopped',
  'a session is active, and another run waits',
  'the agent is deleted',
  'the schedule is deleted',
  'the schedule is disabled',
] as const;
type Situation = (typeof SITUATIONS)[number];

interface Expected {
  /** The events of the run, and of the run that waited before it. */
  readonly run: readonly string[];
  readonly other?: readonly string[];
  /** The active session is asked to stop. */
  readonly stops?: true;
  /** The same when the active session has ended. */
  readonly runLater?: readonly string[];
  readonly otherLater?: readonly string[];
}

/** `overlap_policy`: what happens when nobody is active, when a session is, and when a run waits for it already. */
const BY_OVERLAP: Readonly<Record<OverlapPolicy, Readonly<Record<'free' | 'busy' | 'full', Expected>>>> = {
  skip: {
    free: { run: ['RunStarted'] },
    busy: { run: ['RunSkipped active_session'] },
    full: { run: ['RunSkipped active_session'], other: ['RunQueued'], otherLater: ['RunQueued', 'RunStarted'] },
  },
  queue: {
    free: { run: ['RunStarted'] },
    busy: { run: ['RunQueued'], runLater: ['RunQueued', 'RunStarted'] },
    full: { run: ['RunDropped queue_full'], other: ['RunQueued'], otherLater: ['RunQueued', 'RunStarted'] },
  },
  replace: {
    free: { run: ['RunStarted'] },
    busy: { run: ['RunQueued'], stops: true, runLater: ['RunQueued', 'RunStarted'] },
    full: {
      run: ['RunQueued'],
      other: ['RunQueued', 'RunDropped superseded'],
      stops: true,
      runLater: ['RunQueued', 'RunStarted'],
    },
  },
  allow: {
    free: { run: ['RunStarted'] },
    busy: { run: ['RunStarted'] },
    // The session of the run is active, too: the one that waits goes on waiting.
    full: { run: ['RunStarted'], other: ['RunQueued'] },
  },
};

/** Which column of it a situation is. */
const AGENT: Readonly<Record<Situation, 'free' | 'busy' | 'full'>> = {
  'there is no agent': 'free',
  'the agent is free': 'free',
  'a session is active that ends Completed': 'busy',
  'a session is active that ends Failed': 'busy',
  'a session is active that ends Stopped': 'busy',
  'a session is active, and another run waits': 'full',
  'the agent is deleted': 'free',
  'the schedule is deleted': 'free',
  'the schedule is disabled': 'free',
};

type Before = 'not due' | 'RunSkipped agent_deleted' | 'RunSkipped schedule_deleted';

/** What comes before the overlap policy: a person can't trigger a deleted schedule, and can a disabled one, which has no ticks. */
const BEFORE_OVERLAP: Partial<Record<Situation, Partial<Record<RunTrigger, Before>>>> = {
  'the agent is deleted': {
    schedule: 'RunSkipped agent_deleted',
    catch_up: 'RunSkipped agent_deleted',
    manual: 'RunSkipped agent_deleted',
    backfill: 'RunSkipped agent_deleted',
  },
  'the schedule is deleted': {
    schedule: 'RunSkipped schedule_deleted',
    catch_up: 'RunSkipped schedule_deleted',
    manual: 'not due',
    backfill: 'not due',
  },
  'the schedule is disabled': { schedule: 'not due', catch_up: 'not due' },
};

/** `catch_up_policy`, of the newest missed tick, inside the window. It has no say on what was not missed. */
const MISSED: Readonly<Record<CatchUpPolicy, string | undefined>> = {
  none: 'RunMissed catch_up_none',
  latest: undefined,
  all: undefined,
};

function expected(overlap: OverlapPolicy, catchUp: CatchUpPolicy, trigger: RunTrigger, situation: Situation): Expected {
  const before = BEFORE_OVERLAP[situation]?.[trigger];
  const missed = trigger === 'catch_up' ? MISSED[catchUp] : undefined;
  const { other, otherLater } = BY_OVERLAP.skip[AGENT[situation]];
  if (before === 'not due') return { run: [] };
  // Whoever waited before goes on as if nothing had been.
  if (missed !== undefined) return { run: [missed], ...(other ? { other } : {}), ...(otherLater ? { otherLater } : {}) };
  return before === undefined ? BY_OVERLAP[overlap][AGENT[situation]] : { run: [before] };
}

const cases = OVERLAP.flatMap(overlap =>
  CATCH_UP.flatMap(catchUp =>
    TRIGGERS.flatMap(trigger => SITUATIONS.map(situation => ({ overlap, catchUp, trigger, situation }))),
  ),
);

const HOUR = 3600;
const LATE = 600;

let world: CommandWorld;
let project_id: string;
let schedules: string;
beforeAll(async () => {
  world = await CommandWorld.open();
});
afterAll(() => world.close());
beforeEach(async () => {
  // Half past: the next tick comes in half an hour.
  world.pass(48 * HOUR + HOUR / 2 - ((Date.parse(world.now) / 1000) % HOUR));
  project_id = await world.project();
  schedules = `/projects/${project_id}/scheduled-sessions`;
});

let names = 0;
const scheduleWith = async (fields: object): Promise<string> =>
  (await world.made(schedules, { name: `hourly-${++names}`, schedule: '0 * * * *', ...fields })).id;

/** Event types of a run, those that tell a reason with it. */
const outcomesOf = async (runId: string | undefined): Promise<string[]> => {
  const events = runId === undefined ? [] : await world.events(streams.run(runId));
  return events
    .filter(({ type }) => type !== 'RunFinished')
    .map(({ type, payload }) => ('reason' in payload ? `${type} ${payload.reason}` : type));
};

/** A run that a person has triggered. */
const triggered = async (id: string, overlap_policy: OverlapPolicy): Promise<{ runId: string; sessionId: string }> => {
  const { status, body } = await world.post(`${schedules}/${id}/trigger`, { overlap_policy });
  expect(status).toBeLessThan(300);
  return { runId: body.run.id, sessionId: body.run.session_id };
};

/** The cause comes. @returns the id of the run that it leads to; undefined when it leads to none */
async function fire(id: string, trigger: RunTrigger, tick: string): Promise<string | undefined> {
  switch (trigger) {
    case 'schedule':
    case 'catch_up':
      await world.request({ scheduled_session_id: id, project_id, scheduled_for: tick, trigger });
      return runIdOf(id, tick);
    case 'manual':
      return (await world.post(`${schedules}/${id}/trigger`)).body.run?.id;
    case 'backfill':
      return (await world.post(`${schedules}/${id}/backfill`, { from: tick, to: tick })).body.runs?.[0].id;
  }
}

describe('what becomes of a run', () => {
  it.each(cases)(
    'with overlap $overlap and catch-up $catchUp, by $trigger, when $situation',
    async ({ overlap, catchUp, trigger, situation }) => {
      const wanted = expected(overlap, catchUp, trigger, situation);
      const agent = (await world.made(`/projects/${project_id}/agents`, { name: 'worker' })).id;
      const hasAgent = situation !== 'there is no agent';
      const id = await scheduleWith({
        overlap_policy: overlap,
        catch_up_policy: catchUp,
        ...(hasAgent ? { agent_id: agent } : {}),
      });
      const active = AGENT[situation] === 'free' ? undefined : await triggered(id, 'allow');
      const other = AGENT[situation] === 'full' ? await triggered(id, 'queue') : undefined;
      if (situation === 'the agent is deleted') await world.delete(`/projects/${project_id}/agents/${agent}`);
      if (situation === 'the schedule is disabled') await world.post(`${schedules}/${id}/suspend`);
      world.pass(HOUR / 2);
      const tick = world.now;
      world.pass(trigger === 'catch_up' ? LATE : 1);
      if (situation === 'the schedule is deleted') await world.delete(`${schedules}/${id}`);

      const runId = await fire(id, trigger, tick);
      const { run, other: waiting = [], stops = false, runLater = run, otherLater = waiting } = wanted;
      const stopped = async (): Promise<boolean> =>
        active !== undefined &&
        (await world.events(streams.session(active.sessionId))).some(({ type }) => type === 'SessionStopRequested');
      expect({ run: await outcomesOf(runId), other: await outcomesOf(other?.runId), stops: await stopped() }).toEqual({
        run,
        other: waiting,
        stops,
      });
      if (!active) return;

      const phase =
        situation === 'a session is active that ends Failed' ? 'Failed' : situation.endsWith('Stopped') ? 'Stopped' : 'Completed';
      expect((await world.report(active.sessionId, { phase })).status).toBe(200);
      expect({ run: await outcomesOf(runId), other: await outcomesOf(other?.runId) }).toEqual({
        run: runLater,
        other: otherLater,
      });
      expect((await world.events(streams.run(active.runId))).at(-1)).toMatchObject({ type: 'RunFinished', payload: { phase } });
    },
  );
});

/** Three ticks were missed: one outside the window of an hour and a half, two inside. */
const CAUGHT_UP: Readonly<Record<CatchUpPolicy, Readonly<Record<'allow' | 'skip', readonly string[]>>>> = {
  none: {
    allow: ['RunMissed catch_up_none', 'RunMissed catch_up_none', 'RunMissed catch_up_none'],
    skip: ['RunMissed catch_up_none', 'RunMissed catch_up_none', 'RunMissed catch_up_none'],
  },
  latest: {
    allow: ['RunMissed superseded_by_later_tick', 'RunMissed superseded_by_later_tick', 'RunStarted'],
    skip: ['RunMissed superseded_by_later_tick', 'RunMissed superseded_by_later_tick', 'RunStarted'],
  },
  all: {
    allow: ['RunMissed outside_catch_up_window', 'RunStarted', 'RunStarted'],
    skip: ['RunMissed outside_catch_up_window', 'RunStarted', 'RunSkipped active_session'],
  },
};

it.each(CATCH_UP.flatMap(catchUp => (['allow', 'skip'] as const).map(overlap => ({ catchUp, overlap }))))(
  'three missed ticks with catch-up $catchUp and overlap $overlap',
  async ({ catchUp, overlap }) => {
    const id = await scheduleWith({ catch_up_policy: catchUp, overlap_policy: overlap, catch_up_window: 1.5 * HOUR });
    const ticks: string[] = [];
    for (let n = 0; n < 3; n++) {
      world.pass(n === 0 ? HOUR / 2 : HOUR);
      ticks.push(world.now);
    }
    world.pass(LATE);
    const outcomes: string[] = [];
    for (const scheduled_for of ticks) {
      await world.request({ scheduled_session_id: id, project_id, scheduled_for, trigger: 'catch_up' });
      outcomes.push(...(await outcomesOf(runIdOf(id, scheduled_for))));
    }
    expect(outcomes).toEqual(CAUGHT_UP[catchUp][overlap]);
  },
);

it('a run that comes when the newest missed tick is outside the window is missed with catch-up latest', async () => {
  const id = await scheduleWith({ catch_up_policy: 'latest', catch_up_window: LATE - 1 });
  world.pass(HOUR / 2);
  const scheduled_for = world.now;
  world.pass(LATE);
  await world.request({ scheduled_session_id: id, project_id, scheduled_for, trigger: 'catch_up' });
  expect(await outcomesOf(runIdOf(id, scheduled_for))).toEqual(['RunMissed outside_catch_up_window']);
  expect(await world.events(streams.session(sessionIdOfRun(runIdOf(id, scheduled_for), scheduled_for)))).toEqual([]);
});
