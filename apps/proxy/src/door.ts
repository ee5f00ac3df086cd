/** The one door. Each request is read strictly, authenticated, matched to a row, and only then passed on. */
import type { OutgoingHttpHeaders } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { Authenticator } from '#access';
import type { Forwarder, Upstream } from './forwarder.js';
import { requestHeaders } from './headers.js';
import { answerProblem, Problem, problemOf } from './problem.js';
import { tooLarge } from './relay.js';
import { createRouter, upstreamPath } from './router.js';
import { ROWS, type Row, type UpstreamName } from './rows.js';
import { parseTarget, type Target } from './target.js';

export interface DoorOptions {
  readonly authenticator: Authenticator;
  readonly forwarder: Forwarder;
  readonly upstreams: Readonly<Record<UpstreamName, Upstream>>;
  readonly log: Logger;
}

/** A request that may pass. */
interface Passage {
  readonly row: Row;
  readonly target: Target;
  readonly token: string | undefined;
}

/** Makes the hook that every request runs into first. After it only the proxy's own routes are left for Nest. */
export function createDoor(options: DoorOptions): (request: FastifyRequest, reply: FastifyReply) => Promise<void> {
  const match = createRouter(ROWS);

  /** Deny by default: it returns for a request that may pass, and throws for any other. */
  const admit = async (request: FastifyRequest): Promise<Passage> => {
    const { method, url = '', headers } = request.raw;
    if (headers.upgrade !== undefined) throw new Problem(21, 'upgrades are not possible here: leave the Upgrade header out');
    const target = parseTarget(url);
    const rows = match(target.segments);
    const row = rows?.get(method ?? '');
    request.passage = { row };
    const token = row?.open ? undefined : await authenticate(request);
    if (!rows) throw new Problem(7, 'there is nothing at this path');
    if (!row) throw methodNotAllowed(method, [...rows.keys()]);
    if (Number(headers['content-length'] ?? 0) > row.bodyLimitBytes) throw tooLarge(row.bodyLimitBytes);
    return { row, target, token };
  };

  const authenticate = async (request: FastifyRequest): Promise<string> => {
    const { id } = await options.authenticator.authenticate(request.raw.headers);
    request.passage = { ...request.passage, user: id };
    return options.authenticator.tokenOf(request.raw.headers);
  };

  return async (request, reply) => {
    const operationId = request.id;
    // Headers that plugins have set, those of CORS.
    const ownHeaders: OutgoingHttpHeaders = { ...(reply.getHeaders() as OutgoingHttpHeaders), 'x-operation-id': operationId };
    const refuse = (error: unknown): void => {
      const problem = problemOf(error);
      if (problem.number === 9) options.log.error({ err: error, operation_id: operationId }, 'a request failed');
      answerProblem(reply.raw, problem, operationId, ownHeaders);
    };

    try {
      const { row, target, token } = await admit(request);
      if (row.to === 'self') {
        void reply.header('x-operation-id', operationId);
        return;
      }
      reply.hijack();
      options.forwarder.forward({
        request: request.raw,
        response: reply.raw,
        upstream: options.upstreams[row.to],
        path: upstreamPath(row, target.segments) + target.query,
        headers: requestHeaders(request.raw, { operationId, token }),
        ownHeaders,
        bodyLimitBytes: row.bodyLimitBytes,
        refuse,
      });
    } catch (error) {
      reply.hijack();
      refuse(error);
    }
  };
}

function methodNotAllowed(method: string | undefined, allowed: readonly string[]): Problem {
  const allow = allowed.join(', ');
  return new Problem(405, `${method} is not possible here, only ${allow}`, { allow });
}
