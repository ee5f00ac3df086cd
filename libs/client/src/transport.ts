/** How a request gets to the server: with its token, again when that is safe, and as an error when the answer is one. */
import { delayOf, pause } from './backoff.js';
import { apiErrorOf, ConnectionError, retryAfterMs } from './errors.js';
import { DEFAULT_RETRY, DEFAULT_TIMEOUT_MS, type AmbientOptions, type RetryOptions } from './options.js';

export type Send = (request: Request) => Promise<Response>;

/** RFC 9110, 9.2.2. A POST is repeated under its key. */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']);
const KEY = 'Idempotency-Key';
const LONGEST_WAIT_MS = 60_000;

/**
 * Node tells a fetch of an abort by way of the Request, to which it refers weakly: once that is collected, the abort is lost (seen on Node
 * 24). So requests are held here until they are answered, and then as long as the body of their answer.
 */
const underWay = new Set<Request>();
const requestsOf = new WeakMap<ReadableStream, readonly Request[]>();

/**
 * @returns a `fetch` that answers with what succeeded only
 * @throws {ApiError} @throws {ConnectionError}
 */
export function createTransport({
  token,
  retry,
  timeoutMs = DEFAULT_TIMEOUT_MS,
  fetch = globalThis.fetch,
  signal,
}: AmbientOptions): Send {
  const retrying: RetryOptions = { ...DEFAULT_RETRY, ...retry };

  /** Every try is a copy: the request itself is never used up. */
  const attempt = async (request: Request): Promise<Response> => {
    const timer = new AbortController();
    const timeout = setTimeout(
      () => timer.abort(new ConnectionError(`no answer within ${timeoutMs} ms: ${nameOf(request)}`)),
      timeoutMs,
    );
    const signals = [request.signal, timer.signal, ...(signal ? [signal] : [])];
    const copy = new Request(request.clone(), { signal: AbortSignal.any(signals) });
    try {
      const bearer = typeof token === 'function' ? await token() : token;
      if (bearer !== undefined) copy.headers.set('Authorization', `Bearer ${bearer}`);
      underWay.add(copy);
      const response = await fetch(copy);
      if (response.body) requestsOf.set(response.body, [request, copy]);
      return response;
    } catch (error) {
      for (const { aborted, reason } of signals) if (aborted) throw reason;
      throw new ConnectionError(`${nameOf(request)}: ${causeOf(error)}`, { cause: error });
    } finally {
      underWay.delete(copy);
      clearTimeout(timeout);
    }
  };

  return async request => {
    if (request.method === 'POST' && !request.headers.has(KEY)) request.headers.set(KEY, newKey());
    const repeatable = IDEMPOTENT.has(request.method) || request.headers.has(KEY);
    const giveUp = signal ? AbortSignal.any([request.signal, signal]) : request.signal;
    let answerLost = false;
    for (let failures = 0; ; failures++) {
      const outcome = await attempt(request).catch((error: unknown) => {
        if (!(error instanceof ConnectionError) || !repeatable || failures >= retrying.retries) throw error;
        return error;
      });
      if (outcome instanceof ConnectionError) {
        answerLost = true;
        await pause(delayOf(retrying, failures), giveUp);
        continue;
      }
      if (outcome.ok) return outcome;
      // The try before, whose answer was lost, has deleted it.
      if (outcome.status === 404 && request.method === 'DELETE' && answerLost) return new Response(null, { status: 204 });
      if (failures >= retrying.retries || !isTransient(outcome, repeatable)) throw await apiErrorOf(outcome);
      await outcome.body?.cancel();
      await pause(Math.max(delayOf(retrying, failures), Math.min(retryAfterMs(outcome) ?? 0, LONGEST_WAIT_MS)), giveUp);
    }
  };
}

/**
 * Whether another try may end otherwise. An answer with Retry-After says that nothing was done: 429, 503, and a 409 of a request that is in
 * flight still, perhaps our own try before.
 */
function isTransient(response: Response, repeatable: boolean): boolean {
  switch (response.status) {
    case 409:
      return response.headers.has('retry-after');
    case 429:
    case 503:
      return repeatable || response.headers.has('retry-after');
    case 502:
    case 504:
      return repeatable;
    default:
      return false;
  }
}

const nameOf = ({ method, url }: Request): string => `${method} ${url}`;

/** `fetch failed` says nothing; its cause does. (Errors of the platform may come from another realm: no `instanceof`.) */
function causeOf(error: unknown): string {
  const { cause, code, message = '' } = error as { cause?: unknown; code?: unknown; message?: string };
  if (typeof cause === 'object' && cause !== null) return causeOf(cause);
  return message || String(code ?? error);
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that were not loaded over HTTPS. */
const newKey = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
