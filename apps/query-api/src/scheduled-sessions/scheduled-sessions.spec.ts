import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { streams, verifyChain } from '#contracts';
import { agent } from '#domain';
import { World } from '../../testing/world.js';

let world: World;
const B = '/projects/alpha/scheduled-sessions';

beforeAll(async () => {
  world = await World.open();
  await world.makeProject('alpha');
  await world.makeProject('beta');
  await world.grant('ann', 'project:owner', 'alpha');
  await world.grant('vic', 'project:viewer', 'alpha');
  await world.grant('bob', 'project:owner', 'beta');
});
afterAll(() => world.close());

const tickOf = (day: number): string => `2026-02-${String(day).padStart(2, '0')}T09:00:00.000Z`;

describe('a schedule', () => {
  it('is folded from its stream even while the read model lags, with the ETag of its revision', async () => {
    const id = await world.makeSchedule('alpha', { name: 'fresh' });
    await world.changeSchedule(id, { type: 'UpdateScheduledSession', changes: { description: 'new' } });
    const answer = await world.get(`${B}/${id}`, 'vic');
    expect(answer.headers['etag']).toBe('"1"');
    expect(answer.json).toMatchObject({
      id,
      kind: 'ScheduledSession',
      description: 'new',
      runs_count: 0,
      next_run_at: '2026-03-02T09:00:00.000Z',
    });
    await world.project();
    expect((await world.get(B, 'vic')).json.items).toContainEqual((await world.get(`${B}/${id}`, 'vic')).json);
  });

  it('is gone once it is deleted', async () => {
    const id = await world.makeSchedule('alpha', { name: 'short-lived' });
    await world.changeSchedule(id, { type: 'DeleteScheduledSession' });
    const answer = await world.get(`${B}/${id}`);
    expect([answer.status, answer.json.reason]).toEqual([404, 'there is no such scheduled session']);
  });

  it('can be asked for as it was, runs included', async () => {
    const before = new Date(world.clock.now()).toISOString();
    const id = await world.makeSchedule('alpha', { name: 'changing' });
    const origin = { project_id: 'alpha', scheduled_session_id: id };
    await world.makeRun(origin, tickOf(1));
    const afterFirst = new Date(world.clock.now()).toISOString();
    await world.makeRun(origin, tickOf(2));
    await world.changeSchedule(id, { type: 'UpdateScheduledSession', changes: { name: 'changed' } });
    const renamed = new Date(world.clock.now()).toISOString();
    await world.changeSchedule(id, { type: 'DeleteScheduledSession' });
    await world.project();
    const asOf = (at: string) => world.get(`${B}/${id}?as_of=${encodeURIComponent(at)}`);
    expect((await asOf(before)).status).toBe(404);
    expect((await asOf(afterFirst)).json).toMatchObject({ name: 'changing', runs_count: 1 });
    expect((await asOf(renamed)).json).toMatchObject({ name: 'changed', runs_count: 2 });
    expect((await asOf(renamed)).headers['etag']).toBeUndefined();
    expect((await asOf(renamed.replace('Z', '+00:00'))).json.runs_count).toBe(2);
    expect((await asOf('2030-01-01T00:00:00Z')).status).toBe(404);
    const bad = await asOf('yesterday');
    expect([bad.status, bad.json.reason]).toEqual([400, expect.stringContaining('as_of')]);
  });
});

describe('the history', () => {
  it('holds every event as stored, so that its hashes can be verified, also of a deleted schedule', async () => {
    const id = await world.makeSchedule('alpha', { name: 'audited' });
    await world.changeSchedule(id, { type: 'SuspendScheduledSession', reason: 'cost' });
    await world.changeSchedule(id, { type: 'DeleteScheduledSession' });
    const { json, body } = await world.get(`${B}/${id}/history`, 'vic');
    expect(json).toMatchObject({ kind: 'EventList', size: 3 });
    expect(verifyChain(json.items)).toEqual({ valid: true, events: 3 });
    const [first, second] = json.items;
    expect(first).toMatchObject({
      stream: streams.scheduledSession(id),
      revision: 0,
      type: 'ScheduledSessionCreated',
      actor: { id: 'ann' },
    });
    expect(second).toMatchObject({
      payload: { reason: 'cost' },
      hash: second!.metadata.hash,
      occurred_at: second!.metadata.occurred_at,
    });
    expect(body).toBe(JSON.stringify(json));
    const page = (await world.get(`${B}/${id}/history?after=0&limit=1`)).json;
    expect(page).toEqual({ kind: 'EventList', size: 1, items: [second] });
  });

  it.each([
    ['after=-1', 'after'],
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=x', 'limit'],
  ])('refuses %s', async (query, named) => {
    const id = await world.makeSchedule('alpha', { name: `history ${query}` });
    const answer = await world.get(`${B}/${id}/history?${query}`);
    expect([answer.status, answer.json.reason]).toEqual([400, expect.stringContaining(named)]);
  });
});

describe('the runs', () => {
  it('are listed newest first, each as its session with the run inside, or in its place', async () => {
    const agentId = await world.makeAgent('alpha', { name: 'runner', environment_variables: '{"KEY":"value"}' });
    const id = await world.makeSchedule('alpha', { name: 'nightly', agent_id: agentId });
    const origin = { project_id: 'alpha', scheduled_session_id: id, agent_id: agentId };
    const started = await world.makeRun(origin, tickOf(1));
    const skipped = await world.makeRun(origin, tickOf(2), { active_session_id: started.sessionId });
    const missed = await world.makeRun(origin, tickOf(3), { catch_up: { policy: 'none', window: 60, newest: false } });
    await world.change(started.sessionId, { type: 'StartSession', starting_prompt: 'go' });
    await world.project();
    const { json, body } = await world.get(`${B}/${id}/runs`, 'vic');
    expect(body).toBe(JSON.stringify(json));
    expect(json).toMatchObject({ kind: 'SessionList', size: 3, total: 3 });
    const [third, second, first] = json.items;
    expect(third).toMatchObject({
      id: missed.runId,
      phase: 'Missed',
      name: 'nightly-20260203T090000Z',
      run: { outcome: 'missed', reason: 'catch_up_none' },
    });
    expect(second).toMatchObject({
      id: skipped.runId,
      kind: 'Session',
      phase: 'Skipped',
      scheduled_session_id: id,
      created_at: second!.run.decided_at,
    });
    expect(second!.run).toMatchObject({ id: skipped.runId, reason: 'active_session', session_id: started.sessionId });
    const session = (await world.get(`/sessions/${started.sessionId}`, 'vic')).json;
    expect(first).toEqual({
      ...session,
      run: expect.objectContaining({ id: started.runId, session_phase: 'Pending', outcome: 'started' }),
    });
  });

  it('can be searched and ordered by what a run has, and reduced', async () => {
    const id = await world.makeSchedule('alpha', { name: 'searched' });
    const origin = { project_id: 'alpha', scheduled_session_id: id };
    await world.makeRun(origin, tickOf(1));
    await world.makeRun(origin, tickOf(2), { schedule_deleted: true });
    await world.project();
    const skipped = await world.get(`${B}/${id}/runs?fields=phase&search=${encodeURIComponent("outcome = 'skipped'")}`);
    expect(skipped.json.items).toEqual([{ id: expect.any(String), phase: 'Skipped' }]);
    const oldest = await world.get(`${B}/${id}/runs?orderBy=scheduled_for&size=1`);
    expect(oldest.json.items[0]!.run.scheduled_for).toBe(tickOf(1));
    expect((await world.get(`${B}/${id}/runs?orderBy=phase`)).status).toBe(400);
  });

  it('stay listed when their session, and the schedule itself, are deleted', async () => {
    const id = await world.makeSchedule('alpha', { name: 'gone' });
    const { runId, sessionId } = await world.makeRun({ project_id: 'alpha', scheduled_session_id: id }, tickOf(1));
    await world.change(sessionId, { type: 'DeleteSession', deleted_at: '2026-03-02T12:00:00.000Z' });
    await world.changeSchedule(id, { type: 'DeleteScheduledSession' });
    await world.project();
    expect((await world.get(`${B}/${id}/runs`)).json.items).toEqual([
      expect.objectContaining({
        id: runId,
        name: 'gone-20260201T090000Z',
        phase: '',
        run: expect.objectContaining({ session_id: sessionId }),
      }),
    ]);
    expect((await world.get(`/projects/beta/scheduled-sessions/${id}/runs`)).status).toBe(404);
  });
});

describe('the upcoming ticks', () => {
  it('are described in words and given in the zone of the schedule', async () => {
    const id = await world.makeSchedule('alpha', { name: 'paris', schedule: '30 8 * * MON-FRI', timezone: 'Europe/Paris' });
    const { json } = await world.get(`${B}/${id}/upcoming?count=2&after=2026-03-27T12:00:00Z`, 'vic');
    expect(json).toEqual({
      schedule: '30 8 * * MON-FRI',
      timezone: 'Europe/Paris',
      description: 'At 08:30, Monday through Friday',
      items: [
        { scheduled_for: '2026-03-30T06:30:00.000Z', local: '2026-03-30T08:30:00+02:00' },
        { scheduled_for: '2026-03-31T06:30:00.000Z', local: '2026-03-31T08:30:00+02:00' },
      ],
    });
    expect((await world.get(`${B}/${id}/upcoming`)).json.items).toHaveLength(10);
    expect((await world.get(`${B}/${id}/upcoming?count=1000`)).json.items).toHaveLength(1000);
  });

  it('keep inside start_at and end_at, both included', async () => {
    const window = { start_at: '2026-04-02T09:00:00.000Z', end_at: '2026-04-04T09:00:00.000Z' };
    const id = await world.makeSchedule('alpha', { name: 'windowed', ...window });
    const { items } = (await world.get(`${B}/${id}/upcoming`)).json;
    expect(items.map(({ scheduled_for }) => scheduled_for.slice(0, 10))).toEqual(['2026-04-02', '2026-04-03', '2026-04-04']);
  });

  it('are none while disabled, and no more than max_runs leaves', async () => {
    const id = await world.makeSchedule('alpha', { name: 'limited', max_runs: 3 });
    await world.makeRun({ project_id: 'alpha', scheduled_session_id: id }, tickOf(1));
    await world.project();
    expect((await world.get(`${B}/${id}/upcoming`)).json.items).toHaveLength(2);
    await world.changeSchedule(id, { type: 'SuspendScheduledSession' });
    expect((await world.get(`${B}/${id}/upcoming`)).json.items).toEqual([]);
  });

  it.each([
    ['count=0', 'count'],
    ['count=1001', 'count'],
    ['count=many', 'count'],
    ['after=soon', 'after'],
  ])('refuses %s', async (query, named) => {
    const id = await world.makeSchedule('alpha', { name: `upcoming ${query}` });
    const answer = await world.get(`${B}/${id}/upcoming?${query}`);
    expect([answer.status, answer.json.id, answer.json.reason]).toEqual([400, '21', expect.stringContaining(named)]);
  });
});

describe('an agent', () => {
  it('previews its starting prompt, and lists its sessions also when it is deleted', async () => {
    await world.makeProject('prompted', { prompt: 'Be kind.' });
    const id = await world.makeAgent('prompted', { name: 'helper', prompt: 'You help.' });
    const preview = await world.get(`/projects/prompted/agents/${id}/start?prompt=Sweep`);
    expect(preview.headers['content-type']).toBe('text/plain; charset=utf-8');
    expect(preview.body).toBe('# Project\n\nBe kind.\n\n# Agent\n\nYou help.\n\n# Task\n\nSweep\n');
    const sessionId = await world.makeSession({ project_id: 'prompted', agent_id: id });
    await world.makeSession({ project_id: 'prompted' });
    await world.change(sessionId, { type: 'StartSession', starting_prompt: 'go' });
    await world.project();
    const current = await world.get(`/projects/prompted/agents/${id}`);
    expect([current.json.current_session_id, current.headers['etag']]).toEqual([sessionId, '"0"']);
    await world.append(agent, streams.agent(id), { type: 'DeleteAgent' });
    await world.project();
    expect((await world.get(`/projects/prompted/agents/${id}`)).status).toBe(404);
    const { json } = await world.get(`/projects/prompted/agents/${id}/sessions`);
    expect([json.kind, json.total, json.items[0]!.id]).toEqual(['SessionList', 1, sessionId]);
  });
});
