/** How requests that may pass come to the services of the project and to the backend. */
import type { Admitted, Deliver } from './door.js';
import type { Forwarder } from './forwarder.js';
import { requestHeaders, type OwnHeaders } from './headers.js';
import { Problem } from './problem.js';
import type { Exchange } from './relay.js';
import { upstreamPath } from './router.js';
import type { Upstream } from './wire/upstream.js';

type Way = Pick<Exchange, 'upstream' | 'answers'> & { readonly own: OwnHeaders };

/** Sends a request on, path and body as they came. */
function pass(forwarder: Forwarder, passage: Admitted, way: Way, refuse: (error: unknown) => void): void {
  const { request, response, row, segments, query, ownHeaders, method } = passage;
  const { upstream, answers, own } = way;
  passage.upstream = upstream.name;
  passage.relay = forwarder.forward({
    request,
    response,
    upstream,
    method,
    path: upstreamPath(row, segments) + query,
    headers: requestHeaders(request, own),
    bodyLimitBytes: row.bodyLimitBytes,
    answers,
    ownHeaders,
    refuse,
  });
}

/** To a service of the project, which authenticates and authorizes for itself: with the caller's own token. */
export const toService =
  (forwarder: Forwarder, upstream: Upstream): Deliver =>
  (passage, refuse) =>
    pass(
      forwarder,
      passage,
      { upstream, answers: 'own', own: { operationId: passage.operationId, token: passage.token } },
      refuse,
    );

/**
 * To the backend, which believes the proxy: with the proxy's own credential, and never the caller's.
 * @param upstream undefined where none is configured
 * @param token the proxy's
 */
export const toBackend =
  (forwarder: Forwarder, upstream: Upstream | undefined, token: string | undefined): Deliver =>
  (passage, refuse) => {
    if (!upstream) throw new Problem(503, 'no backend is configured: BACKEND_URL is not set');
    const { row, principal, roles, operationId } = passage;
    const own: OwnHeaders =
      row.credentials === false
        ? { operationId, token: undefined, forwarded: true }
        : { operationId, token, forwarded: true, caller: { user: principal?.id, roles } };
    pass(forwarder, passage, { upstream, answers: 'foreign', own }, refuse);
  };
