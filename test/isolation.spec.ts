/** Two projects, two users: no route lets one see or change the other's. The cases come from the route table, so that none is forgotten. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES, type Route, type RouteId } from '#contracts';
import type { Client, Json } from './support/http.js';
import { startIdentityProvider, type IdentityProvider } from './support/jwks.js';
import { withEvents } from './support/stores.js';
import { TestBed, type System } from './support/system.js';
import { until } from './support/until.js';

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
}, 60_000);
afterAll(async () => {
  await bed.clear();
  provider.close();
});

/** One of each kind of thing. */
interface Belongings {
  readonly project_id: string;
  readonly agent_id: string;
  readonly schedule_id: string;
  readonly session_id: string;
}

let made = 0;

/** Makes an agent, a schedule and a session with a repository. */
async function belongings(owner: Client, project_id: string): Promise<Belongings> {
  const n = ++made;
  const [agent, schedule, session] = await Promise.all([
    owner.post(`/projects/${project_id}/agents`, { name: `agent-${n}` }),
    owner.post(`/projects/${project_id}/scheduled-sessions`, { name: `schedule-${n}`, schedule: '0 0 1 1 *' }),
    owner.post('/sessions', { name: `session-${n}`, project_id, repos: '[{"url":"https://git.test/a.git","branch":"main","name":"a"}]' }),
  ]);
  return { project_id, agent_id: agent['id'], schedule_id: schedule['id'], session_id: session['id'] };
}

/** A good body for each route that takes one. */
const BODIES: Partial<Record<RouteId, unknown>> = {
  'projects.update': { description: 'changed' },
  'agents.create': () => ({ name: `another-${++made}` }),
  'agents.update': { description: 'changed' },
  'scheduledSessions.create': () => ({ name: `another-${++made}`, schedule: '0 0 1 1 *' }),
  'scheduledSessions.update': { description: 'changed' },
  'sessions.update': { prompt: 'changed' },
  'sessions.status': { phase: 'Running' },
  'sessions.addRepo': { url: 'https://git.test/b.git' },
  'sessions.setWorkflow': { git_url: 'https://git.test/w.git' },
  'sessions.setModel': { model: 'changed' },
  'sessions.rename': { name: 'changed' },
  'sessions.addMessage': { payload: 'changed' },
};

const bodyOf = (id: RouteId): unknown => {
  const body = BODIES[id];
  return typeof body === 'function' ? (body as () => unknown)() : body;
};

/** The path of a route for some belongings; `{id}` is a session or a schedule, by the route. */
const pathOf = ({ path }: Route, { project_id, agent_id, schedule_id, session_id }: Belongings): string =>
  path
    .replace('{project_id}', project_id)
    .replace('{agent_id}', agent_id)
    .replace('{id}', path.includes('scheduled-sessions') ? schedule_id : session_id)
    .replace('{name}', 'a');

const send = (caller: Client, route: Route & { id: RouteId }, path: string) =>
  caller.request(route.method, path, route.method === 'GET' || route.method === 'DELETE' ? {} : { body: bodyOf(route.id) });

const head = () => withEvents(dataDir, events => events.head());

const ofProjects = ROUTES.filter(({ scope }) => scope === 'path' || scope === 'session');
const named = (routes: typeof ROUTES) => routes.map(route => [`${route.method} ${route.path}`, route] as const);

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

  it.each(named(ofProjects.filter(({ path }) => path.startsWith('/projects/') && path.includes('id}/', 15) && /\{(agent_)?id\}/.test(path))))(
    "%s of another's thing through one's own project is 404 and changes nothing",
    async (_, route) => {
      const { status } = await send(bob, route, pathOf(route, { ...hers, project_id: his.project_id }));
      expect(status).toBe(404);
      expect(await head()).toBe(before);
    },
  );

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
      const withAgent = await bob.request('POST', '/sessions', { body: { ...body, project_id: 'of-bob', agent_id: hers.agent_id } });
      expect([400, 404]).toContain(withAgent.status);
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

describe('roles', () => {
  const ROLES = ['owner', 'editor', 'viewer', 'none'] as const;
  type Role = (typeof ROLES)[number];
  const callers = {} as Record<Role, Client>;
  const MEETS: Record<Role, readonly Route['needs'][]> = {
    owner: ['viewer', 'editor', 'owner', 'writer'],
    editor: ['viewer', 'editor', 'writer'],
    viewer: ['viewer'],
    none: [],
  };

  async function sharedProject(name: string): Promise<void> {
    await callers.owner.post('/projects', { name });
    for (const role of ['editor', 'viewer'] as const) {
      await callers.owner.post('/role_bindings', { role_id: `project:${role}`, scope: 'project', user_id: `the-${role}`, project_id: name });
    }
  }

  beforeAll(async () => {
    for (const role of ROLES) callers[role] = system.as(await provider.token(`the-${role}`));
    await sharedProject('shared');
  });

  /** What a route needs done before, so that nothing but the role decides. */
  async function prepare({ id }: { id: RouteId }): Promise<Belongings> {
    if (id === 'projects.delete') {
      const name = `doomed-${++made}`;
      await sharedProject(name);
      return { project_id: name, agent_id: '', schedule_id: '', session_id: '' };
    }
    const things = await belongings(callers.owner, 'shared');
    if (id === 'sessions.stop') {
      await callers.owner.post(`/sessions/${things.session_id}/start`, undefined, 200);
    }
    return things;
  }

  describe.each(ROLES)('%s', role => {
    it.each(named(ofProjects))('%s', async (_, route) => {
      const things = await prepare(route);
      const before = await head();
      const { status, body } = await send(callers[role], route, pathOf(route, things));
      const granted = MEETS[role].includes(route.needs);
      if (granted) {
        // A session that has ended by itself can't be stopped any more.
        expect([[route.status, 409], body]).toEqual([expect.arrayContaining([status]), body]);
        if (status === 409) expect(route.id).toBe('sessions.stop');
        return;
      }
      expect(status).toBe(role === 'none' || route.method === 'GET' ? 404 : 403);
      if (route.id !== 'sessions.stop') expect(await head()).toBe(before);
    });
  });

  it('platform:admin may do everything, platform:viewer read everything', async () => {
    const reader = system.as(await provider.token('auditor', ['platform:viewer']));
    const things = await belongings(callers.owner, 'shared');
    for (const route of ofProjects.filter(({ method }) => method === 'GET')) {
      expect([route.id, (await send(reader, route, pathOf(route, things))).status]).toEqual([route.id, 200]);
    }
    expect((await reader.request('PATCH', `/projects/shared`, { body: { description: 'x' } })).status).toBe(403);
    expect((await admin.request('PATCH', `/sessions/${things.session_id}/status`, { body: { phase: 'Running' } })).status).toBe(200);
  });

  it('are gone at once when they are revoked, and the last owner stays', async () => {
    const bindings = await callers.owner.all("/role_bindings?search=project_id%20%3D%20'shared'");
    const of = (user: string) => bindings.find(({ user_id }) => user_id === user)!['id'] as string;
    expect((await callers.viewer.request('GET', '/projects/shared')).status).toBe(200);
    expect((await callers.owner.request('DELETE', `/role_bindings/${of('the-viewer')}`)).status).toBe(204);
    expect((await callers.viewer.request('GET', '/projects/shared')).status).toBe(404);
    expect((await callers.owner.request('DELETE', `/role_bindings/${of('the-owner')}`)).status).toBe(409);
    expect((await callers.editor.request('DELETE', `/role_bindings/${of('the-owner')}`)).status).toBe(403);
  });
});

describe('without a token', () => {
  const nothing = { project_id: 'shared', agent_id: 'x'.repeat(27), schedule_id: 'x'.repeat(27), session_id: 'x'.repeat(27) };

  it.each(named(ROUTES.filter(({ needs }) => needs !== 'public')))('%s is 401, with a challenge', async (_, route) => {
    for (const token of [undefined, 'no-token-of-ours', await forged()]) {
      const { status, headers, body } = await send(system.as(token), route, pathOf(route, nothing));
      expect(status).toBe(401);
      expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
      expect(body).toMatchObject({ id: '15', code: 'ambient-api-server-15', status: 401 });
    }
  });

  it.each(named(ROUTES.filter(({ needs }) => needs === 'public')))('%s is public', async (_, route) => {
    expect((await system.as(undefined).request('GET', route.path.startsWith('//') ? route.path : route.path)).status).toBe(200);
  });

  it.each(['//healthz', '//readyz'])('%s is public', async path => {
    await until(async () => (await system.as(undefined).request('GET', path)).status === 200, 5000);
  });

  let other: Promise<IdentityProvider> | undefined;
  afterAll(async () => (await other)?.close());
  /** Signed by somebody else, all claims right. */
  const forged = async (): Promise<string> => (await (other ??= startIdentityProvider())).token('root', ['platform:admin']);
});
