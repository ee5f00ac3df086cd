import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { ERRORS } from './errors.js';
import { openApiDocument } from './openapi.js';
import { fullPath, ROUTES, type Route } from './routes.js';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly security?: readonly unknown[];
  readonly parameters?: readonly (Parameter | { readonly $ref: string })[];
  readonly requestBody?: { readonly required: boolean; readonly content: Record<string, { schema: object }> };
  readonly responses: Record<
    string,
    { readonly content?: Record<string, { schema: object }>; readonly headers?: object; $ref?: string }
  >;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: Record<string, Record<string, object>>;
}

const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as Document;

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);

function operationOf(id: string): Operation {
  return operations.find(({ operation }) => operation.operationId === id)!.operation;
}

function resolve(pointer: string): unknown {
  return pointer
    .slice(2)
    .split('/')
    .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], document);
}

const parametersOf = ({ parameters = [] }: Operation): Parameter[] =>
  parameters.map(parameter => ('$ref' in parameter ? (resolve(parameter.$ref) as Parameter) : parameter));

const namesIn = (operation: Operation, where: string): string[] =>
  parametersOf(operation)
    .filter(parameter => parameter.in === where)
    .map(({ name }) => name);

/** Every object of the document. */
function* nodes(node: unknown): Generator<Record<string, unknown>> {
  if (typeof node !== 'object' || node === null) return;
  if (!Array.isArray(node)) yield node as Record<string, unknown>;
  for (const child of Object.values(node)) yield* nodes(child);
}

describe('the OpenAPI document', () => {
  it('is of version 3.1.0 and carries the version of the service', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } });
  });

  it('has no reference that leads nowhere', () => {
    const references = [...nodes(document)].flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : []));
    expect(references.length).toBeGreaterThan(100);
    expect(references.filter(pointer => resolve(pointer) === undefined)).toEqual([]);
  });

  it('has no parameter or header that nothing refers to', () => {
    const text = JSON.stringify(document);
    const unused = ['parameters', 'headers'].flatMap(kind =>
      Object.keys(document.components[kind]!).filter(name => !text.includes(`"#/components/${kind}/${name}"`)),
    );
    expect(unused).toEqual([]);
  });

  it('tells every route exactly once', () => {
    const told = operations.map(({ path, method, operation }) => `${operation.operationId} ${method.toUpperCase()} ${path}`);
    const routes = ROUTES.map(route => `${route.id} ${route.method} ${fullPath(route)}`);
    expect(told.sort()).toEqual(routes.sort());
  });

  it('declares every path parameter, and no other', () => {
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(namesIn(operation, 'path')).toEqual(inPath);
      const pathParameters = parametersOf(operation).filter(parameter => parameter.in === 'path');
      expect(pathParameters.every(({ required }) => required)).toBe(true);
    }
  });

  it('names a parameter of one place once in an operation', () => {
    for (const { operation } of operations) {
      const names = parametersOf(operation).map(parameter => `${parameter.in} ${parameter.name}`);
      expect(new Set(names).size).toBe(names.length);
    }
  });

  it('has a tag for each operation among its tags', () => {
    const tags = new Set(document.tags.map(({ name }) => name));
    expect(operations.filter(({ operation }) => !operation.tags.every(tag => tags.has(tag)))).toEqual([]);
  });

  it('asks for a bearer token everywhere but on public routes', () => {
    const open = operations
      .filter(({ operation }) => operation.security?.length === 0)
      .map(({ operation }) => operation.operationId);
    expect(open.sort()).toEqual(
      ROUTES.filter(({ needs }) => needs === 'public')
        .map(({ id }) => id)
        .sort(),
    );
    expect(document).toMatchObject({ security: [{ bearer: [] }] });
    expect(document.components['securitySchemes']).toEqual({ bearer: { type: 'http', scheme: 'bearer' } });
  });

  it('gives every list the list query', () => {
    for (const route of ROUTES.filter(({ list }) => list)) {
      expect(namesIn(operationOf(route.id), 'query')).toEqual(
        expect.arrayContaining(['page', 'size', 'orderBy', 'fields', 'search', 'consistency']),
      );
    }
  });

  it.each([
    ['scheduledSessions.get', ['as_of']],
    ['sessions.get', ['as_of']],
    ['scheduledSessions.upcoming', ['count', 'after']],
    ['scheduledSessions.history', ['after', 'limit']],
    ['sessions.history', ['after', 'limit']],
    ['sessions.messages', ['after_seq']],
    ['audit.list', ['after', 'from', 'to', 'actor', 'type', 'limit']],
  ])('gives %s its own query parameters', (id, names) => {
    expect(namesIn(operationOf(id), 'query')).toEqual(names);
  });

  it('lets sessions.list be narrowed to a project', () => {
    expect(namesIn(operationOf('sessions.list'), 'query')).toContain('project_id');
  });

  it('takes an Idempotency-Key on every POST and nowhere else', () => {
    const taking = operations.filter(({ operation }) => namesIn(operation, 'header').includes('Idempotency-Key'));
    expect(taking.map(({ operation }) => operation.operationId).sort()).toEqual(
      ROUTES.filter(({ method }) => method === 'POST')
        .map(({ id }) => id)
        .sort(),
    );
  });

  it('takes If-Match on changes, deletions and actions, and may answer 412 there', () => {
    for (const id of ['projects.update', 'agents.delete', 'scheduledSessions.suspend', 'sessions.start']) {
      expect(namesIn(operationOf(id), 'header')).toContain('If-Match');
      expect(operationOf(id).responses).toHaveProperty('412');
    }
    for (const id of ['projects.get', 'sessions.create', 'sessions.list']) {
      expect(namesIn(operationOf(id), 'header')).not.toContain('If-Match');
      expect(operationOf(id).responses).not.toHaveProperty('412');
    }
  });

  it('requires a body where a route has one, except of an action', () => {
    for (const route of ROUTES as readonly Route[]) {
      const { requestBody } = operationOf(route.id);
      expect(requestBody?.required).toBe(route.body ? !route.bodyOptional : undefined);
    }
  });

  it('tells the success status of each route, with the schema of its answer', () => {
    for (const route of ROUTES as readonly Route[]) {
      const { responses } = operationOf(route.id);
      expect(Object.keys(responses).filter(status => status.startsWith('2'))).toEqual([String(route.status)]);
      const { content } = responses[route.status]!;
      expect(content === undefined).toBe(route.status === 204);
      expect(Object.keys(content ?? {})).toEqual(
        route.status === 204
          ? []
          : [
              route.contentType ?? 'application/json',
              ...(route.eventStream ? ['text/event-stream'] : []),
              ...(route.lines ? ['application/x-ndjson'] : []),
            ],
      );
    }
  });

  it('has an ETag on every single resource, and on no list', () => {
    expect(operationOf('sessions.get').responses['200']!.headers).toHaveProperty('ETag');
    expect(operationOf('projects.create').responses['201']!.headers).toHaveProperty('ETag');
    expect(operationOf('sessions.list').responses['200']!.headers).not.toHaveProperty('ETag');
  });

  it('answers every error in the envelope, as a problem', () => {
    const statuses = new Set(Object.values(ERRORS).map(({ status }) => `Error${status}`));
    expect(Object.keys(document.components['responses']!).sort()).toEqual([...statuses, 'Error'].sort());
    for (const response of Object.values(document.components['responses']!)) {
      expect(response).toMatchObject({
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/ErrorEnvelope' } } },
      });
    }
    for (const { operation } of operations) expect(operation.responses).toHaveProperty('default');
  });

  it('says in the text of an answer which error numbers have its status', () => {
    expect(document.components['responses']!['Error400']).toMatchObject({
      description: 'Validation failed (error 8), Malformed request (error 17), Bad request (error 21), Bad search (error 23)',
    });
  });
});

describe('the schemas of the document', () => {
  const schemas = document.components['schemas']!;

  it('are legal JSON Schema 2020-12, nullable fields included', () => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    for (const schema of Object.values(schemas)) expect(ajv.validateSchema({ ...schema })).toBe(true);
    const changes = ajv.compile({ $ref: '#/components/schemas/AgentChanges', components: document.components });
    expect(changes({ description: null, name: 'a' })).toBe(true);
    expect(changes({ name: null })).toBe(false);
  });

  it('stand once: no object with fields is told twice', () => {
    const objects = [...nodes(document)].filter(
      node => node['type'] === 'object' && Object.keys(node['properties'] ?? {}).length > 0,
    );
    const texts = objects.map(node => JSON.stringify(node));
    expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
  });

  it('refer to each other instead of repeating', () => {
    expect(schemas['SessionList']).toMatchObject({ properties: { items: { items: { $ref: '#/components/schemas/Session' } } } });
    expect(schemas['Triggered']).toMatchObject({ properties: { session: { $ref: '#/components/schemas/Session' } } });
  });

  it('say what a format of ours means, and call an instant date-time', () => {
    expect(schemas['JsonArrayText']).toMatchObject({ format: 'json-array', description: 'a JSON array as text' });
    expect(schemas['Instant']).toMatchObject({ type: 'string', format: 'date-time' });
  });
});
