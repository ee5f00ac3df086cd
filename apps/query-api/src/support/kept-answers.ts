/**
 * Answers of single resources, kept while the log stands still. What such a GET answers follows from the log, the caller and the URL alone,
 * so the answer given at a head is the right one for as long as that is the head: any event, of a role too, makes it void. The caller is
 * authenticated each time.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Authenticator, Principal } from '#access';
import { fullPath, routeOf } from '#contracts';
import type { Position } from '#event-store';
import { LruMap } from '#journal';
import type { ReadBarrier } from '#projections';
import { fastifyPath, traceparentOf, type RequestContext } from '#service';

const ROUTES = new Set(
  (['projects.get', 'agents.get', 'scheduledSessions.get', 'sessions.get'] as const).map(id =>
    fastifyPath(fullPath(routeOf(id))),
  ),
);
const MOST_KEPT = 2000;
/** Characters. */
const LARGEST_KEPT = 32_768;

interface Kept {
  readonly head: Position;
  readonly context: RequestContext;
  readonly etag: string | undefined;
  readonly body: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Where its answer is to be kept, and the head it is at least as new as. */
    keep?: { readonly key: string; readonly head: Position };
  }
}

interface Dependencies {
  readonly barrier: ReadBarrier;
  readonly authenticator: Authenticator;
}

export function keepAnswers(fastify: FastifyInstance, { barrier, authenticator }: Dependencies): void {
  const kept = new LruMap<string, Kept>(MOST_KEPT);

  fastify.addHook('onRequest', async (request, reply) => {
    if (request.method !== 'GET' || !ROUTES.has(request.routeOptions.url ?? '')) return undefined;
    const principal = callerAtOnce(authenticator, request);
    const head = principal && (await barrier.head().catch(() => undefined));
    // Behind the head, the read model could add something old to an answer: such an answer is not kept.
    if (!principal || head === undefined || !barrier.holds(head)) return undefined;
    const key = `${principal.kind} ${principal.id} ${principal.roles.join()} ${request.url}`;
    const answer = kept.get(key);
    if (answer?.head !== head) {
      request.keep = { key, head };
      return undefined;
    }
    request.context = { ...answer.context, operationId: request.id, traceparent: traceparentOf(request.headers['traceparent']) };
    if (answer.etag !== undefined) void reply.header('ETag', answer.etag);
    return reply.type('application/json; charset=utf-8').send(answer.body);
  });

  fastify.addHook('onSend', (request, reply, payload, done) => {
    const { keep, context } = request;
    if (!keep || !context || !barrier.holds(keep.head)) return done();
    if (reply.statusCode === 200 && typeof payload === 'string' && payload.length <= LARGEST_KEPT) {
      kept.set(keep.key, { head: keep.head, context, etag: reply.getHeader('ETag') as string | undefined, body: payload });
    }
    done();
  });
}

/** The caller, when that is known without waiting; whoever it is not known of, or is refused, is the guard's. */
function callerAtOnce(authenticator: Authenticator, request: FastifyRequest): Principal | undefined {
  try {
    const principal = authenticator.authenticate(request.headers);
    if (!(principal instanceof Promise)) return principal;
    principal.catch(() => undefined);
    return undefined;
  } catch {
    return undefined;
  }
}
