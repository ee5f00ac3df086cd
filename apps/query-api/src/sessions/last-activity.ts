import { Inject, Injectable } from '@nestjs/common';
import { streams, type EventMetadata } from '#contracts';
import type { EventStore } from '#event-store';
import { History } from '../support/history.js';
import { EVENT_STORE } from '../support/tokens.js';

/** When something was last said in a session: only the conversation shows whether anything happens in it. */
@Injectable()
export class LastActivity {
  constructor(
    @Inject(EVENT_STORE) private readonly events: EventStore,
    @Inject(History) private readonly history: History,
  ) {}

  /** @param asOf milliseconds since 1970; now, when it is left out */
  async of(sessionId: string, asOf?: number): Promise<string | undefined> {
    const stream = streams.messages(sessionId);
    if (asOf === undefined) {
      const [last] = await this.events.readStream(stream, { direction: 'backwards', limit: 1 });
      return last && occurredAt(last);
    }
    for await (const page of this.history.pages(stream, 'backwards')) {
      const found = page.map(occurredAt).find(at => Date.parse(at) <= asOf);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

const occurredAt = ({ metadata }: { readonly metadata: string }): string => (JSON.parse(metadata) as EventMetadata).occurred_at;
