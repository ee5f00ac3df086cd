/**
 * The tamper-evidence of the log. The hash of an event is SHA-256 over the canonical JSON (RFC 8785) of the object
 * `{metadata, payload, revision, stream, type}`, metadata without its own `hash`; `prev_hash` chains it to the event before it.
 */
import { hash as digest } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { EventMetadata } from './metadata.js';

/** `prev_hash` of a stream's first event. */
export const GENESIS_HASH = '0'.repeat(64);

/** JSON with sorted keys and one way to write each value (RFC 8785). */
export function canonicalJson(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('undefined has no JSON form');
  return text;
}

interface HashedParts {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  /** Canonical JSON. */
  readonly payload: string;
  /** Canonical JSON of the metadata without `hash`. */
  readonly metadata: string;
}

/** The hash of an event from parts that are canonical already: the keys below stand in canonical order. */
export function hashOfParts({ stream, revision, type, payload, metadata }: HashedParts): string {
  return digest(
    'sha256',
    `{"metadata":${metadata},"payload":${payload},"revision":${revision},"stream":${JSON.stringify(stream)},"type":${JSON.stringify(type)}}`,
  );
}

/** The hash that an event must carry. */
export function hashOf(event: { stream: string; revision: number; type: string; payload: unknown; metadata: EventMetadata }): string {
  const { hash: _, ...rest } = event.metadata;
  return hashOfParts({
    stream: event.stream,
    revision: event.revision,
    type: event.type,
    payload: canonicalJson(event.payload),
    metadata: canonicalJson(rest),
  });
}

export type ChainVerdict =
  | { readonly valid: true; readonly events: number }
  | { readonly valid: false; readonly events: number; readonly first_bad: { stream: string; revision: number; reason: string } };

/** Recomputes the chain of one stream, given all its events oldest first. `payload` must be as it was stored, before any upcast. */
export function verifyChain(
  events: Iterable<{ stream: string; revision: number; type: string; payload: unknown; metadata: EventMetadata }>,
): ChainVerdict {
  let previous = GENESIS_HASH;
  let count = 0;
  for (const event of events) {
    const reason =
      event.revision !== count
        ? `revision ${event.revision} where ${count} was due`
        : event.metadata.prev_hash !== previous
          ? 'prev_hash is not the hash of the event before'
          : event.metadata.hash !== hashOf(event)
            ? 'the content does not have the hash it claims'
            : undefined;
    if (reason) return { valid: false, events: count, first_bad: { stream: event.stream, revision: event.revision, reason } };
    previous = event.metadata.hash;
    count += 1;
  }
  return { valid: true, events: count };
}
