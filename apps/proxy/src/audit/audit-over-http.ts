/** The log behind the command API, for a proxy that runs alone. */
import { fullPath, RECORD_PROXY_AUDIT, type ProxyDecision } from '#contracts';
import type { AuditSink } from './audit-trail.js';
import { bearer } from '../headers.js';

const TIMEOUT_MS = 5_000;

export interface AuditOverHttpOptions {
  /** Origin of the command API. */
  readonly url: string;
  /** The proxy's own; without it the other side has to do without. */
  readonly token: string | undefined;
}

export class AuditOverHttp implements AuditSink {
  readonly #address: URL;

  constructor(private readonly options: AuditOverHttpOptions) {
    this.#address = new URL(fullPath(RECORD_PROXY_AUDIT), options.url);
  }

  async record(batch_id: string, decisions: readonly ProxyDecision[]): Promise<void> {
    const response = await fetch(this.#address, {
      method: RECORD_PROXY_AUDIT.method,
      headers: { ...bearer(this.options.token), 'content-type': 'application/json' },
      body: JSON.stringify({ batch_id, decisions }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (response.status !== RECORD_PROXY_AUDIT.status)
      throw new Error(`the command API answered ${response.status} to the audit`);
  }
}
