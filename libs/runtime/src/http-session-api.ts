import type { Session, SessionStatus } from '#contracts';
import { randomUUID } from 'node:crypto';
import { type Clock, pause, systemClock } from './clock.js';
import { type Log, messageOf } from './log.js';
import { SessionApiRefused, SessionConflict, SessionNotFound, type SessionApi } from './session-api.js';

const SESSIONS = '/api/ambient/v1/sessions';
const PAGE_SIZE = 500;
const ACTIVE = "phase in ('Pending','Creating','Running','Stopping')";
const BACKOFF_MS = [200, 500, 1000, 2000, 5000];

export interface HttpSessionApiOptions {
  /** Origin that takes writes, e.g. `http://127.0.0.1:8001`. */
  readonly commandUrl: string;
  /** Origin that answers reads. */
  readonly queryUrl: string;
  /** Of a caller with the runtime role. */
  readonly token: string;
  readonly log: Log;
  readonly clock?: Clock;
  /** Ends the tries: a call that waits for the API rejects. */
  readonly signal?: AbortSignal;
  /** Milliseconds that one try may take. */
  readonly tryTimeoutMs?: number;
  /** A fresh idempotency key for each message. */
  readonly newKey?: () => string;
}

interface Ask {
  readonly method: 'GET' | 'PATCH' | 'POST';
  readonly url: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

interface List<T> {
  readonly total: number;
  readonly items: readonly T[];
}

interface HistoryItem {
  readonly revision: number;
  readonly type: string;
  readonly payload: { readonly starting_prompt?: string };
}

/** The session routes over HTTP. */
export class HttpSessionApi implements SessionApi {
  readonly #options: Required<Omit<HttpSessionApiOptions, 'signal'>> & Pick<HttpSessionApiOptions, 'signal'>;

  constructor(options: HttpSessionApiOptions) {
    this.#options = { clock: systemClock, tryTimeoutMs: 30_000, newKey: randomUUID, ...options };
  }

  async get(id: string): Promise<Session> {
    return (await this.#ask({ method: 'GET', url: this.#query(`/${id}`) })) as Session;
  }

  async listActive(): Promise<readonly Session[]> {
    const sessions = new Map<string, Session>();
    for (let page = 1; ; page++) {
      const search = new URLSearchParams({ search: ACTIVE, page: String(page), size: String(PAGE_SIZE) });
      const { items, total } = (await this.#ask({ method: 'GET', url: this.#query(`?${search.toString()}`) })) as List<Session>;
      for (const session of items) sessions.set(session.id, session);
      if (items.length === 0 || page * PAGE_SIZE >= total) return [...sessions.values()];
    }
  }

  async report(id: string, status: SessionStatus): Promise<void> {
    await this.#ask({ method: 'PATCH', url: this.#command(`/${id}/status`), body: status });
  }

  async appendMessage(id: string, eventType: string, payload: string): Promise<void> {
    // The key makes a try whose answer was lost and the next one the same message.
    const idempotencyKey = this.#options.newKey();
    await this.#ask({
      method: 'POST',
      url: this.#command(`/${id}/messages`),
      body: { event_type: eventType, payload },
      idempotencyKey,
    });
  }

  async startingPrompt(id: string): Promise<string> {
    let newest: string | undefined;
    for (let after = -1; ;) {
      const search = new URLSearchParams({ limit: String(PAGE_SIZE), ...(after < 0 ? {} : { after: String(after) }) });
      const { items } = (await this.#ask({
        method: 'GET',
        url: this.#query(`/${id}/history?${search.toString()}`),
      })) as List<HistoryItem>;
      newest = items.findLast(({ type }) => type === 'SessionStarted')?.payload.starting_prompt ?? newest;
      const last = items.at(-1);
      if (!last || items.length < PAGE_SIZE) break;
      after = last.revision;
    }
    if (newest === undefined)
      throw new SessionApiRefused(`the history of session ${id} has no SessionStarted with a starting_prompt`);
    return newest;
  }

  #command(rest: string): string {
    return this.#options.commandUrl + SESSIONS + rest;
  }

  #query(rest: string): string {
    return this.#options.queryUrl + SESSIONS + rest;
  }

  /** Asks until there is an answer that another try would not change. */
  async #ask(ask: Ask): Promise<unknown> {
    const { clock, log, signal } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#try(ask).catch((error: unknown) => ({ again: messageOf(error) }));
      if ('answer' in outcome) return outcome.answer;
      if ('refusal' in outcome) {
        // A message in flight is answered 409 to its own repetition: the try before has not come to its end yet.
        const ownRepetition = outcome.refusal instanceof SessionConflict && ask.idempotencyKey !== undefined && attempt > 1;
        if (!ownRepetition) throw outcome.refusal;
      }
      if (signal?.aborted) throw new SessionApiRefused(`${ask.method} ${ask.url} was given up: the runtime has stopped`);
      const why = 'again' in outcome ? outcome.again : outcome.refusal.message;
      if (attempt === 1) log.warn(`${ask.method} ${ask.url} will be tried again: ${why}`);
      await pause(clock, BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length) - 1] ?? 0, signal);
    }
  }

  async #try({ method, url, body, idempotencyKey }: Ask): Promise<{ answer: unknown } | { refusal: Error } | { again: string }> {
    const { token, tryTimeoutMs, signal } = this.#options;
    const response = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(tryTimeoutMs), ...(signal ? [signal] : [])]),
    });
    const text = await response.text();
    if (response.ok) {
      // A list that its projection has not caught up with may lack the very session that waits for us.
      const lag = response.headers.get('x-read-lag-events');
      return lag === null ? { answer: JSON.parse(text) } : { again: `the list is ${lag} events behind` };
    }
    const { status } = response;
    const what = `${method} ${url} was answered ${status}: ${text.slice(0, 500)}`;
    if (status >= 500 || status === 429) return { again: what };
    if (status === 404) return { refusal: new SessionNotFound(what) };
    if (status === 409) return { refusal: new SessionConflict(what) };
    return { refusal: new SessionApiRefused(what) };
  }
}
