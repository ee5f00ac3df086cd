import type { Backoff } from './backoff.js';

/** The token itself, or what gives one; a function is asked before every try, so that a token may expire. */
export type Token = string | (() => string | undefined | Promise<string | undefined>);

export interface RetryOptions extends Backoff {
  /** Repetitions of one request; 0 for none. */
  readonly retries: number;
}

export interface AmbientOptions {
  /** Origin of the server, for example `https://ambient.example.org`. */
  readonly url: string;
  readonly token?: Token;
  /** Default: 4 repetitions, 200 ms before the first, at most 5 s apart. What the server asks for in `Retry-After` is kept to. */
  readonly retry?: Partial<RetryOptions>;
  /** Milliseconds that one try may take until the answer begins; default 30,000. */
  readonly timeoutMs?: number;
  /** Ends everything that this client does. */
  readonly signal?: AbortSignal;
  /** In place of the global one. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/** Of every call. */
export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Of calls that change something which is there. */
export interface ChangeOptions extends CallOptions {
  /** An ETag, see `etagOf`: the call rejects with `PreconditionFailedError` when it has changed since. */
  readonly ifMatch?: string | undefined;
}

/** Of calls that are repeated safely by their key. */
export interface PostOptions extends ChangeOptions {
  /** Names this request for 24 h: sent again, also by another process, it has no second effect. By default each call has a key of its own. */
  readonly idempotencyKey?: string | undefined;
}

export const DEFAULT_RETRY: RetryOptions = { retries: 4, baseMs: 200, capMs: 5000 };
export const DEFAULT_TIMEOUT_MS = 30_000;
