/** Streams as clients get them: every event with what its hash was taken over, so that the chain can be verified by anyone. */
import { Inject, Injectable } from '@nestjs/common';
import type { EventMetadata } from '#contracts';
import type { EventStore, RecordedEvent } from '#event-store';
import { wholeNumberOf, type Parameters } from './parameters.js';
import { EVENT_STORE } from './tokens.js';

export interface HistoryRange {
  /** Only events after this revision. */
  readonly after?: number | undefined;
  readonly limit: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;
/** Events read at a time. */
const PAGE = 500;

/** @throws {Problem} 400 */
export const historyRange = (parameters: Parameters): HistoryRange => ({
  after: wholeNumberOf(parameters, 'after', { from: 0 }),
  limit: wholeNumberOf(parameters, 'limit', { from: 1, to: MAX_LIMIT }) ?? DEFAULT_LIMIT,
});

@Injectable()
export class History {
  constructor(@Inject(EVENT_STORE) private readonly events: EventStore) {}

  /** An EventList as JSON text, oldest first. */
  async list(stream: string, { after = -1, limit }: HistoryRange): Promise<string> {
    const items = (await this.events.readStream(stream, { from: after + 1, limit })).map(eventText);
    return `{"kind":"EventList","size":${items.length},"items":[${items.join(',')}]}`;
  }

  /** All events of a stream, page by page, so that a long stream takes no more memory than a page. */
  async *pages(stream: string, direction: 'forwards' | 'backwards' = 'forwards'): AsyncGenerator<readonly RecordedEvent[]> {
    const step = direction === 'forwards' ? 1 : -1;
    let page = await this.events.readStream(stream, { direction, limit: PAGE });
    for (;;) {
      yield page;
      const last = page.at(-1);
      if (page.length < PAGE || !last || last.revision + step < 0) return;
      page = await this.events.readStream(stream, { from: last.revision + step, direction, limit: PAGE });
    }
  }
}

/** An event as JSON text. Payload and metadata are the very texts that are stored. */
export function eventText({ stream, revision, type, data, metadata }: RecordedEvent): string {
  const { actor, occurred_at, hash } = JSON.parse(metadata) as EventMetadata;
  const head = JSON.stringify({ stream, revision, type }).slice(0, -1);
  const facts = JSON.stringify({ actor, occurred_at, hash }).slice(1, -1);
  return `${head},"payload":${data},${facts},"metadata":${metadata}}`;
}
