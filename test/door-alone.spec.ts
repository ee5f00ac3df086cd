/** The proxy as a process of its own. Everything else of the project is a stand-in: it needs nothing but addresses. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { RoleId } from '#contracts';
import { BACKEND_TOKEN, Door, PROXY_TOKEN } from './support/door.js';
import { startIdentityProvider, type IdentityProvider } from './support/jwks.js';
import { TestBed } from './support/system.js';
import { until } from './support/until.js';

const bed = new TestBed();
let provider: IdentityProvider;
let door: Door;

beforeAll(async () => {
  provider = await startIdentityProvider();
  const roles: Record<string, RoleId[]> = { 'ann blue': ['project:owner'], 'bob blue': ['project:viewer'] };
  door = await Door.start(await bed.dataDir(), provider.settings, (user, project) => roles[`${user} ${project}`] ?? []);
}, 120_000);
afterAll(async () => {
  await door.stop();
  provider.close();
  await bed.clear();
});

describe('the proxy alone', () => {
  it('is ready as soon as the services answer', async () => {
    expect((await door.get('/readyz')).status).toBe(200);
  });

  it('passes native routes on with the caller’s token', async () => {
    const token = await provider.token('ann');
    expect(await (await door.get('/api/ambient/v1/projects', token)).text()).toBe('of the query API');
    expect(door.query.seen.at(-1)).toMatchObject({ headers: { authorization: `Bearer ${token}` } });
  });

  it('passes requests on to the backend by the roles that the query API tells, never with the caller’s token', async () => {
    const [ann, bob] = [await provider.token('ann'), await provider.token('bob')];
    const settings = '/api/projects/blue/keys';
    expect((await door.get(settings, ann)).status).toBe(200);
    expect(door.backend.seen.at(-1)?.headers).toMatchObject({
      authorization: `Bearer ${BACKEND_TOKEN}`,
      'x-ambient-user': 'ann',
      'x-ambient-roles': 'project:owner',
    });
    const asked = door.backend.seen.length;
    expect((await door.get(settings, bob)).status).toBe(404);
    expect((await fetch(door.url + settings, { method: 'POST', headers: { authorization: `Bearer ${bob}` } })).status).toBe(403);
    // A role of another project.
    expect((await door.get('/api/projects/red/keys', ann)).status).toBe(404);
    expect(door.backend.seen).toHaveLength(asked);
    const questions = door.query.seen.filter(({ url }) => url.startsWith('/internal/'));
    expect(questions.length).toBeGreaterThan(0);
    for (const { headers } of questions) expect(headers.authorization).toBe(`Bearer ${PROXY_TOKEN}`);
  });

  it('hands over what it decided, with its own credential', async () => {
    const ids = ['one', 'two', 'three'];
    const token = await provider.token('ann');
    for (const id of ids) {
      await fetch(`${door.url}/api/projects/blue/models`, {
        headers: { authorization: `Bearer ${token}`, 'x-operation-id': id },
      });
    }
    const of = () => door.decisions.filter(({ operation_id }) => ids.includes(operation_id));
    await until(() => of().length === ids.length, 5000);
    expect(of().map(({ operation_id }) => operation_id)).toEqual(ids);
    expect(of()[0]).toMatchObject({ user: 'ann', project_id: 'blue', rule: 'needs viewer', decision: 'allowed', status: 200 });
    expect(JSON.stringify(door.decisions)).not.toContain('eyJ');
  });

  it('asks the query API in vain: 503, and nothing passes', async () => {
    const lonely = await Door.start(
      await bed.dataDir(),
      { ...provider.settings, AMBIENT_PROXY_TOKEN: 'another-token-than-theirs' },
      () => ['project:owner'],
    );
    try {
      const response = await lonely.get('/api/projects/blue/models', await provider.token('ann'));
      expect([response.status, await response.json()]).toEqual([503, expect.objectContaining({ id: '503' })]);
      expect(lonely.backend.seen).toEqual([]);
    } finally {
      await lonely.stop();
    }
  }, 60_000);

  it('ends at SIGTERM with nothing unrecorded, and without the streams that would go on for ever', async () => {
    const ending = await Door.start(await bed.dataDir(), provider.settings, () => ['project:viewer']);
    try {
      const token = await provider.token('ann');
      const { hostname, port } = new URL(ending.url);
      const idle = connect(Number(port), hostname);
      await once(idle, 'connect');
      await ending.get('/api/projects/blue/models', token);
      const ended = await ending.proxy.end('SIGTERM');
      expect(ended).toMatchObject({ code: 0 });
      expect(ended.ms).toBeLessThan(4_000);
      expect(ending.decisions).toHaveLength(1);
      idle.destroy();
    } finally {
      await ending.stop();
    }
  }, 60_000);
});
