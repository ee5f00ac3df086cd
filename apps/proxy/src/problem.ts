/** A refusal of the proxy, and the one place where it becomes bytes. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { AuthenticationUnavailable, Unauthenticated } from '#access';
import { errorEnvelope, ERRORS, type ErrorNumber } from '#contracts';
import { RolesUnavailable } from './access/caller-roles-over-http.js';

type Headers = Readonly<Record<string, string>>;

/** An answer that the proxy gives itself. `reason` says what was wrong, and what would be right. */
export class Problem extends Error {
  override readonly name = 'Problem';

  constructor(
    readonly number: ErrorNumber,
    readonly reason: string,
    readonly headers: Headers = {},
  ) {
    super(reason);
  }

  get status(): number {
    return ERRORS[this.number].status;
  }
}

/** What to answer to an error; 500 without its text for one that no one foresaw. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof Unauthenticated) return new Problem(15, error.reason, { 'www-authenticate': error.challenge });
  if (error instanceof AuthenticationUnavailable) return new Problem(503, error.message, { 'retry-after': '1' });
  if (error instanceof RolesUnavailable) return new Problem(503, error.message, { 'retry-after': '1' });
  return new Problem(9, 'an unexpected error; the operation id finds it in the log');
}

/** Answers a request with a problem. A request whose body is still under way is the last one on its connection. */
export function answerProblem(response: ServerResponse, problem: Problem, operationId: string, headers: object = {}): void {
  const body = JSON.stringify(errorEnvelope(problem.number, problem.reason, operationId));
  const { req: request } = response;
  if (!request.complete && hasBody(request.headers)) response.shouldKeepAlive = false;
  response.writeHead(problem.status, { ...headers, ...problem.headers, ...bodyHeaders(body, operationId) });
  response.end(body);
  request.resume();
}

/** Answers on a connection whose request could not even be read. */
export function answerUnreadable(socket: Socket, problem: Problem, operationId: string): void {
  const body = JSON.stringify(errorEnvelope(problem.number, problem.reason, operationId));
  const headers = Object.entries({ ...bodyHeaders(body, operationId), connection: 'close' });
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.end(`HTTP/1.1 ${problem.status} ${ERRORS[problem.number].title}\r\n${head}\r\n${body}`, () => socket.destroy());
}

/** True when a request has a body (RFC 9112, section 6.3). */
export const hasBody = (headers: { 'transfer-encoding'?: string; 'content-length'?: string }): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

const bodyHeaders = (body: string, operationId: string): Headers => ({
  'content-type': 'application/problem+json',
  'content-length': String(Buffer.byteLength(body)),
  'x-operation-id': operationId,
});
