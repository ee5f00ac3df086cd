/** What the route adds to the explanation: who may ask, what may be asked, and that the facts are as new as the request. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Explanation, matches, runIdOf, streams, type RunTrigger } from '#contracts';
import { run, type RunCommand } from '#domain';
import { instant } from '#service';
import { World, type User } from '../../../testing/world.js';

let world: World;
const B = '/projects/alpha/scheduled-sessions';
const MINUTE = 60_000;

beforeAll(async () => {
  world = await World.open();
  await world.makeProject('alpha');
  await world.makeProject('beta');
  await world.grant('ann', 'project:owner', 'alpha');
  await world.grant('vic', 'project:viewer', 'alpha');
});
afterAll(() => world.close());

/** Every minute, and the clock a few minutes later. */
async function minutely(fields: Parameters<World['makeSchedule']>[1] = {}): Promise<{ id: string; first: number }> {
  const id = await world.makeSchedule('alpha', { name: 'minutely', schedule: '* * * * *', ...fields });
  const first = (Math.floor(world.clock.now() / MINUTE) + 1) * MINUTE;
  world.clock.advance(first - world.clock.now() + 5 * MINUTE);
  return { id, first };
}

const ask = (id: string, at: number | string, as: User = 'vic') =>
  world.get(`${B}/${id}/explain?at=${encodeURIComponent(typeof at === 'number' ? instant(at) : at)}`, as);

type Situation = Extract<RunCommand, { type: 'DecideRun' }>['situation'];

/** Decides a run; of a tick under the id of that tick. */
async function decide(id: string, at: number, situation: Partial<Situation> = {}, trigger: RunTrigger = 'schedule') {
  const scheduled_for = instant(at);
  const runId = trigger === 'schedule' ? runIdOf(id, scheduled_for) : crypto.randomUUID();
  const session_id = world.id();
  await world.append(run, streams.run(runId), {
    type: 'DecideRun',
    facts: { project_id: 'alpha', scheduled_session_id: id, trigger, scheduled_for, decided_at: instant(world.clock.now()) },
    situation: { agent: 'none', schedule_deleted: false, overlap_policy: 'skip', ...situation },
    session_id,
  });
  return { runId, session_id };
}

describe('an explanation', () => {
  it('has the shape of the contract, and is for viewers', async () => {
    const { id, first } = await minutely();
    await world.project();
    const { status, json } = await ask(id, first);
    expect(status).toBe(200);
    expect(json).toMatchObject({ kind: 'Explanation', scheduled_session_id: id, project_id: 'alpha', verdict: 'pending' });
    expect(matches(Explanation, json)).toBe(true);
    expect((await ask(id, first, 'bob')).status).toBe(404);
  });

  it('is about now when no instant is given, by whole seconds', async () => {
    const { id } = await minutely();
    await world.project();
    const now = world.clock.now();
    const { json } = await world.get(`${B}/${id}/explain`, 'vic');
    expect(json).toMatchObject({ at: instant(Math.floor(now / 1000) * 1000), explained_at: instant(now) });
  });

  it('takes an instant in any offset', async () => {
    const { id } = await minutely();
    await world.project();
    expect((await ask(id, '2026-03-01T10:00:00.5+05:30')).json['at']).toBe('2026-03-01T04:30:00.000Z');
  });

  it.each([
    ['yesterday', 'at'],
    ['2026-02-30T00:00:00Z', 'at'],
    ['0000-01-01T00:00:00+01:00', 'at'],
    ['9999-12-31T23:59:59-01:00', 'at'],
  ])('is refused for %s, by name', async (at, named) => {
    const { id } = await minutely();
    const { status, json } = await ask(id, at);
    expect([status, json.id, json.reason]).toEqual([400, '21', expect.stringMatching(new RegExp(`^${named} must be`))]);
    expect((await world.get(`${B}/${id}/explain?at=a&at=b`)).json.reason).toBe('at must be given once');
  });

  it.each(['0000-01-01T00:00:00Z', '1970-01-01T00:00:00Z', '9999-12-31T23:59:59Z'])('reaches to %s', async at => {
    for (const timezone of ['America/New_York', 'Pacific/Kiritimati']) {
      const { id } = await minutely({ timezone });
      await world.project();
      const { status, json } = await ask(id, at);
      expect([status, matches(Explanation, json)]).toEqual([200, true]);
    }
  });

  it('is not there for a schedule that never was, nor for one of another project', async () => {
    const foreign = await world.makeSchedule('beta', { name: 'foreign' });
    for (const id of [world.id(), foreign]) {
      const { status, json } = await ask(id, '2026-03-01T00:00:00Z', 'admin');
      expect([status, json.reason]).toEqual([404, 'there is no such scheduled session']);
    }
  });

  it('is there for a deleted schedule: what ran, and why nothing runs any more', async () => {
    const { id, first } = await minutely();
    await decide(id, first);
    await world.changeSchedule(id, { type: 'DeleteScheduledSession' });
    await world.project();
    expect((await ask(id, first)).json).toMatchObject({ verdict: 'started' });
    expect((await ask(id, world.clock.now() + MINUTE)).json).toMatchObject({
      verdict: 'not_due',
      reason: 'deleted',
      decided_by: { stream: streams.scheduledSession(id), revision: 1, actor: { id: 'ann' } },
    });
  });
});

describe('the facts of an explanation', () => {
  it('are the run, the session it started and its phase, and the name of the agent', async () => {
    const agentId = await world.makeAgent('alpha', { name: 'triage' });
    const { id, first } = await minutely({ agent_id: agentId });
    const { runId, session_id } = await decide(id, first);
    await world.makeSession({ project_id: 'alpha', agent_id: agentId, run_id: runId }, {}, session_id);
    await world.change(session_id, { type: 'StartSession', starting_prompt: 'go' });
    await decide(id, first + MINUTE, { active_session_id: session_id });
    await world.project();
    const late = world.clock.now() - first;
    const started = (await ask(id, first)).json;
    expect(started).toMatchObject({
      verdict: 'started',
      run: { id: runId, session_id, session_phase: 'Pending' },
      session: { id: session_id, phase: 'Pending' },
      decided_by: { stream: streams.run(runId), revision: 0, type: 'RunStarted' },
    });
    expect(started['because']).toContain(`session ${session_id} of agent triage`);
    expect(started['lateness_ms']).toBeLessThan(late);
    expect((await ask(id, first + MINUTE)).json).toMatchObject({
      verdict: 'skipped',
      because: `It was skipped: session ${session_id} of agent triage was still pending (overlap_policy skip).`,
    });
    await world.change(session_id, { type: 'DeleteSession', deleted_at: '2026-03-02T12:00:00.000Z' });
    await world.project();
    expect((await ask(id, first)).json).toMatchObject({ session: { id: session_id, deleted: true } });
  });

  it('are a range of missed ticks, too', async () => {
    const { id, first } = await minutely({ catch_up_policy: 'none' });
    await world.append(run, streams.run(runIdOf(id, instant(first))), {
      type: 'MissRange',
      facts: {
        project_id: 'alpha',
        scheduled_session_id: id,
        trigger: 'catch_up',
        scheduled_for: instant(first),
        decided_at: instant(world.clock.now()),
      },
      catch_up: { policy: 'none', window: 60 },
      to: instant(first + 2 * MINUTE),
      count: 3,
    });
    await world.project();
    for (const tick of [first, first + MINUTE, first + 2 * MINUTE]) {
      expect((await ask(id, tick)).json).toMatchObject({ verdict: 'missed', reason: 'catch_up_none', run: { missed_count: 3 } });
    }
    expect((await ask(id, first + 3 * MINUTE)).json).toMatchObject({ verdict: 'pending' });
  });

  it('are the runs by hand of that second, whether it was due or not', async () => {
    const { id, first } = await minutely();
    const [between, atTick] = [await decide(id, first + 17_250, {}, 'manual'), await decide(id, first + MINUTE, {}, 'backfill')];
    await decide(id, first + MINUTE, { schedule_deleted: true });
    await world.project();
    expect((await ask(id, first + 17_000)).json).toMatchObject({
      verdict: 'not_due',
      other_runs: [{ id: between.runId, trigger: 'manual' }],
    });
    expect((await ask(id, first + MINUTE)).json).toMatchObject({ verdict: 'skipped', other_runs: [{ id: atTick.runId }] });
    expect((await ask(id, first + 16_000)).json['other_runs']).toEqual([]);
  });

  it('are the runs that used max_runs up', async () => {
    const { id, first } = await minutely({ max_runs: 2 });
    await decide(id, first);
    await decide(id, first + 5000, {}, 'manual');
    const last = await decide(id, first + MINUTE);
    await world.project();
    expect((await ask(id, first + 2 * MINUTE)).json).toMatchObject({
      verdict: 'not_due',
      reason: 'max_runs_exhausted',
      decided_by: { stream: streams.run(last.runId), type: 'RunStarted' },
    });
    expect((await ask(id, first + MINUTE)).json).toMatchObject({ verdict: 'started' });
  });
});

describe('while the read model is behind', () => {
  it('what the streams tell is told, with how far it is behind; what they do not tell is not guessed', async () => {
    const { id, first } = await minutely();
    await decide(id, first);
    const known = await ask(id, first);
    expect([known.status, known.json['verdict'], Number(known.headers['x-read-lag-events'])]).toEqual([200, 'started', 2]);
    const unknown = await ask(id, first + MINUTE);
    expect([unknown.status, unknown.json.id, unknown.headers['retry-after']]).toEqual([503, '503', '1']);
    await world.project();
    const answers = await Promise.all([ask(id, first), ask(id, first + MINUTE)]);
    expect(answers.map(({ json }) => json['verdict'])).toEqual(['started', 'pending']);
    expect(answers.map(({ headers }) => headers['x-read-lag-events'])).toEqual([undefined, undefined]);
  });
});
