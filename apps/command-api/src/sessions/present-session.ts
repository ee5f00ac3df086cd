import type { Session } from '#contracts';
import type { SessionValue } from '#domain';

/** The session as the API answers it. */
export function presentSession({ run_id: _, ...session }: SessionValue): Session {
  return session;
}
