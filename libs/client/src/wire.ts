/** What the resources share: the typed routes, and what becomes of their answers. */
import type createOpenApiClient from 'openapi-fetch';
import { ConnectionError } from './errors.js';
import type { paths } from './generated/api.js';
import type { PostOptions } from './options.js';

/** The routes by method and path, typed by the OpenAPI document. What they answer with is never an error: those are thrown. */
export type Http = ReturnType<typeof createOpenApiClient<paths, 'application/json'>>;

export const BASE = '/api/ambient/v1';

const etags = new WeakMap<object, string>();
const lags = new WeakMap<object, number>();

/** The ETag that a resource came with: its revision, for `ifMatch`. */
export const etagOf = (resource: object): string | undefined => etags.get(resource);

/** So many of the newest events are not in a list yet; 0 when it is complete. */
export const lagEventsOf = (list: object): number => lags.get(list) ?? 0;

/** Options of a call as those of a request. */
export const init = ({ signal, ifMatch, idempotencyKey }: PostOptions = {}) => ({
  ...(signal ? { signal } : {}),
  headers: { 'If-Match': ifMatch, 'Idempotency-Key': idempotencyKey },
});

/** The body of an answer. */
export async function answer<T>(call: Promise<{ data?: T | null; response: Response }>): Promise<NonNullable<T>> {
  const { data, response } = await call.catch((error: unknown) => {
    if (isTypeError(error)) throw new ConnectionError(`the answer broke off: ${error.message}`, { cause: error });
    throw error;
  });
  if (data === undefined || data === null)
    throw new ConnectionError(`${response.url} answered ${response.status} without a body`);
  if (typeof data === 'object') {
    const etag = response.headers.get('etag');
    if (etag !== null) etags.set(data, etag);
    const lag = Number(response.headers.get('x-read-lag-events') ?? 0);
    if (lag > 0) lags.set(data, lag);
  }
  return data;
}

/** What `fetch` says of a body that breaks off; its realm may be another one. */
const isTypeError = (error: unknown): error is TypeError => (error as Partial<TypeError> | undefined)?.name === 'TypeError';

/** Of a call that answers nothing. */
export async function done(call: Promise<unknown>): Promise<void> {
  await call;
}
