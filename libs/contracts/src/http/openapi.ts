/** The OpenAPI 3.1 document, made from the route table and the schemas alone: it can't say anything that the service does not do. */
import Type, { type TSchema } from 'typebox';
import { ERRORS } from './errors.js';
import { errorStatus, reference, sharedSchemas, toJsonSchema, type Json } from './openapi-schemas.js';
import { fullPath, LINES, ROUTES, type Route } from './routes.js';

/**
 * The whole document, ready to be sent as JSON.
 * @param version of the service
 */
export function openApiDocument(version: string): object {
  const paths: Record<string, Json> = {};
  for (const route of ROUTES) {
    const path = fullPath(route);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ambient Sessions',
      summary: 'AI agent sessions on cron schedules, and the whole truth about them.',
      version,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    security: [{ bearer: [] }],
    tags: [...new Set(ROUTES.map(tagOf))].map(name => ({ name })),
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      parameters: PARAMETERS,
      headers: HEADERS,
      responses: errorResponses(),
      schemas: sharedSchemas(),
    },
  };
}

const parameter = (where: 'query' | 'header', name: string, schema: TSchema, description: string): Json => ({
  name,
  in: where,
  description,
  schema: toJsonSchema(schema),
});

const LIST_PARAMETERS = {
  page: parameter('query', 'page', Type.Integer({ minimum: 1, default: 1 }), 'A page past the end is empty.'),
  size: parameter('query', 'size', Type.Integer({ minimum: 0, default: 100 }), 'Items on a page; more than 500 counts as 500.'),
  orderBy: parameter('query', 'orderBy', Type.String(), 'Comma list of `field [asc|desc]`; after them by creation, then id.'),
  fields: parameter('query', 'fields', Type.String(), 'Comma list of the fields to answer; `id` is always among them.'),
  search: parameter('query', 'search', Type.String(), "For example `name like 'a%' and enabled = 'true'`."),
  consistency: parameter('query', 'consistency', Type.Enum(['eventual']), 'Answer at once, perhaps without the newest writes.'),
};

const PARAMETERS: Readonly<Record<string, Json>> = {
  ...LIST_PARAMETERS,
  ifMatch: parameter('header', 'If-Match', Type.String(), 'An ETag: 412 unless the resource still has it.'),
  idempotencyKey: parameter(
    'header',
    'Idempotency-Key',
    Type.String(),
    'Kept 24 h per caller: the same key and body give the same answer and no second effect.',
  ),
  lastEventId: parameter('header', 'Last-Event-ID', Type.Integer({ minimum: 0 }), 'Of a live stream: go on after this message.'),
};

const HEADERS: Readonly<Record<string, Json>> = {
  'X-Operation-ID': { description: 'Finds the request in the log.', schema: { type: 'string' } },
  ETag: { description: 'The revision of the resource, in double quotes.', schema: { type: 'string' } },
  'X-Read-Lag-Events': { description: 'So many events are not in this answer yet.', schema: { type: 'integer', minimum: 1 } },
};

const headers = (...names: string[]): Json => Object.fromEntries(names.map(name => [name, reference('headers', name)]));

const tagOf = ({ id }: Route): string => id.split('.')[0] ?? id;

/** Names of the parameters in braces. */
const pathParameters = (path: string): string[] => [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');

/** Actions and changes of something that has an ETag. */
const takesIfMatch = ({ method, bodyOptional }: Route): boolean =>
  method === 'PATCH' || method === 'DELETE' || bodyOptional === true;

function operation(route: Route): Json {
  const parameters = parametersOf(route);
  return {
    operationId: route.id,
    tags: [tagOf(route)],
    summary: route.summary,
    description: `Needs: ${route.needs}.`,
    ...(route.needs === 'public' ? { security: [] } : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(route.body ? { requestBody: { required: !route.bodyOptional, content: json(route.body) } } : {}),
    responses: { [route.status]: success(route), ...errorsOf(route) },
  };
}

function parametersOf(route: Route): Json[] {
  const shared = [
    ...(route.list ? Object.keys(LIST_PARAMETERS) : []),
    ...(takesIfMatch(route) ? ['ifMatch'] : []),
    ...(route.method === 'POST' ? ['idempotencyKey'] : []),
    ...(route.eventStream ? ['lastEventId'] : []),
  ];
  return [
    ...pathParameters(route.path).map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } })),
    ...Object.entries(route.query ?? {}).map(([name, schema]) => ({ name, in: 'query', schema: toJsonSchema(schema) })),
    ...shared.map(name => reference('parameters', name)),
  ];
}

const json = (schema: TSchema): Json => ({ 'application/json': { schema: toJsonSchema(schema) } });

function success(route: Route): Json {
  if (route.status === 204) return { description: 'Done', headers: headers('X-Operation-ID') };
  const content =
    route.contentType === undefined
      ? json(route.answer ?? Type.Object({}))
      : { [route.contentType]: { schema: { type: 'string' } } };
  return {
    description: route.summary,
    headers: headers('X-Operation-ID', ...(isResource(route) ? ['ETag'] : []), ...(route.list ? ['X-Read-Lag-Events'] : [])),
    content: {
      ...content,
      ...(route.eventStream ? { 'text/event-stream': { schema: { type: 'string' } } } : {}),
      ...(route.lines ? { [LINES]: { schema: { type: 'string' } } } : {}),
    },
  };
}

/** A single resource has an address of its own. */
const isResource = ({ answer }: Route): boolean =>
  answer !== undefined && 'properties' in answer && Object.hasOwn(answer.properties as object, 'href');

/** The errors that a route is known for; any other comes as `default`, in the same envelope. */
function errorsOf(route: Route): Json {
  const takesBody = route.body !== undefined;
  const writes = route.method !== 'GET';
  const statuses = [
    ...(takesBody || route.list || route.query ? [400] : []),
    ...(route.needs === 'public' ? [] : [401]),
    ...(writes ? [403, 409] : []),
    ...(route.scope === 'request' || pathParameters(route.path).length > 0 ? [404] : []),
    ...(takesIfMatch(route) ? [412] : []),
    ...(takesBody ? [413] : []),
    ...(route.method === 'POST' ? [422] : []),
    500,
    503,
  ];
  return Object.fromEntries(
    [...statuses, 'default' as const].map(status => [status, reference('responses', errorStatus(status))]),
  );
}

/** One answer a status, and one for all others; several error numbers may share a status. */
function errorResponses(): Json {
  const titles = Object.entries(ERRORS).map(([number, { status, title }]) => ({ status, text: `${title} (error ${number})` }));
  const statuses = [...new Set(titles.map(({ status }) => status))];
  const described = statuses.map(status => [
    errorStatus(status),
    errorResponse(
      titles
        .filter(error => error.status === status)
        .map(({ text }) => text)
        .join(', '),
    ),
  ]);
  return Object.fromEntries([...described, [errorStatus('default'), errorResponse('Any other error')]]) as Json;
}

const errorResponse = (description: string): Json => ({
  description,
  headers: headers('X-Operation-ID'),
  content: { 'application/problem+json': { schema: reference('schemas', 'ErrorEnvelope') } },
});
