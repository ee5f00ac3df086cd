import { describe, expect, it } from '@jest/globals';
import type { Principal } from '#access';
import type { RoleId } from '#contracts';
import { CallerRolesOverHttp } from './caller-roles-over-http.js';

const ann: Principal = { id: 'ann', kind: 'user', roles: [] };

function asked(answer: (url: URL) => Response | Promise<Response>) {
  let now = 0;
  const questions: { url: URL; authorization: string | null }[] = [];
  const roles = new CallerRolesOverHttp({
    url: 'http://query.test:8002/ignored',
    token: 'token-of-the-proxy',
    now: () => now,
    fetch: async (input, init) => {
      const url = new URL(input instanceof Request ? input.url : input);
      questions.push({ url, authorization: new Headers(init?.headers).get('authorization') });
      return answer(url);
    },
  });
  return { roles, questions, pass: (ms: number) => void (now += ms) };
}

const telling = (...roles: RoleId[]) => Response.json({ found: true, roles });

describe('roles over HTTP', () => {
  it("are asked of the query API with the proxy's own credential", async () => {
    const { roles, questions } = asked(() => telling('project:editor'));
    expect(await roles.inProject({ ...ann, id: 'ann & bob' }, 'blue')).toEqual(['project:editor']);
    expect(questions.map(({ url, authorization }) => [String(url), authorization])).toEqual([
      ['http://query.test:8002/internal/caller-roles?user=ann+%26+bob&project_id=blue', 'Bearer token-of-the-proxy'],
    ]);
  });

  it('are believed for two seconds, by caller and project', async () => {
    const { roles, questions, pass } = asked(url => telling(url.search.includes('blue') ? 'project:owner' : 'project:viewer'));
    expect(await roles.inProject(ann, 'blue')).toEqual(['project:owner']);
    expect(await roles.inProject(ann, 'red')).toEqual(['project:viewer']);
    pass(1999);
    expect(roles.inProject(ann, 'blue')).toEqual(['project:owner']);
    expect(questions).toHaveLength(2);
    pass(1);
    await roles.inProject(ann, 'blue');
    await roles.inProject({ ...ann, id: 'bob' }, 'blue');
    expect(questions).toHaveLength(4);
  });

  it('are asked once by all who ask meanwhile', async () => {
    const { roles, questions } = asked(() => telling('project:viewer'));
    await Promise.all(Array.from({ length: 50 }, async () => roles.inProject(ann, 'blue')));
    expect(questions).toHaveLength(1);
  });

  it('add to those of the credential, and an administrator needs no others', async () => {
    const { roles, questions } = asked(() => telling('project:viewer'));
    expect(await roles.inProject({ ...ann, roles: ['runtime'] }, 'blue')).toEqual(['runtime', 'project:viewer']);
    expect(await roles.inProject({ ...ann, id: 'root', roles: ['platform:admin'] }, 'blue')).toEqual(['platform:admin']);
    expect(questions).toHaveLength(1);
  });

  it('for a session come with its project; one that never was has none', async () => {
    const { roles } = asked(url =>
      url.searchParams.get('session_id') === 's'
        ? Response.json({ found: true, roles: ['project:viewer'], project_id: 'blue' })
        : Response.json({ found: false, roles: [] }),
    );
    expect(await roles.forSession(ann, 's')).toEqual({ roles: ['project:viewer'], project_id: 'blue' });
    expect(await roles.forSession(ann, 't')).toBeUndefined();
  });

  it.each<[string, () => Response]>([
    ['an error', () => new Response('', { status: 503 })],
    ['a refusal', () => new Response('', { status: 401 })],
    ['something else', () => Response.json({ roles: ['root'] })],
    ['no JSON', () => new Response('<html>')],
  ])('that come as %s are none, and asked again the next time', async (_name, answer) => {
    let fine = false;
    const { roles } = asked(() => (fine ? telling('project:viewer') : answer()));
    await expect(roles.inProject(ann, 'blue')).rejects.toMatchObject({ name: 'RolesUnavailable' });
    fine = true;
    expect(await roles.inProject(ann, 'blue')).toEqual(['project:viewer']);
  });
});
