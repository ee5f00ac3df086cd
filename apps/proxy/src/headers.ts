/** Which headers pass, and which the proxy sets itself. */
import type { IncomingMessage } from 'node:http';
import { randomBytes, randomUUID } from 'node:crypto';
import type { RoleId } from '#contracts';

/** What a request may say to an upstream, in the client's own words. Everything else stays here. */
const FROM_CLIENT: ReadonlySet<string> = new Set([
  'accept',
  'accept-charset',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-digest',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-range',
  'content-type',
  'idempotency-key',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-event-id',
  'pragma',
  'prefer',
  'range',
  'tracestate',
  'user-agent',
  'x-ambient-project',
  'x-requested-with',
]);

/** They are about one connection (RFC 9110, section 7.6.1); the proxy has two. */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
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

/** A server that is not the project's has no say about the browser's dealings with the project's origin. */
const NOT_FROM_OTHERS =
  /^(?:set-cookie2?|access-control-.*|alt-svc|clear-site-data|strict-transport-security|x-ambient-session-token)$/;

/** Whose answer it is: a service's of the project, or another server's. */
export type AnswerPolicy = 'own' | 'foreign';

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
  /** Of `Authorization: Bearer`; none goes without. */
  readonly token: string | undefined;
  /** The caller as the proxy vouches for. */
  readonly caller?: { readonly user: string | undefined; readonly roles: readonly RoleId[] };
  /** With `Forwarded`: who is at the other end of the client's connection. */
  readonly forwarded?: boolean;
}

/** Headers for the upstream: name, value, name, value … Those of framing are for the connection to add. */
export function requestHeaders(request: IncomingMessage, own: OwnHeaders): string[] {
  const { rawHeaders, headers } = request;
  const named = namedByConnection(headers.connection);
  const passed: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? '';
    if (FROM_CLIENT.has(name) && !named?.has(name)) passed.push(name, rawHeaders[index + 1] ?? '');
  }
  // After the removal: a Connection header that names ours does not take them away.
  passed.push('x-operation-id', own.operationId, 'traceparent', traceparentOf(headers['traceparent']));
  if (own.token !== undefined) passed.push('authorization', `Bearer ${own.token}`);
  if (own.caller?.user !== undefined) passed.push('x-ambient-user', asHeader(own.caller.user));
  if (own.caller && own.caller.roles.length > 0) passed.push('x-ambient-roles', own.caller.roles.join(','));
  if (own.forwarded) passed.push('forwarded', forwardedFor(request));
  return passed;
}

/** A credential as a header. */
export const bearer = (token: string | undefined): Readonly<Record<string, string>> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** A header's value travels as bytes, which are UTF-8 here. What could end the line is not in a name; were it, it would be gone now. */
const asHeader = (text: string): string =>
  PRINTABLE.test(text) ? text : Buffer.from(text.replaceAll(/\p{Cc}/gu, ''), 'utf8').toString('latin1');
const PRINTABLE = /^[\x20-\x7e]*$/;

let forwardedLast = { address: '', header: '' };

/** RFC 7239: an IPv6 address is quoted, in brackets. Nothing that the client says goes into it. */
function forwardedFor({ socket }: IncomingMessage): string {
  const address = socket.remoteAddress ?? 'unknown';
  // Through a gateway all come from a few.
  if (forwardedLast.address === address) return forwardedLast.header;
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '').replace(/%.*$/, '');
  forwardedLast = { address, header: `for=${plain.includes(':') ? `"[${plain}]"` : plain};proto=http` };
  return forwardedLast.header;
}

export interface PassedAnswer {
  /** Name, value, name, value … */
  readonly passed: string[];
  readonly isEventStream: boolean;
}

/** Headers of an answer, for the client. @param headers of the upstream: name, value …, names in lower case */
export function answerHeaders(
  headers: readonly string[],
  policy: AnswerPolicy,
  own: Readonly<Record<string, string>>,
): PassedAnswer {
  const named = namedByConnection(valueOf(headers, 'connection'));
  const passed: string[] = [];
  let isEventStream = false;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const [name = '', value = ''] = [headers[at], headers[at + 1]];
    if (!mayPass(name, policy) || named?.has(name)) continue;
    if (name !== 'vary' && Object.hasOwn(own, name)) continue;
    if (name === 'content-type') isEventStream = value.toLowerCase().startsWith('text/event-stream');
    passed.push(name, value);
  }
  for (const name in own) passed.push(name, own[name] ?? '');
  return { passed, isEventStream };
}

/** What was decided about a name holds for the next answer too. Bounded: who answers chooses them. */
const decided: Readonly<Record<AnswerPolicy, Map<string, boolean>>> = { own: new Map(), foreign: new Map() };
const DECIDED_AT_MOST = { names: 1_000, length: 64 } as const;

function mayPass(name: string, policy: AnswerPolicy): boolean {
  const before = decided[policy].get(name);
  if (before !== undefined) return before;
  const may = !HOP_BY_HOP.has(name) && !isTwin(name) && !(policy === 'foreign' && NOT_FROM_OTHERS.test(name));
  if (decided[policy].size < DECIDED_AT_MOST.names && name.length <= DECIDED_AT_MOST.length) decided[policy].set(name, may);
  return may;
}

/** Of a header that may come several times: a list of its values. */
function valueOf(headers: readonly string[], wanted: string): string | undefined {
  let value: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at] === wanted) value = value === undefined ? headers[at + 1] : `${value},${headers[at + 1]}`;
  }
  return value;
}

const OPERATION_ID = /^[A-Za-z0-9._:-]{1,128}$/;

/** The client's operation id where it is a harmless one, else a new one. */
export const operationIdOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && OPERATION_ID.test(header) ? header : randomUUID();

/** Version 00 of W3C Trace Context, section 3.2; ids of zeros are invalid. */
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

function traceparentOf(header: string | string[] | undefined): string {
  if (typeof header === 'string' && TRACEPARENT.test(header)) return header;
  return newTraceparent();
}

const TRACE_BYTES = 16;
const SPAN_BYTES = 8;
/** Zeros are no ids. */
const NO_TRACE = '00'.repeat(TRACE_BYTES);
const NO_SPAN = '00'.repeat(SPAN_BYTES);
/** Random digits are drawn some at a time: one draw costs as much as a small one. */
const DRAWN_AT_ONCE = 170;
let pool = '';
let drawn = 0;

function newTraceparent(): string {
  if (drawn === pool.length) {
    pool = randomBytes(DRAWN_AT_ONCE * (TRACE_BYTES + SPAN_BYTES)).toString('hex');
    drawn = 0;
  }
  const middle = drawn + 2 * TRACE_BYTES;
  const end = middle + 2 * SPAN_BYTES;
  const [trace, span] = [pool.slice(drawn, middle), pool.slice(middle, end)];
  drawn = end;
  return trace === NO_TRACE || span === NO_SPAN ? newTraceparent() : `00-${trace}-${span}-01`;
}
