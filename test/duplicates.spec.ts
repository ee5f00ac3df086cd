/** The same cause, delivered again and again and at once, has one effect. */
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import { randomUUID } from 'node:crypto';
import { check, runIdOf, runIdOfKey, sessionIdOfRun, streams, triggerSubject, TriggerRequested } from '#contracts';
import { metrics } from '#service';
import { DecideTick } from '../apps/command-api/src/scheduled-sessions/decide-tick.command.js';
import { startInProcess, type InProcess } from './support/in-process.js';
import type { Json } from './support/http.js';
import { TestBed } from './support/system.js';
import { until } from './support/until.js';

const bed = new TestBed();
const FIVE = [1, 2, 3, 4, 5];
const MINUTE = 60_000;

let system: InProcess;
/** What the command API takes for now. */
let now: number;

beforeEach(async () => {
  now = Date.parse('2026-03-02T12:00:20.000Z');
  system = await startInProcess(await bed.dataDir(), { now: () => now });
  await system.api.post('/projects', { name: 'twice' });
}, 120_000);
afterEach(() => system.close());
afterAll(() => bed.clear());

/** A schedule that exists since now; the clock then goes on to `minutes` after its next full minute, and a little. */
async function scheduleAndWait(fields: Json, minutes = 0): Promise<{ id: string; tick: string; path: string }> {
  const path = '/projects/twice/scheduled-sessions';
  const { id } = await system.api.post(path, { name: 'each minute', schedule: '* * * * *', session_prompt: 'go', ...fields });
  const tick = Math.ceil(now / MINUTE) * MINUTE;
  now = tick + minutes * MINUTE + 500;
  return { id, tick: new Date(tick).toISOString(), path: `${path}/${id}` };
}

const requestOf = (id: string, scheduled_for: string, rest: Partial<TriggerRequested> = {}): TriggerRequested => {
  const checked = check(TriggerRequested, {
    scheduled_session_id: id,
    project_id: 'twice',
    scheduled_for,
    trigger: 'schedule',
    requested_at: new Date(now).toISOString(),
    ...rest,
  });
  if (!checked.ok) throw new Error(JSON.stringify(checked.errors));
  return checked.value;
};

/** Delivers one request five times over the bus and five times past it, all at once; resolves when all of them are dealt with. */
async function deliverTenTimes(request: TriggerRequested): Promise<void> {
  const commands = system.app.get(CommandBus, { strict: false });
  const before = await decisions();
  const published = FIVE.map(() =>
    system.bus.publish({ subject: triggerSubject(request), id: randomUUID(), data: JSON.stringify(request) }),
  );
  const executed = FIVE.map(() => commands.execute(new DecideTick(request)));
  await Promise.all([...published, ...executed]);
  expect(await Promise.all(executed)).toEqual(FIVE.map(() => 'decided'));
  await until(async () => (await decisions()) >= before + 10, 10_000, 'ten deliveries were dealt with');
  expect(await system.bus.deadLetters()).toEqual([]);
}

/** How many DecideTick commands were carried out. */
async function decisions(): Promise<number> {
  const { values } = await metrics.commands.get();
  return values.filter(({ labels }) => labels.command === 'DecideTick').reduce((sum, { value }) => sum + value, 0);
}

const eventsOf = async (stream: string) =>
  (await system.events.readStream(stream)).map(({ type, data }) => ({ type, payload: JSON.parse(data) as Json }));

async function countOf(type: string): Promise<number> {
  const log = await system.events.readAll({ limit: 10_000 });
  return log.filter(event => event.type === type).length;
}

describe('one TriggerRequested, ten deliveries at once', () => {
  it('started: one run, one session, one admission, one first message', async () => {
    const { id, tick } = await scheduleAndWait({});
    await deliverTenTimes(requestOf(id, tick));
    const runId = runIdOf(id, tick);
    const sessionId = sessionIdOfRun(runId, tick);
    expect(await eventsOf(streams.run(runId))).toMatchObject([
      { type: 'RunStarted', payload: { session_id: sessionId, trigger: 'schedule' } },
    ]);
    expect((await eventsOf(streams.session(sessionId))).map(({ type }) => type)).toEqual(['SessionCreated', 'SessionStarted']);
    expect(await eventsOf(streams.messages(sessionId))).toMatchObject([{ payload: { event_type: 'user', payload: 'go' } }]);
    expect(await eventsOf(streams.occupancy(id))).toMatchObject([{ type: 'SessionAdmitted', payload: { active: [sessionId] } }]);
    expect(await countOf('SessionCreated')).toBe(1);
    expect(await countOf('RunStarted')).toBe(1);
  });

  it('skipped: one run, and the session that stood in its way is the only one', async () => {
    const { id, tick, path } = await scheduleAndWait({}, 1);
    const { session } = await system.api.post(`${path}/trigger`, undefined, 200);
    await deliverTenTimes(requestOf(id, tick));
    expect(await eventsOf(streams.run(runIdOf(id, tick)))).toMatchObject([
      { type: 'RunSkipped', payload: { reason: 'active_session', session_id: session.id } },
    ]);
    expect(await countOf('SessionCreated')).toBe(1);
  });

  it('missed: one run, no session', async () => {
    const { id, tick } = await scheduleAndWait({ catch_up_policy: 'none' }, 10);
    await deliverTenTimes(requestOf(id, tick, { trigger: 'catch_up' }));
    expect(await eventsOf(streams.run(runIdOf(id, tick)))).toMatchObject([{ type: 'RunMissed' }]);
    expect(await countOf('SessionCreated')).toBe(0);
  });

  it('a missed range: one run that counts its ticks', async () => {
    const { id, tick } = await scheduleAndWait({ catch_up_policy: 'none' }, 600);
    const missed_through = new Date(Date.parse(tick) + 299 * MINUTE).toISOString();
    await deliverTenTimes(requestOf(id, tick, { trigger: 'catch_up', missed_through }));
    expect(await eventsOf(streams.run(runIdOf(id, tick)))).toMatchObject([
      { type: 'RunMissed', payload: { to: missed_through, count: 300 } },
    ]);
  });

  it('ticks of one agent, all at once, never make two active sessions', async () => {
    const agent = await system.api.post('/projects/twice/agents', { name: 'busy' });
    const path = '/projects/twice/scheduled-sessions';
    const ids: string[] = [];
    for (const n of FIVE)
      ids.push((await system.api.post(path, { name: `s${n}`, schedule: '* * * * *', agent_id: agent['id'] }))['id']);
    const tick = new Date(Math.ceil(now / MINUTE) * MINUTE).toISOString();
    now = Date.parse(tick) + 500;
    const starts = FIVE.map(() => system.api.request('POST', `/projects/twice/agents/${agent['id']}/start`));
    const before = await decisions();
    await Promise.all([...ids.map(id => deliverTenTimes(requestOf(id, tick))), ...starts]);
    await until(async () => (await decisions()) >= before + 50, 10_000, 'fifty deliveries were dealt with');
    for (const { status, body } of await Promise.all(starts)) {
      expect(status).toBe(200);
      expect(body['session'].agent_id).toBe(agent['id']);
    }
    expect(await countOf('SessionCreated')).toBe(1);
    expect((await countOf('RunStarted')) + (await countOf('RunSkipped'))).toBe(5);
  });
});

describe('one Idempotency-Key, five requests at once', () => {
  const send = (path: string, body: unknown, key: string) =>
    system.api.request('POST', path, { body, headers: { 'idempotency-key': key } });

  /** Five at once: one answer, or that it is still in flight. Then once more, and with another body. */
  async function expectOneEffect(path: string, body: Json, status: number, other: Json): Promise<Json> {
    const answers = await Promise.all(FIVE.map(() => send(path, body, 'a-key')));
    const done = answers.filter(answer => answer.status === status);
    const inFlight = answers.filter(answer => answer.status === 409);
    expect(done.length).toBeGreaterThan(0);
    expect(done.length + inFlight.length).toBe(5);
    for (const { headers } of inFlight) expect(headers.get('retry-after')).toBe('1');
    const [first] = done;
    for (const answer of done) expect(answer.body).toEqual(first!.body);
    now += 3_600_000;
    const again = await send(path, body, 'a-key');
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([status, first!.body, first!.headers.get('etag')]);
    const misused = await send(path, other, 'a-key');
    expect(misused.status).toBe(422);
    expect(misused.body).toMatchObject({ kind: 'Error', id: '422', reason: expect.stringContaining('Idempotency-Key') });
    return first!.body;
  }

  it('create: one schedule', async () => {
    const body = { name: 'once', schedule: '0 9 * * *' };
    const path = '/projects/twice/scheduled-sessions';
    await expectOneEffect(path, body, 201, { ...body, name: 'other' });
    expect(await countOf('ScheduledSessionCreated')).toBe(1);
    expect(await countOf('NameClaimed')).toBe(1);
    // Another key is another request: the name is taken now.
    expect((await send(path, body, 'another-key')).status).toBe(409);
  });

  it('trigger: one run, one session', async () => {
    const { id, path } = await scheduleAndWait({ overlap_policy: 'allow' });
    const answer = await expectOneEffect(`${path}/trigger`, { prompt: 'now' }, 200, { prompt: 'later' });
    expect(answer).toMatchObject({
      status: 'triggered',
      run: { id: runIdOfKey(id, 'a-key'), prompt: 'now' },
      session: { phase: 'Pending' },
    });
    expect(await countOf('RunStarted')).toBe(1);
    expect(await countOf('SessionCreated')).toBe(1);
    await until(() => system.barrier.waitForHead(1000).then(({ reached }) => reached), 5000);
    const { total } = await system.reads.live.find({ collection: 'runs', orderBy: [], offset: 0, limit: 0 });
    expect(total).toBe(1);
  });

  it('of one caller is not that of another resource', async () => {
    const body = { name: 'same', schedule: '0 9 * * *' };
    expect((await send('/projects/twice/scheduled-sessions', body, 'k')).status).toBe(201);
    expect((await send('/projects/twice/agents', { name: 'same' }, 'k')).status).toBe(422);
  });
});
