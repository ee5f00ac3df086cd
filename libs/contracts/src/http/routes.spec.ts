import { describe, expect, it } from '@jest/globals';
import { BASE_PATH, fullPath, hrefs, ROUTES, routeOf, type Route, type RouteId } from './routes.js';

const routes: readonly Route[] = ROUTES;

const parametersOf = ({ path }: Route): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!);
const idsWhere = (condition: (route: Route) => boolean): string[] => routes.filter(condition).map(({ id }) => id);
const repeated = (texts: readonly string[]): string[] => texts.filter((text, index) => texts.indexOf(text) !== index);

describe('the route table', () => {
  it('names every route once', () => {
    expect(repeated(routes.map(({ id }) => id))).toEqual([]);
  });

  it('has every method of a path once, whatever its parameters are called', () => {
    expect(repeated(routes.map(route => `${route.method} ${fullPath(route).replaceAll(/\{\w+\}/g, '{}')}`))).toEqual([]);
  });

  it('calls the parameter of one place by one name', () => {
    const places = new Map<string, Set<string>>();
    for (const route of routes) {
      const segments = fullPath(route).split('/');
      for (const [index, segment] of segments.entries()) {
        if (!segment.startsWith('{')) continue;
        const place = segments
          .slice(0, index)
          .join('/')
          .replaceAll(/\{\w+\}/g, '{}');
        places.set(place, (places.get(place) ?? new Set()).add(segment));
      }
    }
    expect([...places].filter(([, names]) => names.size > 1)).toEqual([]);
  });

  it('finds the project where the path has it', () => {
    expect(idsWhere(route => (route.scope === 'path') !== parametersOf(route).includes('project_id'))).toEqual([]);
    expect(idsWhere(({ scope, path }) => (scope === 'session') !== path.startsWith('/sessions/{id}'))).toEqual([]);
  });

  it('asks for a role of a project only where it finds one', () => {
    const ofProject = new Set(['viewer', 'editor', 'owner', 'runtime', 'writer']);
    expect(idsWhere(({ needs, scope }) => ofProject.has(needs) !== (scope === 'path' || scope === 'session'))).toEqual([]);
  });

  it('lets commands write and queries read', () => {
    expect(idsWhere(({ method, service }) => (method === 'GET') !== (service === 'query'))).toEqual([]);
  });

  it('answers reads with 200, deletions with 204 or what is left, and everything with a schema unless it has none', () => {
    expect(idsWhere(({ method, status }) => method === 'GET' && status !== 200)).toEqual([]);
    expect(idsWhere(({ method, status }) => method === 'PATCH' && status !== 200)).toEqual([]);
    expect(idsWhere(({ method, status }) => method === 'DELETE' && status !== 204)).toEqual(['sessions.removeRepo']);
    expect(idsWhere(({ status, answer }) => status === 204 && answer !== undefined)).toEqual([]);
    expect(idsWhere(({ status, answer }) => status !== 204 && answer === undefined)).toEqual([
      'root',
      'version',
      'openapi',
      'asyncapi',
      'agents.preview',
    ]);
  });

  it('answers 201 to exactly what makes something new', () => {
    expect(idsWhere(({ status }) => status === 201).sort()).toEqual(
      [
        'agents.create',
        'projects.create',
        'roleBindings.create',
        'scheduledSessions.create',
        'sessions.addMessage',
        'sessions.clone',
        'sessions.create',
      ].sort(),
    );
  });

  it('has a body on every PATCH and on every POST that is no action, and none on GET and DELETE', () => {
    expect(
      idsWhere(({ method, body, bodyOptional }) => (method === 'PATCH' || method === 'POST') && !body && !bodyOptional),
    ).toEqual([]);
    expect(
      idsWhere(({ method, body, bodyOptional }) => (method === 'GET' || method === 'DELETE') && !!(body || bodyOptional)),
    ).toEqual([]);
  });

  it('lets exactly the actions come without a body', () => {
    const actions = /\/(start|stop|suspend|resume|trigger|clone)$/;
    expect(idsWhere(({ path, method, bodyOptional }) => (method === 'POST' && actions.test(path)) !== !!bodyOptional)).toEqual(
      [],
    );
  });

  it('is public nowhere but at the four documents', () => {
    expect(idsWhere(({ needs }) => needs === 'public')).toEqual(['root', 'version', 'openapi', 'asyncapi']);
  });

  it('needs an owner for what deletes in a project or changes it', () => {
    expect(idsWhere(({ method, id, needs }) => method === 'DELETE' && needs !== 'owner' && id !== 'sessions.removeRepo')).toEqual(
      ['roleBindings.delete'],
    );
    expect(routeOf('projects.update').needs).toBe('owner');
  });

  it('has query parameters only on reads, and none that a list has anyway', () => {
    const ofLists = new Set(['page', 'size', 'orderBy', 'fields', 'search', 'consistency']);
    expect(idsWhere(({ method, query }) => method !== 'GET' && query !== undefined)).toEqual([]);
    expect(routes.flatMap(({ query }) => Object.keys(query ?? {})).filter(name => ofLists.has(name))).toEqual([]);
  });
});

describe('paths', () => {
  it('stand under the base, or from the root after two slashes', () => {
    expect(fullPath(routeOf('root'))).toBe('/api/ambient');
    expect(fullPath(routeOf('version'))).toBe('/api/ambient/v1/version');
    expect(idsWhere(route => route.id !== 'root' && !fullPath(route).startsWith(`${BASE_PATH}/`))).toEqual([]);
  });

  it('of resources are those that their hrefs say', () => {
    const filled = (id: RouteId, ...values: string[]) =>
      values.reduce((path, value) => path.replace(/\{\w+\}/, value), fullPath(routeOf(id)));
    expect(hrefs.project('p')).toBe(filled('projects.get', 'p'));
    expect(hrefs.agent('p', 'a')).toBe(filled('agents.get', 'p', 'a'));
    expect(hrefs.scheduledSession('p', 's')).toBe(filled('scheduledSessions.get', 'p', 's'));
    expect(hrefs.session('s')).toBe(filled('sessions.get', 's'));
    expect(hrefs.roleBinding('b')).toBe(filled('roleBindings.get', 'b'));
  });

  it('are looked up by id, and one that is not there is an error', () => {
    expect(routeOf('agents.start').path).toBe('/projects/{project_id}/agents/{agent_id}/start');
    expect(() => routeOf('agents.burn' as RouteId)).toThrow('no route agents.burn in the table');
  });
});
