/** Every kind of bad query, path, method and header gets its status, and a message that names what was wrong. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fullPath, ROUTES, type ErrorNumber } from '#contracts';
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

/** path, error number, what the reason must name */
const BAD_QUERIES: readonly (readonly [string, ErrorNumber, RegExp])[] = [
  ...['/projects', A, `${A}/{agent}/sessions`, B, `${B}/{schedule}/runs`, '/sessions', '/role_bindings', '/roles'].flatMap(
    list =>
      [
        [`${list}?page=0`, 21, /page/],
        [`${list}?page=one`, 21, /page/],
        [`${list}?page=1&page=2`, 21, /page/],
        [`${list}?size=-1`, 21, /size/],
        [`${list}?size=1.5`, 21, /size/],
        [`${list}?orderBy=nothing`, 21, /orderBy.*nothing/],
        [`${list}?orderBy=id%20sideways`, 21, /orderBy.*sideways/],
        [`${list}?fields=id,nothing`, 21, /fields.*nothing/],
        [`${list}?search=nothing%20%3D%20'x'`, 23, /nothing.*\d|\d.*nothing/],
        [`${list}?search=id%20%3D`, 23, /\d/],
        [`${list}?search=id%20%3D%20'x`, 23, /\d/],
        [`${list}?search=(id%20%3D%20'x'`, 23, /\d/],
        [`${list}?search=id%20%3D%20'x'%3B%20drop%20table%20a`, 23, /\d/],
      ] as const,
  ),
  [`${B}/{schedule}?as_of=yesterday`, 21, /as_of/],
  [`/sessions/{session}?as_of=2026-13-01T00:00:00Z`, 21, /as_of/],
  [`${B}/{schedule}/upcoming?count=0`, 21, /count/],
  [`${B}/{schedule}/upcoming?count=1001`, 21, /count/],
  [`${B}/{schedule}/upcoming?count=many`, 21, /count/],
  [`${B}/{schedule}/upcoming?after=soon`, 21, /after/],
  [`${B}/{schedule}/explain?at=yesterday`, 21, /at/],
  [`${B}/{schedule}/history?after=x`, 21, /after/],
  [`${B}/{schedule}/history?limit=0`, 21, /limit/],
  [`/sessions/{session}/history?limit=-1`, 21, /limit/],
  [`/sessions/{session}/messages?after_seq=-1`, 21, /after_seq/],
  [`/sessions/{session}/messages?after_seq=first`, 21, /after_seq/],
];

it.each(BAD_QUERIES)('GET %s is error %i', async (path, number, named) => {
  expect(expectProblem(await system.api.request('GET', filled(path)), number)['reason']).toMatch(named);
});

describe('what is not there', () => {
  it.each([
    ['GET', '/projects/none'],
    ['PATCH', '/projects/none'],
    ['GET', `${A}/none`],
    ['POST', `${A}/none/start`],
    ['GET', `${B}/none`],
    ['PATCH', `${B}/none`],
    ['DELETE', `${B}/none`],
    ['POST', `${B}/none/trigger`],
    ['GET', `${B}/none/runs`],
    ['GET', `${B}/{schedule}?as_of=2001-01-01T00:00:00Z`],
    ['GET', '/sessions/none'],
    ['POST', '/sessions/none/messages'],
    ['DELETE', '/sessions/{session}/repos/none'],
    ['DELETE', '/role_bindings/none'],
    ['GET', '/nothing'],
    ['GET', '/projects/'],
    ['GET', '//'],
    ['GET', '/api/ambient/v2/projects'],
  ])('%s %s is 404', async (method, path) => {
    const body = method === 'PATCH' ? { description: 'x' } : path.endsWith('messages') ? { payload: 'x' } : undefined;
    expectProblem(await system.api.request(method, filled(path), { body }), 7);
  });

  const paths = [...new Set(ROUTES.map(fullPath))];
  it.each(paths)('a method that %s does not have is 405 with Allow', async path => {
    const allowed = ROUTES.filter(route => fullPath(route) === path).map(({ method }) => method as string);
    const concrete = path.replaceAll(/\{\w+\}/g, 'x');
    for (const method of ['PUT', 'POST', 'DELETE', 'PATCH'].filter(name => !allowed.includes(name))) {
      const answer = await system.api.request(method, concrete);
      expectProblem(answer, 405);
      const allow = answer.headers.get('allow')!.split(', ');
      expect(allow).toEqual(expect.arrayContaining(allowed));
      expect(allow).not.toContain(method);
    }
  });
});

describe('conflicts and preconditions', () => {
  it('a name that is taken is 409', async () => {
    expect(expectProblem(await system.api.request('POST', '/projects', { body: { name: 'strict' } }), 6)['reason']).toContain(
      'strict',
    );
    expect(expectProblem(await system.api.request('POST', A, { body: { name: 'agent' } }), 6)['reason']).toContain('agent');
    expect(expectProblem(await system.api.request('POST', B, { body: { ...CREATE, name: 'schedule' } }), 6)['reason']).toContain(
      'schedule',
    );
  });

  it('an If-Match that is not the revision is 412, one that is none is 400', async () => {
    const path = filled(`${B}/{schedule}`);
    const etag = (await system.api.request('GET', path)).headers.get('etag')!;
    expect(etag).toMatch(/^"\d+"$/);
    const patch = (ifMatch: string) =>
      system.api.request('PATCH', path, { body: { description: ifMatch }, headers: { 'if-match': ifMatch } });
    expectProblem(await patch('"999"'), 412);
    expect(expectProblem(await patch('yesterday'), 21)['reason']).toContain('If-Match');
    const good = await patch(etag);
    expect(good.status).toBe(200);
    expect(good.headers.get('etag')).not.toBe(etag);
    expectProblem(await patch(etag), 412);
  });

  it('an Idempotency-Key that is none is 400', async () => {
    const headers = { 'idempotency-key': 'x'.repeat(256) };
    expect(
      expectProblem(await system.api.request('POST', '/projects', { body: { name: 'keyed' }, headers }), 21)['reason'],
    ).toContain('Idempotency-Key');
  });
});

it('every answer has an operation id: the caller’s, or a new one', async () => {
  for (const [method, path] of [
    ['GET', '/projects'],
    ['GET', '//healthz'],
    ['GET', '/version'],
    ['POST', '/projects'],
    ['GET', '/none'],
  ] as const) {
    const own = await system.api.request(method, path, { headers: { 'x-operation-id': 'mine-1' } });
    expect(own.headers.get('x-operation-id')).toBe('mine-1');
    const [one, two] = [await system.api.request(method, path), await system.api.request(method, path)];
    expect(one.headers.get('x-operation-id')).toMatch(/.{8,}/);
    expect(one.headers.get('x-operation-id')).not.toBe(two.headers.get('x-operation-id'));
  }
});

it('a path that is no path is 400 and breaks nothing', async () => {
  for (const path of ['/projects/a%2fb', '/projects/..%2f', '/projects/%zz', '/sessions/%00', '//api//ambient']) {
    const answer = await system.api.request('GET', path);
    expect([path, answer.status]).toEqual([path, 400]);
    expect(answer.body).toMatchObject({ kind: 'Error', status: 400 });
  }
  expect((await system.api.request('GET', '/projects')).status).toBe(200);
});
