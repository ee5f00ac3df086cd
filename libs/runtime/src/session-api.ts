import type { Session, SessionStatus } from '#contracts';

/** The session was deleted, or never was (404). */
export class SessionNotFound extends Error {
  override readonly name = 'SessionNotFound';
}

/** The session is not where the report thinks it is (409): somebody else moved it. */
export class SessionConflict extends Error {
  override readonly name = 'SessionConflict';
}

/** The API refused for another reason; to ask again would not help. */
export class SessionApiRefused extends Error {
  override readonly name = 'SessionApiRefused';
}

/**
 * What the runtime says to the system and asks of it. An implementation waits and tries again while the API can't be reached; it rejects
 * with one of the three errors above only.
 */
export interface SessionApi {
  /** As it is now, its secrets opened. */
  get(sessionId: string): Promise<Session>;
  /** Sessions in the phase Pending, Creating, Running or Stopping, oldest first. */
  listActive(): Promise<readonly Session[]>;
  report(sessionId: string, status: SessionStatus): Promise<void>;
  /** Appends once. Calls that follow one another are appended in their order. */
  appendMessage(sessionId: string, eventType: string, payload: string): Promise<void>;
  /** The starting prompt of the newest start. */
  startingPrompt(sessionId: string): Promise<string>;
}
