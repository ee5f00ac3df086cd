/** Two projects, two users: no route lets one see or change the other's. The cases come from the route table, so that none is forgotten. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES } from '#contracts';
import { belongings, named, ofProjects, pathOf, send, type Belongings } from './support/belongings.js';
import type { Client, Json } from './support/http.js';
import { startIdentityProvider, type IdentityProvider } from './support/jwks.js';
import { withEvents } from './support/stores.js';
import { TestBed, type System } from './support/system.js';

const bed = new TestBed();
let provider: IdentityProvider;
let system: System;
let dataDir: string;
let alice: Client;
let bob: Client;
let admin: Client;

beforeAll(async () => {
  provider = await startIdentityProvider();
  dataDir = await bed.dataDir();
  system = await bed.start(dataDir, provider.settings);
  alice = system.as(await provider.token('alice'));
  bob = system.as(await provider.token('bob'));
  admin = system.as(await provider.token('root', ['platform:admin']));
}, 120_000);
afterAll(async () => {
  await bed.clear();
  provider.close();
});

const head = () => withEvents(dataDir, events => events.head());

describe('a stranger', () => {
  let hers: Belongings;
  let his: Belongings;
  let before: string | undefined;

  beforeAll(async () => {
    await alice.post('/projects', { name: 'of-alice' });
    await bob.post('/projects', { name: 'of-bob' });
    hers = await belongings(alice, 'of-alice');
    his = await belongings(bob, 'of-bob');
    before = await head();
  });

  it.each(named(ofProjects))("%s of another's project is 404 and changes nothing", async (_, route) => {
    const { status, body, headers } = await send(bob, route, pathOf(route, hers));
    expect(status).toBe(404);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(JSON.stringify(body)).not.toMatch(/of-alice|alice/);
    expect(await head()).toBe(before);
  });

  it.each(
    named(
      ofProjects.filter(({ path }) => path.startsWith('/projects/') && path.includes('id}/', 15) && /\{(agent_)?id\}/.test(path)),
    ),
  )("%s of another's thing through one's own project is 404 and changes nothing", async (_, route) => {
    const { status } = await send(bob, route, pathOf(route, { ...hers, project_id: his.project_id }));
    expect(status).toBe(404);
    expect(await head()).toBe(before);
  });

  it.each(named(ofProjects))('%s of what is not there is the same 404', async (_, route) => {
    const nothing = { project_id: 'no-such', agent_id: 'x'.repeat(27), schedule_id: 'x'.repeat(27), session_id: 'x'.repeat(27) };
    const [ofAlice, ofNobody] = [await send(bob, route, pathOf(route, hers)), await send(bob, route, pathOf(route, nothing))];
    const comparable = ({ body: { operation_id: _id, ...rest } }: { body: Json }) => rest;
    expect([ofAlice.status, comparable(ofAlice)]).toEqual([ofNobody.status, comparable(ofNobody)]);
  });

  /** The routes whose project is not in the path: each has its own test below. */
  const OTHERS: Record<string, () => Promise<void>> = {
    'projects.list': async () => {
      expect((await bob.all('/projects')).map(({ id }) => id)).toEqual(['of-bob']);
      expect((await alice.all('/projects')).map(({ id }) => id)).toEqual(['of-alice']);
      expect((await admin.all('/projects')).map(({ id }) => id)).toEqual(expect.arrayContaining(['of-alice', 'of-bob']));
      expect(await bob.get("/projects?search=name%20%3D%20'of-alice'%20or%20name%20like%20'%25'")).toMatchObject({ total: 1 });
    },
    'projects.create': async () => {
      expect((await bob.request('POST', '/projects', { body: { name: 'of-alice' } })).status).toBe(409);
    },
    'sessions.list': async () => {
      for (const query of ['', '?project_id=of-bob', "?search=name%20like%20'%25'", '?orderBy=project_id']) {
        const sessions = await bob.all(`/sessions${query}`);
        expect(sessions.map(({ id }) => id)).toEqual([his.session_id]);
      }
      const foreign = await bob.request('GET', '/sessions?project_id=of-alice');
      expect([200, 404]).toContain(foreign.status);
      expect(foreign.body['items'] ?? []).toEqual([]);
      const byHeader = await bob.request('GET', '/sessions', { headers: { 'x-ambient-project': 'of-alice' } });
      expect(byHeader.body['items'] ?? []).toEqual([]);
    },
    'sessions.create': async () => {
      const body = { name: 'intruder' };
      expect((await bob.request('POST', '/sessions', { body: { ...body, project_id: 'of-alice' } })).status).toBe(404);
      expect((await bob.request('POST', '/sessions', { body, headers: { 'x-ambient-project': 'of-alice' } })).status).toBe(404);
      const withAgent = await bob.request('POST', '/sessions', {
        body: { ...body, project_id: 'of-bob', agent_id: hers.agent_id },
      });
      expect([400, 404]).toContain(withAgent.status);
    },
    'schedules.validate': async () => {
      // It knows of nobody's schedules: a name of another's does not matter to it.
      const answer = await bob.request('POST', '/schedules/validate', { body: { schedule: '@daily', project_id: 'of-alice' } });
      expect([answer.status, answer.body['valid']]).toEqual([200, true]);
    },
    'roleBindings.list': async () => {
      expect((await bob.all('/role_bindings')).map(({ project_id }) => project_id)).toEqual(['of-bob']);
    },
    'roleBindings.get': async () => {
      const [binding] = await alice.all('/role_bindings');
      expect((await bob.request('GET', `/role_bindings/${binding!['id']}`)).status).toBe(404);
    },
    'roleBindings.create': async () => {
      for (const role_id of ['project:viewer', 'project:owner']) {
        const body = { role_id, scope: 'project', user_id: 'bob', project_id: 'of-alice' };
        expect((await bob.request('POST', '/role_bindings', { body })).status).toBe(404);
      }
      const global = { role_id: 'platform:admin', scope: 'global', user_id: 'bob' };
      expect((await bob.request('POST', '/role_bindings', { body: global })).status).toBe(403);
    },
    'roleBindings.delete': async () => {
      const [binding] = await alice.all('/role_bindings');
      expect((await bob.request('DELETE', `/role_bindings/${binding!['id']}`)).status).toBe(404);
    },
    'roles.list': async () => {
      expect((await bob.all('/roles')).length).toBe(6);
    },
  };

  it('has a test for every route that is not public', () => {
    const others = ROUTES.filter(({ scope, needs }) => scope !== 'path' && scope !== 'session' && needs !== 'public');
    expect(Object.keys(OTHERS).sort()).toEqual(others.map(({ id }) => id).sort());
  });

  it.each(Object.entries(OTHERS))("gets nothing of another's by %s", async (_, attempt) => {
    await attempt();
    expect(await head()).toBe(before);
  });

  it("can't point a thing of one's own at another's", async () => {
    const path = '/projects/of-bob/scheduled-sessions';
    const refused = await bob.request('POST', path, { body: { name: 'spy', schedule: '* * * * *', agent_id: hers.agent_id } });
    expect([refused.status, refused.body['errors']]).toEqual([400, [expect.objectContaining({ path: 'agent_id' })]]);
    const patched = await bob.request('PATCH', `${path}/${his.schedule_id}`, { body: { agent_id: hers.agent_id } });
    expect(patched.status).toBe(400);
    expect(await head()).toBe(before);
  });
});
