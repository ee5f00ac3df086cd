/**
 * Verifies an audit export, or the events behind it, offline: nothing but the events is needed. It holds one hash a stream and reads each
 * event once, so an export may be of any length.
 */
import { canonicalJson, GENESIS_HASH, hashOfParts } from '../events/chain.js';
import type { EventMetadata } from '../events/metadata.js';
import { categoryOf } from '../events/streams.js';
import { exportLine } from './export.js';

/** An event as it was stored, not upcast. */
export interface AuditEvent {
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly payload: unknown;
  readonly metadata: EventMetadata;
  /** Where it stands in the log. No evidence, the hash does not cover it: only the order is checked. */
  readonly position?: string;
}

export interface AuditVerdict {
  readonly valid: boolean;
  readonly streams: number;
  readonly events: number;
  readonly first_bad?: BadEvent;
}

export interface BadEvent {
  /** Counted from 1, when lines were verified. */
  readonly line?: number;
  /** Empty when the line is no event at all; then the revision is -1. */
  readonly stream: string;
  readonly revision: number;
  readonly problem: string;
}

export interface VerifierOptions {
  /** The export goes on after some position (`after`, or any other filter): a stream may begin anywhere. Default false. */
  readonly partial?: boolean;
  /** Categories whose streams hold events of other projects too, so that an export has them with gaps. */
  readonly shared?: ReadonlySet<string>;
}

/** Days of the proxy's audit are shared by all projects. */
export const SHARED_CATEGORIES: ReadonlySet<string> = new Set(['proxyAudit']);

interface Tail {
  readonly revision: number;
  readonly hash: string;
}

/** The parts of an event in canonical text. */
interface Canonical {
  readonly payload: string;
  /** Without `hash`. */
  readonly metadata: string;
}

const CONTENT = 'the content does not have the hash it claims';

export class AuditVerifier {
  readonly #partial: boolean;
  readonly #shared: ReadonlySet<string>;
  readonly #tails = new Map<string, Tail>();
  #position = '';
  #lines = 0;
  #events = 0;
  #firstBad: BadEvent | undefined;

  constructor({ partial = false, shared = SHARED_CATEGORIES }: VerifierOptions = {}) {
    this.#partial = partial;
    this.#shared = shared;
  }

  /**
   * A line of an export, without its line feed. It has to be, byte for byte, what the service writes of the event: so nothing can hide in
   * a second member of the same name, or in another way to write a text.
   */
  line(text: string): void {
    this.#lines += 1;
    const event = parsed(text);
    if (!event) return this.#bad({ stream: '', revision: -1 }, 'the line is not an event');
    this.#take(event, text);
  }

  /** An event that came otherwise than as a line. */
  event(event: AuditEvent): void {
    this.#take(event, undefined);
  }

  /** Tells of an event that can't be given as one. */
  broken(at: { readonly stream: string; readonly revision: number }, problem: string): void {
    this.#events += 1;
    this.#bad(at, problem);
  }

  /** An event of this stream was taken. */
  knows(stream: string): boolean {
    return this.#tails.has(stream);
  }

  /** Of all that was taken so far. */
  verdict(): AuditVerdict {
    const counts = { streams: this.#tails.size, events: this.#events };
    return this.#firstBad ? { valid: false, ...counts, first_bad: this.#firstBad } : { valid: true, ...counts };
  }

  #take(event: AuditEvent, text: string | undefined): void {
    this.#events += 1;
    const problem = this.#problemOf(event, text);
    if (problem !== undefined) this.#bad(event, problem);
    // A store that someone has changed may hold anything.
    const { hash = '' } = (event.metadata as Partial<EventMetadata> | null) ?? {};
    this.#tails.set(event.stream, { revision: event.revision, hash });
    this.#position = event.position ?? this.#position;
  }

  #bad({ stream, revision }: { readonly stream: string; readonly revision: number }, problem: string): void {
    this.#firstBad ??= { ...(this.#lines > 0 ? { line: this.#lines } : {}), stream, revision, problem };
  }

  #problemOf(event: AuditEvent, text: string | undefined): string | undefined {
    try {
      return this.#placeProblem(event) ?? contentProblem(event, text);
    } catch (error) {
      if (error instanceof TypeError) return `the content can't be hashed: ${error.message}`;
      throw error;
    }
  }

  #placeProblem({ stream, revision, metadata, position }: AuditEvent): string | undefined {
    const tail = this.#tails.get(stream);
    const due = tail ? tail.revision + 1 : 0;
    const hasGaps = this.#shared.has(categoryOf(stream)) || (this.#partial && !tail);
    if (hasGaps ? revision < due : revision !== due) return `revision ${revision} where ${due} was due`;
    if (revision === due && metadata.prev_hash !== (tail?.hash ?? GENESIS_HASH))
      return 'prev_hash is not the hash of the event before';
    if (position !== undefined && position <= this.#position) return 'it stands in the log before the event that it follows here';
    return undefined;
  }
}

function contentProblem(event: AuditEvent, text: string | undefined): string | undefined {
  const { hash, ...rest } = event.metadata;
  const canonical = { payload: canonicalJson(event.payload), metadata: canonicalJson(rest) };
  const { stream, revision, type } = event;
  if (hash !== hashOfParts({ stream, revision, type, ...canonical })) return CONTENT;
  return text === undefined || text === lineOf(event, canonical) ? undefined : 'the line is not written as the service writes it';
}

/** As the service writes it: the hash stands behind the rest of the metadata, over which it was taken. */
const lineOf = ({ position = '', ...event }: AuditEvent, { payload, metadata }: Canonical): string =>
  exportLine({
    ...event,
    data: payload,
    metadata: `${metadata.slice(0, -1)},"hash":${JSON.stringify(event.metadata.hash)}}`,
    position,
  });

function parsed(text: string): AuditEvent | undefined {
  try {
    const value = JSON.parse(text) as Partial<Record<keyof AuditEvent, unknown>> | null;
    return value !== null && isEvent(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** As much as it takes to look for the rest. */
const isEvent = (value: Partial<Record<keyof AuditEvent, unknown>>): value is Record<keyof AuditEvent, never> =>
  typeof value.stream === 'string' &&
  Number.isSafeInteger(value.revision) &&
  typeof value.type === 'string' &&
  typeof value.position === 'string' &&
  typeof value.metadata === 'object' &&
  value.metadata !== null &&
  'hash' in value.metadata &&
  typeof value.metadata.hash === 'string';

/** Verifies the lines of an export. */
export async function verifyExport(
  lines: Iterable<string> | AsyncIterable<string>,
  options: VerifierOptions = {},
): Promise<AuditVerdict> {
  const verifier = new AuditVerifier(options);
  for await (const line of lines) verifier.line(line);
  return verifier.verdict();
}

/**
 * The lines of an export that comes in pieces. Only a line feed ends a line: a text may hold what others take for an end of line (U+2028).
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
