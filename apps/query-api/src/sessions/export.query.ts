import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { streams } from '#contracts';
import type { RecordedEvent } from '#event-store';
import { instant, type RequestContext } from '#service';
import { Aggregates } from '../support/aggregates.js';
import { eventText, History } from '../support/history.js';
import { LastActivity } from './last-activity.js';
import { messageIn } from './messages.js';
import { presentSession, sessionAt } from './session.queries.js';

/** A session with its messages and its history in one document. Its secrets stay sealed. */
export class ExportSession extends Query<AsyncIterable<string>> {
  constructor(
    readonly context: RequestContext,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(ExportSession)
export class ExportSessionHandler implements IQueryHandler<ExportSession> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(History) private readonly history: History,
    @Inject(LastActivity) private readonly activity: LastActivity,
  ) {}

  async execute({ context, id }: ExportSession): Promise<AsyncIterable<string>> {
    const { value } = await this.aggregates.present(sessionAt(id));
    const session = JSON.stringify(presentSession(value, await this.activity.of(id)));
    return this.#document(id, session, instant(context.now));
  }

  /** JSON text in pieces: a long conversation is never in memory as a whole. */
  async *#document(id: string, session: string, exportAt: string): AsyncGenerator<string> {
    yield `{"session":${session},"messages":[`;
    yield* this.#items(streams.messages(id), event => JSON.stringify(messageIn(event)));
    yield '],"history":[';
    yield* this.#items(streams.session(id), eventText);
    yield `],"export_at":"${exportAt}","version":"1"}`;
  }

  async *#items(stream: string, textOf: (event: RecordedEvent) => string): AsyncGenerator<string> {
    let separator = '';
    for await (const page of this.history.pages(stream)) {
      if (page.length === 0) return;
      yield separator + page.map(textOf).join(',');
      separator = ',';
    }
  }
}
