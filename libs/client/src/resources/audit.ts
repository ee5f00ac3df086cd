import { delayOf, pause } from '../backoff.js';
import { ConnectionError } from '../errors.js';
import { linesOf } from '../lines.js';
import { DEFAULT_RETRY, type CallOptions } from '../options.js';
import type { AuditEvent, AuditList, AuditQuery, AuditVerification } from '../types.js';
import { answer, BASE, init, type Http } from '../wire.js';

const LIST = `${BASE}/projects/{project_id}/audit` as const;
const VERIFY = `${LIST}/verify` as const;

/** All events of a project, also after it was deleted. For its owners and for administrators. */
export class Audit {
  constructor(private readonly http: Http) {}

  /** Some events, oldest first; `next` goes on. */
  list(project: string, query: AuditQuery = {}, options?: CallOptions): Promise<AuditList> {
    return answer(this.http.GET(LIST, { params: { path: { project_id: project }, query }, ...init(options) }));
  }

  /** All events, oldest first. */
  async *all(project: string, query: Omit<AuditQuery, 'limit'> = {}, options?: CallOptions): AsyncGenerator<AuditEvent> {
    for (let after = query.after; ;) {
      const { items, next } = await this.list(project, { ...query, after, limit: 1000 }, options);
      yield* items;
      if (next === undefined) return;
      after = next;
    }
  }

  /**
   * All events as the lines of an export, each the very text that can be verified offline. It goes on behind the last whole line when the
   * connection breaks.
   */
  async *lines(project: string, query: Omit<AuditQuery, 'limit'> = {}, options: CallOptions = {}): AsyncGenerator<string> {
    let { after } = query;
    for (let failures = 0; ;) {
      try {
        for await (const line of linesOf(await this.#stream(project, { ...query, after }, options))) {
          failures = 0;
          after = (JSON.parse(line) as AuditEvent).position;
          yield line;
        }
        return;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof ConnectionError) || failures >= DEFAULT_RETRY.retries) throw error;
        await pause(delayOf(DEFAULT_RETRY, failures), options.signal);
        failures += 1;
      }
    }
  }

  /** Has the server recompute every hash chain of the project. */
  verify(project: string, options?: CallOptions): Promise<AuditVerification> {
    return answer(this.http.GET(VERIFY, { params: { path: { project_id: project } }, ...init(options) }));
  }

  #stream(project: string, query: AuditQuery, { signal }: CallOptions): Promise<ReadableStream<Uint8Array>> {
    return answer<ReadableStream<Uint8Array>>(
      this.http.GET(LIST, {
        params: { path: { project_id: project }, query },
        headers: { Accept: 'application/x-ndjson' },
        parseAs: 'stream',
        ...(signal ? { signal } : {}),
      }),
    );
  }
}
