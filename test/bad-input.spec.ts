/** Every kind of bad body gets its status, and a message that names the field. */
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { BASE_PATH, fullPath, ROUTES } from '#contracts';
import type { Json } from './support/http.js';
import { expectProblem } from './support/problem.js';
import { TestBed, type System } from './support/system.js';

const bed = new TestBed();
let system: System;
let ids: { agent: string; schedule: string; session: string };

beforeAll(async () => {
  system = await bed.start(await bed.dataDir());
  const { api } = system;
  await api.post('/projects', { name: 'strict' });
  const agent = await api.post('/projects/strict/agents', { name: 'agent' });
  const schedule = await api.post('/projects/strict/scheduled-sessions', { name: 'schedule', schedule: '0 9 * * 1' });
  const session = await api.post('/sessions', { name: 'session', project_id: 'strict' });
  ids = { agent: agent['id'], schedule: schedule['id'], session: session['id'] };
}, 120_000);
afterAll(() => bed.clear());

const A = '/projects/strict/agents';
const B = '/projects/strict/scheduled-sessions';
/** Paths of the tables below may name what `beforeAll` makes. */
const filled = (path: string): string =>
  path.replace('{agent}', ids.agent).replace('{schedule}', ids.schedule).replace('{session}', ids.session);

const CREATE = { name: 'fine', schedule: '0 9 * * *' };
const long = 'x'.repeat(300);

/** method, path, body, the fields that must be named */
const BAD_BODIES: readonly (readonly [string, string, unknown, readonly string[]])[] = [
  ['POST', '/projects', {}, ['name']],
  ['POST', '/projects', { name: null }, ['name']],
  ['POST', '/projects', { name: 7 }, ['name']],
  ['POST', '/projects', { name: 'Not A Label' }, ['name']],
  ['POST', '/projects', { name: '-a' }, ['name']],
  ['POST', '/projects', { name: 'a'.repeat(64) }, ['name']],
  ['POST', '/projects', { name: 'fine', labels: 'not json' }, ['labels']],
  ['POST', '/projects', { name: 'fine', labels: '[]', annotations: '7' }, ['labels', 'annotations']],
  ['POST', '/projects', { name: 'fine', id: 'mine' }, ['id']],
  ['POST', '/projects', [], ['']],
  ['POST', '/projects', '"text"', ['']],
  ['PATCH', '/projects/strict', { labels: 'no' }, ['labels']],
  ['POST', A, {}, ['name']],
  ['POST', A, { name: '' }, ['name']],
  ['POST', A, { name: '   ' }, ['name']],
  ['POST', A, { name: long }, ['name']],
  ['POST', A, { name: 'fine', id: 'x' }, ['id']],
  ['POST', A, { name: 'fine', llm_temperature: 3 }, ['llm_temperature']],
  ['POST', A, { name: 'fine', llm_max_tokens: 1.5 }, ['llm_max_tokens']],
  ['POST', A, { name: 'fine', environment_variables: '{"A":1}' }, ['environment_variables']],
  ['PATCH', `${A}/{agent}`, { name: null }, ['name']],
  ['POST', `${A}/{agent}/start`, { prompt: 5 }, ['prompt']],
  ['POST', B, {}, ['name', 'schedule']],
  ['POST', B, { ...CREATE, id: 'x'.repeat(27) }, ['id']],
  ['POST', B, { ...CREATE, schedule: '' }, ['schedule']],
  ['POST', B, { ...CREATE, schedule: '* * * *' }, ['schedule']],
  ['POST', B, { ...CREATE, schedule: '* * * * * *' }, ['schedule']],
  ['POST', B, { ...CREATE, schedule: '60 * * * *' }, ['schedule']],
  ['POST', B, { ...CREATE, schedule: '@reboot' }, ['schedule']],
  ['POST', B, { ...CREATE, schedule: '0 0 31 2 *' }, ['schedule']],
  ['POST', B, { ...CREATE, schedule: 'each morning' }, ['schedule']],
  ['POST', B, { ...CREATE, timezone: 'Mars/Olympus' }, ['timezone']],
  ['POST', B, { ...CREATE, timezone: '' }, ['timezone']],
  ['POST', B, { schedule: 'x', timezone: 'y', enabled: 1 }, ['name', 'schedule', 'timezone', 'enabled']],
  ['POST', B, { ...CREATE, agent_id: 'x'.repeat(27) }, ['agent_id']],
  ['POST', B, { ...CREATE, enabled: 'yes' }, ['enabled']],
  ['POST', B, { ...CREATE, overlap_policy: 'fight' }, ['overlap_policy']],
  ['POST', B, { ...CREATE, catch_up_policy: 'some' }, ['catch_up_policy']],
  ['POST', B, { ...CREATE, catch_up_window: -1 }, ['catch_up_window']],
  ['POST', B, { ...CREATE, timeout: 'long' }, ['timeout']],
  ['POST', B, { ...CREATE, start_at: 'tomorrow' }, ['start_at']],
  ['POST', B, { ...CREATE, end_at: '2026-02-30T00:00:00Z' }, ['end_at']],
  ['POST', B, { ...CREATE, max_runs: 0 }, ['max_runs']],
  ['PATCH', `${B}/{schedule}`, { schedule: '61 * * * *' }, ['schedule']],
  ['PATCH', `${B}/{schedule}`, { schedule: null }, ['schedule']],
  ['PATCH', `${B}/{schedule}`, { timezone: 'Nowhere' }, ['timezone']],
  ['PATCH', `${B}/{schedule}`, { agent_id: 'nobody' }, ['agent_id']],
  ['PATCH', `${B}/{schedule}`, { enabled: null }, ['enabled']],
  ['POST', `${B}/{schedule}/suspend`, { reason: 1 }, ['reason']],
  ['POST', `${B}/{schedule}/resume`, { reason: {} }, ['reason']],
  ['POST', `${B}/{schedule}/trigger`, { prompt: 1 }, ['prompt']],
  ['POST', `${B}/{schedule}/trigger`, { overlap_policy: 'fight' }, ['overlap_policy']],
  ['POST', `${B}/{schedule}/backfill`, {}, ['from', 'to']],
  ['POST', `${B}/{schedule}/backfill`, { from: '2026-02-30T00:00:00Z', to: 'now' }, ['from', 'to']],
  ['POST', `${B}/{schedule}/backfill`, { from: '2026-01-01T00:00:00Z', to: '2999-01-01T00:00:00Z' }, ['to']],
  ['POST', `${B}/actions`, {}, ['action', 'search']],
  ['POST', `${B}/actions`, { action: 'burn', search: '' }, ['action', 'search']],
  ['POST', '/schedules/validate', { timezone: 7, count: 1001 }, ['schedule', 'timezone', 'count']],
  ['POST', '/sessions', {}, ['name']],
  ['POST', '/sessions', { name: 'fine', id: 'x' }, ['id']],
  ['POST', '/sessions', { name: 'fine', project_id: 'strict', agent_id: 'x'.repeat(27) }, ['agent_id']],
  ['POST', '/sessions', { name: 'fine', repos: '{}' }, ['repos']],
  ['POST', '/sessions', { name: 'fine', timeout: -5 }, ['timeout']],
  ['PATCH', '/sessions/{session}', { llm_model: '' }, ['llm_model']],
  ['PATCH', '/sessions/{session}', { name: null }, ['name']],
  ['PATCH', '/sessions/{session}/status', {}, ['']],
  ['PATCH', '/sessions/{session}/status', { phase: 'Sleeping' }, ['phase']],
  ['PATCH', '/sessions/{session}/status', { start_time: 'now' }, ['start_time']],
  ['POST', '/sessions/{session}/repos', {}, ['url']],
  ['POST', '/sessions/{session}/workflow', {}, ['git_url']],
  ['POST', '/sessions/{session}/model', {}, ['model']],
  ['POST', '/sessions/{session}/model', { model: '' }, ['model']],
  ['PATCH', '/sessions/{session}/displayname', {}, ['name']],
  ['POST', '/sessions/{session}/clone', { name: '' }, ['name']],
  ['POST', '/sessions/{session}/messages', {}, ['payload']],
  ['POST', '/sessions/{session}/messages', { payload: 7 }, ['payload']],
  ['POST', '/role_bindings', {}, ['role_id', 'scope', 'user_id']],
  ['POST', '/role_bindings', { role_id: 'king', scope: 'global', user_id: 'x' }, ['role_id']],
  ['POST', '/role_bindings', { role_id: 'project:viewer', scope: 'here', user_id: 'x' }, ['scope']],
  ['POST', '/role_bindings', { role_id: 'project:viewer', scope: 'project', user_id: 'x' }, ['project_id']],
];

it.each(BAD_BODIES)('%s %s %j is 400 and names %j', async (method, path, body, fields) => {
  const answer = await system.api.request(method, filled(path), { body });
  const problem = expectProblem(answer, 8);
  expect((problem['errors'] as Json[]).map(error => error['path'] as string).sort()).toEqual([...fields].sort());
  for (const { path: field, message } of problem['errors'] as Json[]) {
    expect(message).toContain(field);
    expect(problem['reason']).toContain(message);
  }
});

describe('bodies', () => {
  const BODY_ROUTES = ROUTES.filter(({ body, bodyOptional }) => body !== undefined && !bodyOptional);
  const ACTIONS = ROUTES.filter(({ bodyOptional }) => bodyOptional);
  const pathOf = (route: (typeof ROUTES)[number]) =>
    fullPath(route)
      .replace('{project_id}', 'strict')
      .replace('{agent_id}', ids.agent)
      .replace('{id}', route.path.includes('scheduled') ? ids.schedule : ids.session);
  const named = (routes: typeof ROUTES) => routes.map(route => [`${route.method} ${route.path}`, route] as const);

  it.each(named(BODY_ROUTES))('%s: a body that is not JSON, or declared and empty, is 400', async (_, route) => {
    for (const body of ['{', '{"name":}', 'name=x', '']) {
      const answer = await system.api.request(route.method, pathOf(route), { body });
      expectProblem(answer, 17);
    }
  });

  it.each(named(BODY_ROUTES))('%s: a body over 1 MiB is 413', async (_, route) => {
    const answer = await system.api.request(route.method, pathOf(route), {
      body: JSON.stringify({ name: 'x'.repeat(1_048_577) }),
    });
    expect(expectProblem(answer, 413)['reason']).toMatch(/1 MiB|1048576|1,048,576/);
  });

  it('a body over 1 MiB whose length is not declared is 413', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${system.token}`,
        'content-type': 'application/json',
        'transfer-encoding': 'chunked',
      };
      const request = httpRequest(`${system.url}${BASE_PATH}/projects`, { method: 'POST', headers }, response => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on('error', reject);
      request.write(`{"name":"`);
      request.end('x'.repeat(1_100_000));
    });
    expect(status).toBe(413);
  });

  it.each(named(ACTIONS.filter(({ id }) => id !== 'sessions.stop')))(
    '%s takes no body, and no Content-Type',
    async (_, route) => {
      const { status } = await system.api.request(route.method, pathOf(route));
      expect(status).toBe(route.status);
    },
  );

  it('unknown and read-only fields are ignored', async () => {
    const body = { ...CREATE, name: 'generous', project_id: 'elsewhere', runs_count: 9, created_at: 'never', colour: 'red' };
    const made = await system.api.post(B, body);
    expect(made).toMatchObject({ project_id: 'strict', runs_count: 0 });
    expect(made).not.toHaveProperty('colour');
  });
});
