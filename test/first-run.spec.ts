/** The README's way, from an empty folder to a session that a cron tick started. */
import { afterAll, expect, it } from '@jest/globals';
import { brokenLink, historyOf } from './support/chain.js';
import type { ListOf } from './support/http.js';
import { TestBed } from './support/system.js';
import { until } from './support/until.js';

const bed = new TestBed();
afterAll(() => bed.clear());

it('a schedule fires at its minute, a session runs a real command, and all of it can be read, also after a restart', async () => {
  const dataDir = await bed.dataDir();
  const settings = { AMBIENT_RUNTIME_COMMAND: 'tr a-z A-Z' };
  const system = await bed.start(dataDir, settings);
  const { api } = system;

  const project = await api.post('/projects', { name: 'garden', description: 'Grows' });
  expect(project).toMatchObject({ id: 'garden', kind: 'Project', href: '/api/ambient/v1/projects/garden' });
  const agent = await api.post('/projects/garden/agents', { name: 'gardener' });
  const schedule = await api.post('/projects/garden/scheduled-sessions', {
    name: 'watering',
    agent_id: agent['id'],
    schedule: '* * * * *',
    session_prompt: 'water the roses',
  });
  expect(schedule).toMatchObject({ enabled: true, timezone: 'UTC', overlap_policy: 'skip', catch_up_policy: 'latest' });
  const nominal = schedule['next_run_at'] as string;
  expect(nominal).toMatch(/:00\.000Z$/);

  const path = `/projects/garden/scheduled-sessions/${schedule['id']}`;
  const item = await until(
    async () => (await api.get<ListOf<any>>(`${path}/runs`)).items.find(({ run }) => run.session_phase === 'Completed'),
    70_000,
    'a run has completed',
  );
  const { run } = item;
  expect(run).toMatchObject({
    trigger: 'schedule',
    outcome: 'started',
    scheduled_for: nominal,
    session_phase: 'Completed',
    prompt: 'water the roses',
  });
  await until(async () => (await api.get<ListOf<any>>(`${path}/runs`)).items.at(-1).run.finished_at, 5000, 'the run is finished');
  expect(run.lateness_ms).toBeLessThan(2000);
  const sessionPath = `/sessions/${item.id}`;
  expect(item).toMatchObject({ id: run.session_id, phase: 'Completed', scheduled_for: nominal, agent_id: agent['id'] });

  const readAll = async (client = api) => ({
    session: await client.get(sessionPath),
    messages: await client.get<any[]>(`${sessionPath}/messages`),
    sessionHistory: await historyOf(client, sessionPath),
    scheduleHistory: await historyOf(client, path),
    run: (await client.get<ListOf<any>>(`${path}/runs`)).items.find(({ id }) => id === item.id)?.run,
  });
  const before = await readAll();
  expect(before.messages.map(({ seq, event_type, payload }) => [seq, event_type, payload])).toEqual([
    [1, 'user', 'water the roses'],
    [2, 'assistant', expect.stringContaining('WATER THE ROSES')],
  ]);
  expect(before.session).toMatchObject({
    phase: 'Completed',
    start_time: expect.any(String),
    completion_time: expect.any(String),
  });
  expect(before.sessionHistory.map(({ type }) => type)).toEqual([
    'SessionCreated',
    'SessionStarted',
    'SessionStatusReported',
    'SessionStatusReported',
    'SessionStatusReported',
  ]);
  expect(before.scheduleHistory.map(({ type }) => type)).toEqual(['ScheduledSessionCreated']);
  expect(brokenLink(before.sessionHistory)).toBeUndefined();
  expect(brokenLink(before.scheduleHistory)).toBeUndefined();
  const tampered = before.sessionHistory.map((event, at) =>
    at === 1 ? { ...event, payload: { ...event.payload, starting_prompt: 'rob the bank' } } : event,
  );
  expect(brokenLink(tampered)).toContain('@1');

  // No tick between the two readings may change what they compare.
  await api.post(`${path}/suspend`, undefined, 200);
  const suspended = await readAll();
  const ended = await system.stop();
  expect(ended).toMatchObject({ code: 0, signal: null });
  expect(ended.ms).toBeLessThan(10_000);

  const again = await bed.start(dataDir, settings);
  expect(await readAll(again.api)).toEqual(suspended);
  expect(await again.api.get(path)).toMatchObject({
    runs_count: expect.any(Number),
    last_run_at: expect.any(String),
    enabled: false,
  });
}, 180_000);
