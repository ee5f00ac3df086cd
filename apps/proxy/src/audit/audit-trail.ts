/** Hands the proxy's decisions over to the log, in batches and in order, and knows when it can't. */
import { randomUUID } from 'node:crypto';
import { MOST_DECISIONS, type ProxyDecision } from '#contracts';

/** Where the decisions go. */
export interface AuditSink {
  /** Durable when it resolves. The same batch may come again, and is recorded once. */
  record(batchId: string, decisions: readonly ProxyDecision[]): Promise<void>;
}

/** What the door asks of the audit. */
export interface ProxyAudit {
  /** False while nothing may pass, because it might go unrecorded. */
  readonly isOpen: boolean;
  record(decision: ProxyDecision): void;
}

/** Times in milliseconds. */
export interface AuditOptions {
  readonly sink: AuditSink;
  readonly onFailure?: (error: unknown) => void;
  /** So long a decision waits for others to go with: short, since a large batch holds requests up while it is written. Default 50. */
  readonly lingerMs?: number;
  /** From one try to the next. Default 250. */
  readonly retryMs?: number;
  /** With a decision unwritten for so long, nothing passes. Default 10 s. */
  readonly patienceMs?: number;
  /** Decisions kept in memory; denials beyond them are counted and not kept. Default 50 000. */
  readonly capacity?: number;
  /** Milliseconds since any moment, never backwards. */
  readonly now?: () => number;
}

/** The log takes bodies of 1 MiB. */
const MOST_BYTES = 900_000;
/** What passes already finds room for its record when so much is full. */
const FULL = 0.8;
const DEFAULTS = { lingerMs: 50, retryMs: 250, patienceMs: 10_000, capacity: 50_000 } as const;

interface Waiting {
  readonly decision: ProxyDecision;
  readonly since: number;
}

export class AuditTrail implements ProxyAudit {
  readonly #options: Required<Omit<AuditOptions, 'onFailure'>> & Pick<AuditOptions, 'onFailure'>;
  /** Oldest first. What is being written is still among them. */
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  /** The batch that failed: it is tried again as it was, under its own id. */
  #failed: { readonly id: string; readonly size: number } | undefined;
  /** Decisions that were lost, and that were recorded. */
  dropped = 0;
  recorded = 0;

  constructor(options: AuditOptions) {
    this.#options = { ...DEFAULTS, now: () => performance.now(), ...options };
  }

  /** Decisions that are not written yet. */
  get pending(): number {
    return this.#waiting.length;
  }

  get isOpen(): boolean {
    const { capacity, patienceMs, now } = this.#options;
    const [oldest] = this.#waiting;
    return oldest === undefined || (this.#waiting.length < capacity * FULL && now() - oldest.since < patienceMs);
  }

  record(decision: ProxyDecision): void {
    const { capacity, now, lingerMs } = this.#options;
    if (this.#waiting.length >= capacity) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push({ decision, since: now() });
    if (this.#writing) return;
    if (this.#waiting.length === 1) this.#schedule(lingerMs);
    else if (this.#waiting.length === MOST_DECISIONS && !this.#failed) this.#schedule(0);
  }

  /** Writes what is left, trying for so many milliseconds. */
  async close(withinMs: number): Promise<void> {
    const deadline = this.#options.now() + withinMs;
    while (this.#waiting.length > 0 && this.#options.now() < deadline) {
      clearTimeout(this.#timer);
      await Promise.race([this.#write(), new Promise(resolve => setTimeout(resolve, deadline - this.#options.now()).unref())]);
      if (this.#failed) await new Promise(resolve => setTimeout(resolve, Math.min(this.#options.retryMs, 50)));
    }
    clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#write(), ms).unref();
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeBatch().finally(() => {
      this.#writing = undefined;
      if (this.#waiting.length === 0) return;
      const { retryMs, lingerMs } = this.#options;
      this.#schedule(this.#failed ? retryMs : this.#waiting.length >= MOST_DECISIONS ? 0 : lingerMs);
    });
    return this.#writing;
  }

  async #writeBatch(): Promise<void> {
    const batch = (this.#failed ??= { id: randomUUID(), size: sizeOfBatch(this.#waiting) });
    const decisions = this.#waiting.slice(0, batch.size).map(({ decision }) => decision);
    try {
      await this.#options.sink.record(batch.id, decisions);
    } catch (error) {
      this.#options.onFailure?.(error);
      return;
    }
    this.#failed = undefined;
    this.#waiting = this.#waiting.slice(batch.size);
    this.recorded += batch.size;
  }
}

/** How many of them fit into one batch. */
function sizeOfBatch(waiting: readonly Waiting[]): number {
  let bytes = 0;
  let size = 0;
  for (const { decision } of waiting) {
    bytes += mostBytesOf(decision);
    if (size > 0 && (bytes > MOST_BYTES || size === MOST_DECISIONS)) break;
    size += 1;
  }
  return size;
}

/** An upper bound of its JSON: what a client chose, each character of it escaped, and the rest. */
function mostBytesOf({ parameters, user, project_id, method, path_template, rule }: ProxyDecision): number {
  let characters = (user?.length ?? 0) + (project_id?.length ?? 0) + method.length + (path_template?.length ?? 0) + rule.length;
  for (const name in parameters) characters += name.length + (parameters[name]?.length ?? 0) + 6;
  return 600 + 6 * characters;
}
