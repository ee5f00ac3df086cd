/** Which headers pass, and which the proxy sets itself. */
import type { IncomingHttpHeaders, IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { randomUUID } from 'node:crypto';
import { hasBody } from './problem.js';

/** They are about one connection (RFC 9110, section 7.6.1); the proxy has two. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Set by the proxy or by no one: framing, credentials, and everything by which a service could believe that it knows the caller. */
const NEVER_FROM_CLIENT = new Set([
  'authorization',
  'content-length',
  'cookie',
  'expect',
  'forwarded',
  'host',
  'traceparent',
  'x-ambient-roles',
  'x-ambient-session-token',
  'x-ambient-user',
  'x-operation-id',
]);
const NEVER_FROM_CLIENT_PREFIX = /^x-(?:forwarded|remote)-/;

/** A header that some servers take for its twin with `-`. */
const isTwin = (name: string): boolean => name.includes('_');

/** Names that `Connection` makes hop-by-hop; undefined for the usual ones, which name none. */
function namedByConnection(connection: string | undefined): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.split(',').map(name => name.trim().toLowerCase()));
}

/** What the proxy says about a request in its own name. */
export interface OwnHeaders {
  readonly operationId: string;
  /** The token that was judged, and no other that the request may carry. None for a route without authentication. */
  readonly token: string | undefined;
}

/** Headers for the upstream as undici takes them: name, value, name, value … */
export function requestHeaders(request: IncomingMessage, own: OwnHeaders): string[] {
  const { rawHeaders, headers } = request;
  const named = namedByConnection(headers.connection);
  const passed: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [header = '', value = ''] = [rawHeaders[index], rawHeaders[index + 1]];
    const name = header.toLowerCase();
    if (HOP_BY_HOP.has(name) || NEVER_FROM_CLIENT.has(name) || named?.has(name)) continue;
    if (isTwin(name) || NEVER_FROM_CLIENT_PREFIX.test(name)) continue;
    passed.push(name, value);
  }
  // After the removal: a Connection header that names ours does not take them away.
  passed.push('x-operation-id', own.operationId, 'traceparent', traceparentOf(headers['traceparent']));
  if (own.token !== undefined) passed.push('authorization', `Bearer ${own.token}`);
  const length = headers['content-length'];
  if (length !== undefined && hasBody(headers)) passed.push('content-length', length);
  return passed;
}

/** Headers of an answer, for the client. */
export function responseHeaders(upstream: IncomingHttpHeaders, own: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const named = namedByConnection(upstream.connection);
  const passed: OutgoingHttpHeaders = {};
  for (const name in upstream) {
    if (!HOP_BY_HOP.has(name) && !isTwin(name) && !named?.has(name)) passed[name] = upstream[name];
  }
  const vary = [upstream.vary, own['vary']].filter(Boolean).join(', ');
  return Object.assign(passed, own, vary && { vary });
}

const OPERATION_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The client's operation id where it is a harmless one, else a new one. */
export const operationIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && OPERATION_ID.test(header) ? header : randomUUID();

/** Version 00 of W3C Trace Context, section 3.2; ids of zeros are invalid. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceparentOf(header: string | string[] | undefined): string {
  if (typeof header === 'string' && TRACEPARENT.test(header)) return header;
  const hex = () => randomUUID().replaceAll('-', '');
  return `00-${hex()}-${hex().slice(16)}-01`;
}
