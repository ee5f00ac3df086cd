/** Where sessions are, asked of the query API with the proxy's own credential. */
import { check, fullPath, SESSION_PLACE, SessionPlaceAnswer } from '#contracts';
import { bearer } from '../headers.js';
import { Problem } from '../problem.js';
import type { SessionPlace, Sessions } from './sessions.js';

const TIMEOUT_MS = 2_000;

export interface SessionsOverHttpOptions {
  /** Origin of the query API. */
  readonly url: string;
  /** The proxy's own; without it the other side has to do without. */
  readonly token: string | undefined;
}

export class SessionsOverHttp implements Sessions {
  constructor(private readonly options: SessionsOverHttpOptions) {}

  async sessionOf(id: string): Promise<SessionPlace | undefined> {
    const { url, token } = this.options;
    const address = new URL(`${fullPath(SESSION_PLACE)}?${new URLSearchParams({ session_id: id }).toString()}`, url);
    const checked = check(SessionPlaceAnswer, await answerOf(address, token));
    if (!checked.ok) throw unavailable();
    const { found, ...place } = checked.value;
    return found ? { ...place, id } : undefined;
  }
}

async function answerOf(address: URL, token: string | undefined): Promise<unknown> {
  try {
    const response = await fetch(address, {
      headers: bearer(token),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new Error(`it answered ${response.status}`);
    return await response.json();
  } catch {
    throw unavailable();
  }
}

const unavailable = (): Problem =>
  new Problem(503, 'the query API does not tell now where the session is', { 'retry-after': '1' });
