/**
 * The tamper-evidence of the log. The hash of an event is SHA-256 over the canonical JSON (RFC 8785) of the object
 * `{metadata, payload, revision, stream, type}`, metadata without its own `hash`; `prev_hash` chains it to the event before it.
 */
import { hash as digest } from 'node:crypto';
import type { EventMetadata } from './metadata.js';

/** `prev_hash` of a stream's first event. */
export const GENESIS_HASH = '0'.repeat(64);

/**
 * A JSON value with sorted keys and one way to write each value (RFC 8785). Members that are undefined are left out. Written here because every
 * append waits for it: the `canonicalize` package, to which the tests compare it, takes more than twice as long.
 * @throws {TypeError} for what has no canonical form: undefined, NaN, infinities, text that is not well-formed Unicode
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (typeof value === 'boolean' || value === null) return String(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object') return canonicalObject(value as Record<string, unknown>);
  throw new TypeError(`${typeof value === 'number' ? value : typeof value} has no JSON form`);
}

function canonicalObject(object: Record<string, unknown>): string {
  let members = '';
  // The default order of `sort` is that of UTF-16 code units, which RFC 8785 asks for.
  for (const key of Object.keys(object).sort()) {
    const value = object[key];
    if (value !== undefined) members += `${members === '' ? '' : ','}${canonicalText(key)}:${canonicalJson(value)}`;
  }
  return `{${members}}`;
}

/** Nothing in it needs an escape, and no surrogate needs its other half: most text, and a test is cheaper than an escape. */
const PLAIN = /^[ !#-[\]-\uD7FF\uE000-\uFFFF]*$/;

function canonicalText(text: string): string {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('text with half of a surrogate pair has no canonical form');
  return JSON.stringify(text);
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
export function hashOf(event: {
  stream: string;
  revision: number;
  type: string;
  payload: unknown;
  metadata: EventMetadata;
}): string {
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

/** An event as it was stored, before any upcast. */
type StoredEvent = Parameters<typeof hashOf>[0];

/** Recomputes the chain of one stream, given all its events oldest first. Whatever the events hold, it answers: it does not throw. */
export function verifyChain(events: Iterable<StoredEvent>): ChainVerdict {
  let previous = GENESIS_HASH;
  let count = 0;
  for (const event of events) {
    const reason = faultOf(event, count, previous);
    if (reason) return { valid: false, events: count, first_bad: { stream: event.stream, revision: event.revision, reason } };
    previous = event.metadata.hash;
    count += 1;
  }
  return { valid: true, events: count };
}

/** Why an event is not the one that was appended here, or undefined. */
function faultOf(event: StoredEvent, revision: number, previous: string): string | undefined {
  try {
    if (event.revision !== revision) return `revision ${event.revision} where ${revision} was due`;
    if (event.metadata.prev_hash !== previous) return 'prev_hash is not the hash of the event before';
    return event.metadata.hash === hashOf(event) ? undefined : 'the content does not have the hash it claims';
  } catch (error) {
    if (error instanceof TypeError) return `the content can't be hashed: ${error.message}`;
    throw error;
  }
}
