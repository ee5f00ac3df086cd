/** The log as far as it can concern a project, in small pieces, so that a long one holds up no one else. */
import { Inject, Injectable } from '@nestjs/common';
import { setImmediate } from 'node:timers/promises';
import { categoryOf, idOf, SHARED_CATEGORIES, streams } from '#contracts';
import type { EventStore, Position, RecordedEvent } from '#event-store';
import { badRequest, CLOCK, instant, type Clock } from '#service';
import { AUDIT_RETENTION, EVENT_STORE } from '../support/tokens.js';

/** Events that are read, and worked on, before other work gets its turn: at most, and at least, however large they are. */
const PAGE = { most: 250, least: 10 };
/** What the payloads of a page should hold together, in UTF-16 code units: some milliseconds of work. */
const PAGE_WEIGHT = 1_000_000;
const DAY_MS = 86_400_000;

export interface LogRange {
  readonly projectId: string;
  /** Exclusive. */
  readonly after?: Position | undefined;
  /** Inclusive: the head of the log when the request came. */
  readonly head: Position;
  readonly categories?: readonly string[] | undefined;
}

export interface Slice {
  readonly events: readonly RecordedEvent[];
  /** Position of the last event that was looked at, and how many were, those left out among them. */
  readonly upTo: Position;
  readonly size: number;
}

@Injectable()
export class ProjectLog {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(AUDIT_RETENTION) private readonly retentionDays: number | undefined,
  ) {}

  /** The head of the log; undefined when `after` leaves nothing. @throws {Problem} 400 for an `after` that is no position of this log */
  async headAfter(after: Position | undefined): Promise<Position | undefined> {
    const head = await this.events.head();
    if (after === undefined || head === undefined) return head;
    // An engine writes all its positions alike.
    if (shapeOf(after) !== shapeOf(head))
      throw badRequest(`after must be a position of this log, for example ${JSON.stringify(head)}, not ${JSON.stringify(after)}`);
    return after < head ? head : undefined;
  }

  /** All events of the range, those of other projects among them; days of the proxy's audit that are not kept are left out. */
  async *slices({ projectId, after, head, categories }: LogRange): AsyncGenerator<Slice> {
    let position = later(after, await this.#beforeBirth(projectId));
    const oldestDay = this.#oldestDay();
    let limit = PAGE.most;
    while (position === undefined || position < head) {
      const page = await this.events.readAll({ after: position, limit, ...(categories ? { categories } : {}) });
      const due = page.filter(event => event.position <= head);
      position = due.at(-1)?.position;
      if (position === undefined) return;
      yield { events: due.filter(({ stream }) => isKept(stream, oldestDay)), upTo: position, size: due.length };
      await setImmediate();
      limit = nextLimit(page);
    }
  }

  /** The events of one stream, piece by piece. */
  async *stream(name: string): AsyncGenerator<readonly RecordedEvent[]> {
    for (let from = 0; ; from += PAGE.most) {
      const page = await this.events.readStream(name, { from, limit: PAGE.most });
      if (page.length > 0) yield page;
      if (page.length < PAGE.most) return;
      await setImmediate();
    }
  }

  /** Where the log stood before the project was created: nothing of it can be older. */
  async #beforeBirth(projectId: string): Promise<Position | undefined> {
    const [birth] = await this.events.readStream(streams.project(projectId), { limit: 1 });
    if (!birth) return undefined;
    const [before] = await this.events.readAll({ after: birth.position, direction: 'backwards', limit: 1 });
    return before?.position;
  }

  #oldestDay(): string {
    if (this.retentionDays === undefined) return '';
    return instant(this.clock.now() - this.retentionDays * DAY_MS).slice(0, 10);
  }
}

/** As many events as the last ones let expect to be of the right weight. */
function nextLimit(page: readonly RecordedEvent[]): number {
  const weight = page.reduce((sum, { data }) => sum + data.length, 0);
  const wanted = Math.floor((page.length * PAGE_WEIGHT) / Math.max(weight, 1));
  return Math.min(PAGE.most, Math.max(PAGE.least, wanted));
}

const shapeOf = (position: Position): string => position.replaceAll(/\d/g, '0');

function later(one: Position | undefined, other: Position | undefined): Position | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one < other ? other : one;
}

/** A whole day is kept or none of it: a chain is never cut. */
const isKept = (stream: string, oldestDay: string): boolean =>
  oldestDay === '' || !SHARED_CATEGORIES.has(categoryOf(stream)) || idOf(stream) >= oldestDay;

/** Every event of a project names it in its payload. */
export function belongsTo(projectId: string, { data }: RecordedEvent): boolean {
  // Most events are those of other projects, and looking for a text is cheaper than reading JSON.
  if (!data.includes(JSON.stringify(projectId))) return false;
  try {
    return (JSON.parse(data) as { readonly project_id?: unknown } | null)?.project_id === projectId;
  } catch (error) {
    // Whoever changed the store left no JSON: `verify` finds the hole in the stream.
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
