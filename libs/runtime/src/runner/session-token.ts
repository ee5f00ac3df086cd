import { createHmac, hash, timingSafeEqual } from 'node:crypto';

/** The header that says: this request comes from the proxy, and is for this session. */
export const SESSION_TOKEN_HEADER = 'x-ambient-session-token';

/**
 * The secret between the proxy and the runner of one session. It follows from the session's id and a key that both have, so that it is
 * stored nowhere and opens no other session.
 */
export const sessionToken = (key: string | Uint8Array, sessionId: string): string =>
  createHmac('sha256', key).update(`ambient session token v1: ${sessionId}`).digest('base64url');

/** Whether the header holds the session's token. How long it takes tells nothing about how near a guess was. */
export function holdsToken(key: string | Uint8Array, sessionId: string, header: string | string[] | undefined): boolean {
  const given = typeof header === 'string' ? header : '';
  return timingSafeEqual(hash('sha256', sessionToken(key, sessionId), 'buffer'), hash('sha256', given, 'buffer'));
}
