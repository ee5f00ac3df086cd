/** The door of the whole system: real users, projects and bindings, a real log, and a backend behind it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventMetadata, PayloadOf } from '#contracts';
import { FakeServer } from './support/door.js';
import type { Client } from './support/http.js';
import { startIdentityProvider, type IdentityProvider } from './support/jwks.js';
import { allEvents, brokenLinks } from './support/stores.js';
import { SHARED, TestBed, type System } from './support/system.js';
import { until } from './support/until.js';

const bed = new TestBed();
let provider: IdentityProvider;
let backend: FakeServer;
let system: System;
let dataDir: string;
let owner: Client;
let veras: string;

beforeAll(async () => {
  provider = await startIdentityProvider();
  backend = await FakeServer.start();
  dataDir = await bed.dataDir();
  const own = {
    BACKEND_URL: backend.url,
    BACKEND_TOKEN: 'token-at-the-backend',
    AMBIENT_PROXY_TOKEN: 'a-token-for-the-proxy-of-the-tests',
  };
  system = await bed.start(dataDir, { ...SHARED, ...provider.settings, ...own });
  owner = system.as(await provider.token('olga'));
  await owner.post('/projects', { name: 'blue' });
  const bound = { role_id: 'project:viewer', scope: 'project', user_id: 'vera', project_id: 'blue' };
  veras = (await owner.post('/role_bindings', bound))['id'] as string;
}, 120_000);
afterAll(async () => {
  await bed.clear();
  await backend.stop();
  provider.close();
});

const ask = async (user: string, path: string, method = 'GET', id?: string): Promise<number> => {
  const headers = {
    authorization: `Bearer ${await provider.token(user)}`,
    ...(id === undefined ? {} : { 'x-operation-id': id }),
  };
  return (await fetch(system.url + path, { method, headers })).status;
};
const recorded = async () =>
  (await allEvents(dataDir))
    .filter(({ type }) => type === 'ProxyRequestDecided')
    .map(({ stream, data, metadata }) => ({
      stream,
      payload: JSON.parse(data) as PayloadOf<'ProxyRequestDecided'>,
      metadata: JSON.parse(metadata) as EventMetadata,
    }));

describe('the door', () => {
  it('knows the roles of the project, and none in another', async () => {
    expect(await ask('olga', '/api/projects/blue/permissions', 'PUT')).toBe(200);
    expect(backend.seen.at(-1)).toMatchObject({
      method: 'PUT',
      url: '/api/projects/blue/permissions',
      headers: { authorization: 'Bearer token-at-the-backend', 'x-ambient-user': 'olga', 'x-ambient-roles': 'project:owner' },
    });
    expect(await ask('vera', '/api/projects/blue/models')).toBe(200);
    expect(await ask('vera', '/api/projects/blue/permissions', 'PUT')).toBe(403);
    expect(await ask('vera', '/api/projects/blue/permissions')).toBe(404);
    expect(await ask('olga', '/api/projects/red/models')).toBe(404);
    expect(await ask('nina', '/api/projects/blue/models')).toBe(404);
  });

  it('brings each decision into the log, in an unbroken chain', async () => {
    const ids = ['seen-1', 'seen-2', 'seen-3'];
    await ask('olga', '/api/projects/blue/models?token=secret-value', 'GET', ids[0]);
    await ask('vera', '/api/projects/blue/keys', 'POST', ids[1]);
    await ask('nina', '/api/ambient/v1/nothing', 'GET', ids[2]);
    const of = async () => (await recorded()).filter(({ payload }) => ids.includes(payload.operation_id));
    await until(async () => (await of()).length === ids.length, 10_000, 'the decisions are in the log');
    const [passed, refused, lost] = await of();
    expect(passed).toMatchObject({
      stream: expect.stringMatching(/^proxyAudit-\d{4}-\d\d-\d\d$/),
      payload: {
        user: 'olga',
        group: 'project-configuration',
        method: 'GET',
        path_template: '/api/projects/{project_id}/models',
        project_id: 'blue',
        decision: 'allowed',
        rule: 'needs viewer',
        status: 200,
        upstream: 'backend',
      },
      metadata: { actor: { id: 'olga', kind: 'user' } },
    });
    expect(refused?.payload).toMatchObject({ user: 'vera', decision: 'denied', rule: 'needs owner', status: 403 });
    expect(lost?.payload).toMatchObject({ user: 'nina', decision: 'denied', rule: 'route', status: 404 });
    expect(JSON.stringify(await recorded())).not.toMatch(/secret-value|eyJ/);
    expect(brokenLinks(await allEvents(dataDir))).toEqual([]);
  });

  it('forgets a role that is revoked, and a project that is deleted', async () => {
    expect((await owner.request('DELETE', `/role_bindings/${veras}`)).status).toBe(204);
    await until(async () => (await ask('vera', '/api/projects/blue/models')) === 404, 5000, 'the role no longer counts');
    expect(await ask('olga', '/api/projects/blue/keys')).toBe(200);
    expect((await owner.request('DELETE', '/projects/blue')).status).toBe(204);
    await until(async () => (await ask('olga', '/api/projects/blue/keys')) === 404, 5000, 'the project no longer counts');
  });
});
