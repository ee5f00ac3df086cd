/** An independent check of the tamper evidence: RFC 8785 by the `canonicalize` package, SHA-256 by Node. */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Client } from './http.js';

export interface HistoryEvent {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly payload: Record<string, any>;
  readonly hash: string;
  readonly occurred_at: string;
  readonly actor: { readonly id: string; readonly kind: string };
  readonly metadata: Record<string, any>;
}

type Hashed = Pick<HistoryEvent, 'stream' | 'revision' | 'type' | 'payload' | 'metadata'>;

const GENESIS = '0'.repeat(64);

/** What is wrong with the hash chain of one whole stream, oldest first; undefined when nothing is. */
export function brokenLink(events: readonly Hashed[]): string | undefined {
  let previous = GENESIS;
  for (const [index, { stream, revision, type, payload, metadata }] of events.entries()) {
    const { hash, ...rest } = metadata;
    const where = `${stream}@${revision}`;
    if (revision !== index) return `${where} stands at place ${index}`;
    if (rest['prev_hash'] !== previous) return `${where} does not name the hash of the event before it`;
    const text = canonicalize({ metadata: rest, payload, revision, stream, type });
    if (createHash('sha256').update(text!).digest('hex') !== hash) return `${where} does not have the hash that it claims`;
    previous = hash as string;
  }
  return undefined;
}

/** The whole history behind a `…/history` route. */
export async function historyOf(api: Client, path: string): Promise<readonly HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  for (;;) {
    const after = events.length > 0 ? `after=${events.at(-1)!.revision}&` : '';
    const { items } = await api.get<{ items: HistoryEvent[] }>(`${path}/history?${after}limit=1000`);
    events.push(...items);
    if (items.length < 1000) return events;
  }
}
