import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fullPath, ROUTES } from '#contracts';
import { World } from '../testing/world.js';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

it.each(ROUTES.filter(({ service }) => service === 'query').map(route => [route.id, fullPath(route)]))(
  'answers %s',
  (_, path) => {
    const url = path.replaceAll(/\{(\w+)\}/g, ':$1');
    expect(world.app.getHttpAdapter().getInstance().hasRoute({ method: 'GET', url })).toBe(true);
  },
);

describe('what anyone may ask', () => {
  it('answers the root, the version, the OpenAPI and the AsyncAPI document without a token', async () => {
    expect((await world.get('//api/ambient', 'nobody')).json).toMatchObject({
      kind: 'API',
      versions: [{ id: 'v1', href: '/api/ambient/v1' }],
    });
    expect((await world.get('/version', 'nobody')).json).toMatchObject({ version: '1.2.3' });
    const openapi = await world.get('/openapi', 'nobody');
    expect(openapi.json).toEqual({ openapi: '3.1.0' });
    const asyncapi = await world.get('/asyncapi', 'nobody');
    expect(asyncapi.json).toEqual({ asyncapi: '3.0.0' });
    for (const { headers } of [openapi, asyncapi]) expect(headers['content-type']).toBe('application/json; charset=utf-8');
  });

  it('answers health, readiness and metrics', async () => {
    expect((await world.get('//healthz', 'nobody')).json).toEqual({ status: 'ok' });
    expect((await world.get('//readyz', 'nobody')).json).toEqual({ status: 'ok', checks: { events: 'ok' } });
    expect((await world.get('//metrics', 'admin')).body).toContain('ambient_http_requests_total');
  });

  it('asks everything else for a token, and tells unknown paths from wrong methods', async () => {
    const refused = await world.get('/projects', 'nobody');
    expect(refused.status).toBe(401);
    expect(refused.headers['www-authenticate']).toContain('Bearer');
    expect(refused.headers['x-operation-id']).toBe(refused.json.operation_id);
    expect((await world.get('/nothing')).json).toMatchObject({ status: 404, kind: 'Error', id: '7' });
    const posted = await world.app.inject({ method: 'POST', url: '/api/ambient/v1/roles' });
    expect([posted.statusCode, posted.headers['allow']]).toEqual([405, 'GET']);
  });
});
