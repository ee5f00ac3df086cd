import { Inject } from '@nestjs/common';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { streams, type SessionMessage } from '#contracts';
import type { EventStore } from '#event-store';
import { Aggregates } from '../support/aggregates.js';
import { EVENT_STORE } from '../support/tokens.js';
import { LiveMessages } from './live-messages.js';
import { messageIn } from './messages.js';
import { sessionAt } from './session.queries.js';

export class ListMessages extends Query<SessionMessage[]> {
  constructor(
    readonly sessionId: string,
    /** Only messages after this one. */
    readonly afterSeq: number,
  ) {
    super();
  }
}

@QueryHandler(ListMessages)
export class ListMessagesHandler implements IQueryHandler<ListMessages> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(EVENT_STORE) private readonly events: EventStore,
  ) {}

  async execute({ sessionId, afterSeq }: ListMessages): Promise<SessionMessage[]> {
    await this.aggregates.present(sessionAt(sessionId));
    // The message `seq` has revision `seq - 1`.
    return (await this.events.readStream(streams.messages(sessionId), { from: afterSeq })).map(messageIn);
  }
}

/** The messages after one, and then each new one, until the session is deleted or the signal aborts. */
export class FollowMessages extends Query<AsyncIterable<readonly SessionMessage[]>> {
  constructor(
    readonly sessionId: string,
    readonly afterSeq: number,
    readonly signal: AbortSignal,
  ) {
    super();
  }
}

@QueryHandler(FollowMessages)
export class FollowMessagesHandler implements IQueryHandler<FollowMessages> {
  constructor(
    @Inject(Aggregates) private readonly aggregates: Aggregates,
    @Inject(LiveMessages) private readonly live: LiveMessages,
  ) {}

  async execute({ sessionId, afterSeq, signal }: FollowMessages): Promise<AsyncIterable<readonly SessionMessage[]>> {
    await this.aggregates.present(sessionAt(sessionId));
    return this.live.follow(sessionId, afterSeq, signal);
  }
}
