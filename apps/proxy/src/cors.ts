/** Cross-origin requests of browsers (the Fetch standard, CORS protocol). Off unless origins are named. */
import type { IncomingMessage } from 'node:http';

const METHODS = 'GET, POST, PUT, PATCH, DELETE';
const EXPOSED = 'ETag, X-Operation-ID, X-Read-Lag-Events';
const NAMES = /^[\w\-, ]{1,1000}$/;

export interface Cors {
  /** What every answer to the request says. */
  headers(request: IncomingMessage): Readonly<Record<string, string>>;
  /** The answer to a preflight of an origin that is let in; undefined for any other request. */
  preflight(request: IncomingMessage): Readonly<Record<string, string>> | undefined;
}

const NONE = {};

/** @param origins that browsers may come from */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins);
  if (allowed.size === 0) return { headers: () => NONE, preflight: () => undefined };

  const headers = ({ headers: { origin } }: IncomingMessage): Record<string, string> =>
    origin !== undefined && allowed.has(origin)
      ? { vary: 'Origin', 'access-control-allow-origin': origin, 'access-control-expose-headers': EXPOSED }
      : { vary: 'Origin' };

  return {
    headers,
    preflight(request) {
      const { origin, 'access-control-request-headers': asked } = request.headers;
      if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return undefined;
      if (origin === undefined || !allowed.has(origin)) return undefined;
      return {
        ...headers(request),
        'access-control-allow-methods': METHODS,
        ...(asked !== undefined && NAMES.test(asked) ? { 'access-control-allow-headers': asked } : {}),
      };
    },
  };
}
