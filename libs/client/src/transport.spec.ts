import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hangUp, json, problem, ScriptedServer } from '../testing/server.js';
import { collect } from '../testing/collect.js';
import * as client from './index.js';
import { createClient, etagOf, lagEventsOf, type AmbientClient, type AmbientOptions } from './index.js';

let server: ScriptedServer;
beforeAll(async () => {
  server = await ScriptedServer.start();
});
afterAll(() => server.stop());

const FAST = { baseMs: 1, capMs: 4 };
const open = (options: Partial<AmbientOptions> = {}): AmbientClient => createClient({ url: server.url, retry: FAST, ...options });
const garden = { id: 'garden', kind: 'Project', name: 'garden' };

describe('a request', () => {
  it('carries the token, the path, the query and the body', async () => {
    server.replies(json(201, garden));
    const tokens = ['one', 'two'];
    const ambient = open({ token: () => Promise.resolve(tokens.shift()) });
    expect(await ambient.projects.create({ name: 'garden' })).toEqual(garden);
    server.replies(json(200, { items: [], total: 0 }));
    await ambient.agents.list('a/b c', { search: "name = 'ü'", size: 3 });
    expect(server.asked).toMatchObject([
      { method: 'GET', headers: { authorization: 'Bearer two' }, url: expect.stringContaining('/projects/a%2Fb%20c/agents?') },
    ]);
    expect(Object.fromEntries(new URL(server.asked[0]!.url, server.url).searchParams)).toEqual({
      search: "name = 'ü'",
      size: '3',
    });
  });

  it('without a body has no content type, as actions want it', async () => {
    server.replies(json(200, { id: 's' }));
    await open().sessions.start('s');
    expect(server.asked[0]).toMatchObject({ method: 'POST', body: '' });
    expect(server.asked[0]!.headers).not.toHaveProperty('content-type');
  });

  it('works under a path of its own and with a trailing slash in the URL', async () => {
    server.replies(json(200, garden));
    await open({ url: `${server.url}/behind/` }).projects.get('garden');
    expect(server.asked[0]!.url).toBe('/behind/api/ambient/v1/projects/garden');
  });

  it('to what is no URL is refused when the client is made', () => {
    expect(() => createClient({ url: 'localhost' })).toThrow('Invalid URL');
  });
});

describe('an answer', () => {
  it('has the ETag that it came with', async () => {
    server.replies(json(200, garden, { etag: '"7"' }));
    const project = await open().projects.get('garden');
    expect(etagOf(project)).toBe('"7"');
    server.replies(json(200, garden));
    await open().projects.update('garden', { description: 'x' }, { ifMatch: etagOf(project) });
    expect(server.asked[0]).toMatchObject({ method: 'PATCH', headers: { 'if-match': '"7"' }, body: '{"description":"x"}' });
  });

  it('that is a list says how far it is behind', async () => {
    server.replies(json(200, { items: [], total: 0 }, { 'x-read-lag-events': '3' }));
    expect(lagEventsOf(await open().projects.list())).toBe(3);
  });

  it('that has no body is nothing', async () => {
    server.replies((_, response) => void response.writeHead(204).end());
    expect(await open().projects.delete('garden')).toBeUndefined();
  });

  it.each([
    [400, 8, client.BadRequestError],
    [401, 15, client.UnauthenticatedError],
    [403, 4, client.ForbiddenError],
    [404, 7, client.NotFoundError],
    [405, 405, client.ApiError],
    [409, 6, client.ConflictError],
    [412, 412, client.PreconditionFailedError],
    [413, 413, client.TooLargeError],
    [422, 422, client.IdempotencyKeyReusedError],
    [429, 429, client.TooManyRequestsError],
    [500, 9, client.ServerError],
    [502, 502, client.UnavailableError],
    [503, 503, client.UnavailableError],
    [504, 504, client.UnavailableError],
  ])('with status %i is an error of its kind', async (status, number, kind) => {
    const errors = [{ path: '/name', message: 'name is wrong' }];
    server.replies(problem(status, number, 'name is wrong', {}, { errors }));
    const error = await open({ retry: { retries: 0 } })
      .projects.get('x')
      .catch((error: unknown) => error);
    expect(error).toBeInstanceOf(kind);
    expect(error).toBeInstanceOf(client.AmbientError);
    expect(error).toMatchObject({
      message: 'name is wrong',
      status,
      code: `ambient-api-server-${number}`,
      operationId: 'op',
      title: 'T',
      errors,
    });
    expect((error as Error).name).toBe(kind.name);
  });

  it('of something that is not the server keeps its words', async () => {
    server.replies((_, response) => void response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>nginx</h1>'));
    await expect(open().projects.get('x')).rejects.toMatchObject({
      name: 'NotFoundError',
      message: '404 Not Found <h1>nginx</h1>',
      code: '',
    });
  });

  it('that breaks off is no answer', async () => {
    server.replies((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
      response.write('{"id":', () => response.socket?.destroy());
    });
    await expect(open().projects.get('x')).rejects.toBeInstanceOf(client.ConnectionError);
  });
});

describe('a try that fails', () => {
  const methodsOf = () => server.asked.map(({ method }) => method);

  it('is repeated when there was no answer to a read', async () => {
    server.replies(hangUp, problem(502, 502, 'away'), problem(503, 503, 'away'), json(200, garden));
    expect(await open().projects.get('garden')).toEqual(garden);
    expect(methodsOf()).toEqual(['GET', 'GET', 'GET', 'GET']);
  });

  it('is repeated with the same key and body when there was no answer to a POST, and the next call has another key', async () => {
    server.replies(hangUp, json(201, garden));
    const ambient = open();
    await ambient.projects.create({ name: 'garden' });
    await ambient.projects.create({ name: 'garden' });
    const [first, second, other] = server.asked.map(({ headers }) => headers['idempotency-key']);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(second).toBe(first);
    expect(other).toMatch(/^[0-9a-f]{32}$/);
    expect(other).not.toBe(first);
    expect(server.asked.map(({ body }) => body)).toEqual(Array(3).fill('{"name":"garden"}'));
  });

  it('is repeated while our own try before is in flight, and a key that was given is kept', async () => {
    server.replies(hangUp, problem(409, 6, 'is being handled', { 'retry-after': '0' }), json(201, garden));
    await open().projects.create({ name: 'garden' }, { idempotencyKey: 'mine' });
    expect(server.asked.map(({ headers }) => headers['idempotency-key'])).toEqual(['mine', 'mine', 'mine']);
  });

  it('is not repeated when the server has decided', async () => {
    for (const status of [400, 404, 409, 422, 500]) {
      server.replies(problem(status, 6, 'no'));
      await expect(open().projects.create({ name: 'x' })).rejects.toMatchObject({ status });
      expect(methodsOf()).toEqual(['POST']);
    }
  });

  it('of a PATCH is repeated only when nothing was done', async () => {
    server.replies(hangUp);
    await expect(open().projects.update('x', {})).rejects.toBeInstanceOf(client.ConnectionError);
    server.replies(problem(502, 502, 'away'));
    await expect(open().projects.update('x', {})).rejects.toBeInstanceOf(client.UnavailableError);
    expect(methodsOf()).toEqual(['PATCH']);
    server.replies(
      problem(503, 503, 'away', { 'retry-after': '0' }),
      problem(429, 429, 'slow', { 'retry-after': '0' }),
      json(200, garden),
    );
    expect(await open().projects.update('x', {})).toEqual(garden);
  });

  it('of a DELETE whose answer was lost is done when it is gone the next time', async () => {
    server.replies(hangUp, problem(404, 7, 'gone'));
    await open().projects.delete('x');
    server.replies(problem(503, 503, 'away'), problem(404, 7, 'gone'));
    await expect(open().projects.delete('x')).rejects.toBeInstanceOf(client.NotFoundError);
  });

  it('is the last one in the end, and says what there was', async () => {
    server.replies(problem(503, 503, 'the event store is away'));
    await expect(open({ retry: { ...FAST, retries: 2 } }).projects.get('x')).rejects.toMatchObject({
      name: 'UnavailableError',
      message: 'the event store is away',
    });
    expect(methodsOf()).toHaveLength(3);
    const gone = await ScriptedServer.start();
    const nobody = createClient({ url: gone.url, retry: { ...FAST, retries: 1 } });
    await gone.stop();
    await expect(nobody.projects.get('x')).rejects.toThrow(/^GET http:\/\/127\.0\.0\.1:\d+\/api\/.*ECONNREFUSED/);
  });

  it('took too long', async () => {
    server.replies(() => undefined);
    const ambient = open({ timeoutMs: 20, retry: { ...FAST, retries: 1 } });
    await expect(ambient.projects.get('x')).rejects.toThrow(/^no answer within 20 ms: GET /);
    expect(methodsOf()).toEqual(['GET', 'GET']);
  });

  it('waits as long as the server asks', async () => {
    server.replies(problem(429, 429, 'slow', { 'retry-after': '1' }), json(200, garden));
    const started = performance.now();
    await open().projects.get('x');
    expect(performance.now() - started).toBeGreaterThan(950);
  });
});

describe('a signal', () => {
  it('ends a call that waits for its answer, and one that waits for its next try, with its reason', async () => {
    const reason = new Error('enough');
    for (const reply of [() => undefined, problem(503, 503, 'away', { 'retry-after': '60' })]) {
      for (const where of ['call', 'client'] as const) {
        const controller = new AbortController();
        server.replies((asked, response) => {
          reply(asked, response);
          controller.abort(reason);
        });
        const { signal } = controller;
        const call = where === 'call' ? open().projects.get('x', { signal }) : open({ signal }).projects.get('x');
        await expect(call).rejects.toBe(reason);
        expect(server.asked).toHaveLength(1);
      }
    }
  });
});

describe('a whole list', () => {
  const page = (total: number, ...ids: string[]) => json(200, { total, items: ids.map(id => ({ id })) });
  const idsOf = async (items: AsyncIterable<{ id: string }>) => (await collect(items)).map(({ id }) => id);

  it('is read page by page, no item twice when others come to its front', async () => {
    const first = Array.from({ length: 500 }, (_, n) => String(n));
    server.replies(page(501, ...first), page(502, '499', '500'));
    expect(await idsOf(open().sessions.all({ project_id: 'garden', search: 'x' }))).toEqual([...first, '500']);
    const queries = server.asked.map(({ url }) => Object.fromEntries(new URL(url, server.url).searchParams));
    expect(queries).toEqual([1, 2].map(n => ({ project_id: 'garden', search: 'x', page: String(n), size: '500' })));
  });

  it('is asked for no further than it is read', async () => {
    server.replies(page(5000, 'a', 'b'));
    for await (const { id } of open().projects.all()) if (id === 'a') break;
    expect(server.asked).toHaveLength(1);
  });

  it('of events goes on after the last revision', async () => {
    const events = Array.from({ length: 500 }, (_, revision) => ({ revision }));
    server.replies(json(200, { items: events }), json(200, { items: [{ revision: 500 }] }));
    expect(await collect(open().sessions.history('s'))).toHaveLength(501);
    expect(server.asked.map(({ url }) => new URL(url, server.url).search)).toEqual(['?limit=500', '?after=499&limit=500']);
  });
});
