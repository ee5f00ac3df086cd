/** A session that runs a real command, and its runner, both through the door. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { ON_SERVERS } from './support/engines.js';
import type { Json } from './support/http.js';
import { expectProblem } from './support/problem.js';
import { TestBed, type System } from './support/system.js';
import { until } from './support/until.js';

/** It says what was given to it, writes a file, and ends when it finds one. */
const COMMAND =
  'cat; echo; cat file-uploads/data.csv; echo; echo from the agent > made.txt; until [ -e go ]; do sleep 0.02; done; echo; echo done';

const whole = ON_SERVERS ? it.skip : it;
const NEEDS = ON_SERVERS ? ' (skipped, the services apart have no address of a runner in common)' : '';
const bed = new TestBed();
let system: System;
let session: Json;

beforeAll(async () => {
  if (ON_SERVERS) return;
  system = await bed.start(await bed.dataDir(), { AMBIENT_RUNTIME_COMMAND: COMMAND });
  await system.api.post('/projects', { name: 'door' });
  session = await system.api.post('/sessions', { name: 'through-the-door', project_id: 'door', prompt: 'hello runner' });
}, 120_000);
afterAll(() => bed.clear());

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${system.url}/api/ambient/v1/sessions/${session['id']}/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${system.token}` },
  });
const eventsIn = (text: string): Json[] =>
  text
    .split('\n\n')
    .filter(block => block.startsWith('data: '))
    .map(block => JSON.parse(block.slice('data: '.length)) as Json);

whole(
  `a session is given a file, runs, is followed, read and written while it runs, and leaves an empty stream${NEEDS}`,
  async () => {
    const before = await system.api.request('GET', `/sessions/${session['id']}/events`);
    expectProblem(before, 502);
    const staging = await ask('files/data.csv', { method: 'PUT', body: 'a,b' });
    expect([staging.status, await staging.json()]).toEqual([200, { path: 'file-uploads/data.csv', size: 3 }]);

    await system.api.post(`/sessions/${session['id']}/start`, undefined, 200);
    await until(async () => (await system.api.get(`/sessions/${session['id']}`))['phase'] === 'Running', 20_000, 'it runs');
    const stream = await ask('events');
    expect([stream.status, stream.headers.get('content-type')]).toEqual([200, 'text/event-stream']);

    const made = await until(
      async () => ((await ask('workspace/made.txt')).ok ? ask('workspace/made.txt') : undefined),
      10_000,
      'a file',
    );
    expect(await made.text()).toBe('from the agent\n');
    const { files } = (await (await ask('workspace')).json()) as { files: { path: string }[] };
    expect(files.map(({ path }) => path)).toEqual(['file-uploads', 'made.txt']);
    expect(await (await ask('agui/capabilities')).json()).toMatchObject({ framework: 'local' });
    expect(await (await ask('git/status')).json()).toEqual({ modified: [], staged: [], untracked: [] });
    const later = await ask('files/later.txt', { method: 'PUT', body: 'later' });
    expect(await later.json()).toEqual({ path: 'file-uploads/later.txt', size: 5 });
    expect(await (await ask('workspace/file-uploads/later.txt')).text()).toBe('later');
    const input = await ask('agui/run', { method: 'POST' });
    expect(input.status).toBe(400);

    expect((await ask('workspace/go', { method: 'PUT', body: '' })).status).toBe(200);
    const events = eventsIn(await stream.text());
    expect(events[0]).toMatchObject({ type: 'RUN_STARTED', threadId: session['id'] });
    expect(events.filter(({ type }) => type === 'TEXT_MESSAGE_CONTENT').map(({ delta }) => delta as string)).toEqual([
      expect.stringContaining('hello runner'),
      'a,b',
      'done',
    ]);
    expect(events.at(-1)).toMatchObject({ type: 'RUN_FINISHED', runId: events[0]?.['runId'] });
    expect(await system.api.get(`/sessions/${session['id']}`)).toMatchObject({ phase: 'Completed' });

    const after = await ask('agui/events');
    expect([after.status, await after.text()]).toEqual([200, '']);
    expect(await (await ask('workspace')).json()).toEqual({ files: [] });
    expect((await ask('workspace/made.txt')).status).toBe(503);
    const { files: staged } = (await (await ask('files')).json()) as { files: { path: string }[] };
    expect(staged.map(({ path }) => path)).toEqual(['file-uploads/data.csv']);
  },
  120_000,
);

whole(`no one reaches the runner but through the door, and nobody there without a role${NEEDS}`, async () => {
  const stranger = await fetch(`${system.url}/api/ambient/v1/sessions/${session['id']}/workspace`);
  expect(stranger.status).toBe(401);
  expect((await ask('oauth/github/url')).status).toBe(501);
  const unknown = await system.api.request('GET', '/sessions/unknown/agui/capabilities');
  expectProblem(unknown, 7);
});
