/** Who may what, for every route and role, and what the world may without a token. The cases come from the route table. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROUTES, type EventMetadata, type Route, type RouteId } from '#contracts';
import { another, belongings, named, ofProjects, pathOf, send, type Belongings } from './support/belongings.js';
import type { Client } from './support/http.js';
import { startIdentityProvider, type IdentityProvider } from './support/jwks.js';
import { withEvents } from './support/stores.js';
import { TestBed, type System } from './support/system.js';
import { until } from './support/until.js';

const bed = new TestBed();
let provider: IdentityProvider;
let system: System;
let dataDir: string;
let admin: Client;

beforeAll(async () => {
  provider = await startIdentityProvider();
  dataDir = await bed.dataDir();
  system = await bed.start(dataDir, provider.settings);
  admin = system.as(await provider.token('root', ['platform:admin']));
}, 120_000);
afterAll(async () => {
  await bed.clear();
  provider.close();
});

const head = () => withEvents(dataDir, events => events.head());

/** Types of the events that a user caused after a position. */
const eventsBy = (user: string, after: string | undefined) =>
  withEvents(dataDir, async events => {
    const since = await events.readAll({ after, limit: 1000 });
    return since.filter(({ metadata }) => (JSON.parse(metadata) as EventMetadata).actor.id === user).map(({ type }) => type);
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
      await callers.owner.post('/role_bindings', {
        role_id: `project:${role}`,
        scope: 'project',
        user_id: `the-${role}`,
        project_id: name,
      });
    }
  }

  beforeAll(async () => {
    for (const role of ROLES) callers[role] = system.as(await provider.token(`the-${role}`));
    await sharedProject('shared');
  });

  /** What a route needs done before, so that nothing but the role decides. */
  async function prepare({ id }: { id: RouteId }): Promise<Belongings> {
    if (id === 'projects.delete') {
      const name = `doomed-${another()}`;
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
      // Sessions that were started before may go on meanwhile: what counts is what this caller did.
      expect(await eventsBy(`the-${role}`, before)).toEqual([]);
    });
  });

  it('platform:admin may do everything, platform:viewer read everything', async () => {
    const reader = system.as(await provider.token('auditor', ['platform:viewer']));
    const things = await belongings(callers.owner, 'shared');
    for (const route of ofProjects.filter(({ method }) => method === 'GET')) {
      // The audit is an owner's and an administrator's.
      const expected = route.needs === 'owner' ? 404 : 200;
      expect([route.id, (await send(reader, route, pathOf(route, things))).status]).toEqual([route.id, expected]);
    }
    expect((await reader.request('PATCH', `/projects/shared`, { body: { description: 'x' } })).status).toBe(403);
    expect((await admin.request('PATCH', `/sessions/${things.session_id}/status`, { body: { phase: 'Running' } })).status).toBe(
      200,
    );
  });

  it('messages of another type than user, and status reports, are for the runtime', async () => {
    const { session_id } = await belongings(callers.owner, 'shared');
    const body = { event_type: 'assistant', payload: 'I am the agent' };
    const refused = await callers.owner.request('POST', `/sessions/${session_id}/messages`, { body });
    expect([refused.status, refused.body['reason']]).toEqual([400, expect.stringContaining('event_type')]);
    const runtime = system.as(await provider.token('a-runtime', ['runtime']));
    expect((await runtime.request('POST', `/sessions/${session_id}/messages`, { body })).status).toBe(201);
    expect((await runtime.request('PATCH', `/sessions/${session_id}/status`, { body: { phase: 'Failed' } })).status).toBe(200);
    expect((await runtime.request('DELETE', `/sessions/${session_id}`)).status).toBe(403);
  });

  it('are gone at once when they are revoked, and the last owner stays', async () => {
    const bindings = await callers.owner.all("/role_bindings?search=project_id%20%3D%20'shared'");
    const of = (user: string) => bindings.find(({ user_id }) => user_id === user)!['id'] as string;
    expect((await callers.viewer.request('GET', '/projects/shared')).status).toBe(200);
    expect((await callers.owner.request('DELETE', `/role_bindings/${of('the-viewer')}`)).status).toBe(204);
    expect((await callers.viewer.request('GET', '/projects/shared')).status).toBe(404);
    expect((await callers.owner.request('DELETE', `/role_bindings/${of('the-owner')}`)).status).toBe(409);
    // An editor may not even read bindings.
    expect((await callers.editor.request('DELETE', `/role_bindings/${of('the-owner')}`)).status).toBe(404);
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
    expect((await system.as(undefined).request('GET', route.path)).status).toBe(200);
  });

  it.each(['//healthz', '//readyz'])('%s is public', async path => {
    await until(async () => (await system.as(undefined).request('GET', path)).status === 200, 5000);
  });

  let other: Promise<IdentityProvider> | undefined;
  afterAll(async () => (await other)?.close());
  /** Signed by somebody else, all claims right. */
  const forged = async (): Promise<string> => (await (other ??= startIdentityProvider())).token('root', ['platform:admin']);
});
