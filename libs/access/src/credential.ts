import { Unauthenticated } from './errors.js';

/** The headers that may carry a token, as `node:http` gives them. */
export interface CredentialHeaders {
  readonly authorization?: string | undefined;
  readonly 'x-forwarded-access-token'?: string | string[] | undefined;
}

/** `b64token` of RFC 6750, section 2.1. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const BEARER = /^bearer(?= |$)/i;

/** True when the text can travel as a Bearer token. */
export const isBearerToken = (text: string): boolean => TOKEN.test(text);

/**
 * The one token of a request: of `Authorization: Bearer`, else, if trusted, of `X-Forwarded-Access-Token`.
 * @throws Unauthenticated when there is none, or it is not exactly one well-formed token
 */
export function tokenOf(headers: CredentialHeaders, trustForwardedToken: boolean): string {
  const { authorization } = headers;
  if (authorization !== undefined && BEARER.test(authorization)) return wellFormed(authorization.slice('Bearer '.length));
  const forwarded = trustForwardedToken ? headers['x-forwarded-access-token'] : undefined;
  if (forwarded !== undefined) return wellFormed(forwarded);
  if (authorization !== undefined) throw new Unauthenticated('the scheme of Authorization must be Bearer', 'invalid_request');
  throw new Unauthenticated('authentication is required: send Authorization: Bearer with a token');
}

function wellFormed(token: string | string[]): string {
  if (typeof token === 'string' && isBearerToken(token)) return token;
  throw new Unauthenticated('the credentials must be exactly one token after one space', 'invalid_request');
}
