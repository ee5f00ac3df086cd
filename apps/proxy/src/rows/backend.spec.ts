import { describe, expect, it } from '@jest/globals';
import { createRouter, parametersIn, upstreamPath } from '../router.js';
import { BACKEND_ROWS } from './backend.js';
import { parametersOf, ROWS } from './index.js';

/** The specification's table (5-proxy, Backend passthrough) once more, written out: who changes the one has to change the other. */
const TABLE = `
  project-configuration
    /api/projects/{project_id}/permissions                         GET editor, PUT POST DELETE owner
    /api/projects/{project_id}/keys                                GET POST DELETE owner
    /api/projects/{project_id}/mcp-servers                         GET editor, PUT owner
    /api/projects/{project_id}/runner-secrets                      GET PUT owner
    /api/projects/{project_id}/integration-secrets                 GET PUT owner
    /api/projects/{project_id}/secrets                             GET owner
    /api/projects/{project_id}/feature-flags                       GET editor, PUT POST DELETE owner
    /api/projects/{project_id}/feature-flags/{flag}                GET editor, PUT POST DELETE owner
    /api/projects/{project_id}/feature-flags/{flag}/override       GET editor, PUT POST DELETE owner
    /api/projects/{project_id}/feature-flags/{flag}/enable         GET editor, PUT POST DELETE owner
    /api/projects/{project_id}/feature-flags/{flag}/disable        GET editor, PUT POST DELETE owner
    /api/projects/{project_id}/feature-flags/evaluate/{flag}       GET viewer
    /api/projects/{project_id}/runner-types                        GET viewer
    /api/projects/{project_id}/models                              GET viewer
    /api/projects/{project_id}/integration-status                  GET editor
    /api/projects/{project_id}/access                              GET viewer
  repository
    /api/projects/{project_id}/repo/tree                           GET viewer
    /api/projects/{project_id}/repo/blob                           GET viewer
    /api/projects/{project_id}/repo/branches                       GET viewer
    /api/projects/{project_id}/repo/seed-status                    GET viewer
    /api/projects/{project_id}/repo/seed                           POST editor
    /api/projects/{project_id}/users/forks                         GET viewer, POST editor
  integrations
    /api/auth/github/{rest*}                                       GET HEAD POST PUT PATCH DELETE OPTIONS user
    /api/auth/google/{rest*}                                       GET HEAD POST PUT PATCH DELETE OPTIONS user
    /api/auth/jira/{rest*}                                         GET HEAD POST PUT PATCH DELETE OPTIONS user
    /api/auth/gitlab/{rest*}                                       GET HEAD POST PUT PATCH DELETE OPTIONS user
    /api/auth/gerrit/{rest*}                                       GET HEAD POST PUT PATCH DELETE OPTIONS user
    /api/auth/coderabbit/{rest*}                                   GET HEAD POST PUT PATCH DELETE OPTIONS user
    /api/auth/mcp/{rest*}                                          GET HEAD POST PUT PATCH DELETE OPTIONS user
  oauth-callback
    /oauth2callback                                                GET POST public
    /oauth2callback/status                                         GET public
  cluster
    /api/cluster-info                                              GET public
    /api/version                                                   GET public
    /api/runner-types                                              GET public
    /api/workflows/ootb                                            GET public
    /api/ldap/users                                                GET user
    /api/ldap/users/{uid}                                          GET user
    /api/ldap/groups                                               GET user
    /health                                                        GET public
  older-sessions
    /api/projects/{project_id}/scheduled-sessions/{rest*}          GET HEAD viewer, POST PUT PATCH DELETE OPTIONS editor
    /api/projects/{project_id}/agentic-sessions/{rest*}            GET HEAD viewer, POST PUT PATCH DELETE OPTIONS editor
  runner-internal
    /api/projects/{project_id}/agentic-sessions/{session_id}/github/token            POST runtime
    /api/projects/{project_id}/agentic-sessions/{session_id}/credentials/{provider}  GET runtime
    /api/projects/{project_id}/agentic-sessions/{session_id}/runner/feedback         POST runtime
`;

const written = (): string[] => {
  let group = '';
  return TABLE.split('\n').flatMap(line => {
    const [, indent = '', text = ''] = /^( *)(.*)$/.exec(line) ?? [];
    if (text === '') return [];
    if (indent.length === 2) {
      group = text;
      return [];
    }
    const [template = '', needs = ''] = text.split(/ {2,}/);
    return needs.split(', ').flatMap(part => {
      const words = part.split(' ');
      return words.slice(0, -1).map(method => `${group} ${method} ${template} ${words.at(-1)}`);
    });
  });
};

describe('the table of the backend', () => {
  it('is that of the specification', () => {
    const rows = BACKEND_ROWS.map(({ group, method, template, needs }) => `${group} ${method} ${template} ${needs}`);
    expect(rows.sort()).toEqual(written().sort());
  });

  it('is recorded, looks roles up in the project of the path, and takes bodies up to 10 MiB', () => {
    for (const row of BACKEND_ROWS) {
      expect(row).toMatchObject({ audited: true, to: 'backend', bodyLimitBytes: 10 * 1_048_576 });
      expect(row.scope).toBe(parametersOf(row.template).includes('project_id') ? 'path' : 'none');
      // What needs a role has to say where.
      if (row.scope === 'none') expect(['public', 'user']).toContain(row.needs);
      expect(row.credentials).toBe(row.group === 'oauth-callback' ? false : undefined);
    }
  });
});

describe('the router', () => {
  const match = createRouter(ROWS);
  const at = (path: string, method = 'GET') => match(path.slice(1).split('/'))?.get(method);

  it.each([
    ['GET', '/api/projects/p/agentic-sessions', 'older-sessions'],
    ['DELETE', '/api/projects/p/agentic-sessions/s/any/thing/below', 'older-sessions'],
    ['POST', '/api/projects/p/agentic-sessions/s/github/token', 'runner-internal'],
    ['GET', '/api/projects/p/agentic-sessions/s/credentials/github', 'runner-internal'],
    ['GET', '/api/projects/p/agentic-sessions/s/credentials', 'older-sessions'],
    ['GET', '/api/projects/p/agentic-sessions/s/credentials/github/more', 'older-sessions'],
    ['GET', '/api/auth/github', 'integrations'],
    ['GET', '/api/projects/p/feature-flags/evaluate/f', 'project-configuration'],
  ])('finds %s %s in %s', (method, path, group) => {
    expect(at(path, method)?.group).toBe(group);
  });

  it('never takes what is for the runtime for an older session', () => {
    for (const path of ['github/token', 'credentials/github', 'runner/feedback']) {
      const rows = match(`api/projects/p/agentic-sessions/s/${path}`.split('/'))!;
      expect([...rows.values()].map(({ needs }) => needs)).toEqual(['runtime']);
    }
  });

  it.each([
    '/api/projects/p',
    '/api/projects/p/',
    '/api/projects//permissions',
    '/api/projects/p/permissions/',
    '/api/projects/p/agentic-sessions/',
    '/api/projects/p/agentic-sessions/s/github/token/',
    '/api/auth/bitbucket/login',
    '/api/auth',
    '/API/version',
    '/oauth2callback/other',
    '/internal/proxy-audit',
    '/internal/caller-roles',
  ])('finds nothing for %s', path => {
    expect(match(path.slice(1).split('/'))).toBeUndefined();
  });

  it('builds the path for the upstream from the template, parameters encoded anew', () => {
    const segments = ['api', 'projects', 'a b', 'agentic-sessions', 's;x', 'ö', '..;', 'a=b&c'];
    const row = match(segments)!.get('GET')!;
    expect(upstreamPath(row, segments)).toBe('/api/projects/a%20b/agentic-sessions/s%3Bx/%C3%B6/..%3B/a%3Db%26c');
    expect(parametersIn(row, segments)).toEqual({ project_id: 'a b', rest: 's;x/ö/..;/a=b&c' });
  });

  it('refuses two rows for the same', () => {
    const [row] = BACKEND_ROWS;
    expect(() => createRouter([row!, { ...row!, template: row!.template.replace('project_id', 'p') }])).toThrow('two rows for');
  });
});
