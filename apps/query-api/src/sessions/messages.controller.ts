import { Controller, Headers, Inject, Param, Query, Res } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import type { FastifyReply } from 'fastify';
import type { SessionMessage } from '#contracts';
import { Handles } from '#service';
import { EventStreams, prefersEventStream, type StreamedEvent } from '../support/event-streams.js';
import { wholeNumberOf, type Parameters } from '../support/parameters.js';
import { FollowMessages, ListMessages } from './message.queries.js';

const LAST_EVENT_ID = 'Last-Event-ID';

@Controller()
export class MessagesController {
  constructor(
    @Inject(QueryBus) private readonly bus: QueryBus,
    @Inject(EventStreams) private readonly streams: EventStreams,
  ) {}

  @Handles('sessions.messages')
  async messages(
    @Param('id') id: string,
    @Query() parameters: Parameters,
    @Headers() headers: Parameters & { readonly accept?: string },
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const afterSeq = wholeNumberOf(parameters, 'after_seq', { from: 0 }) ?? 0;
    if (!prefersEventStream(headers.accept)) {
      await reply.send(await this.bus.execute(new ListMessages(id, afterSeq)));
      return;
    }
    const lastId = wholeNumberOf({ [LAST_EVENT_ID]: headers['last-event-id'] }, LAST_EVENT_ID, { from: 0 });
    await this.streams.send(reply, async signal =>
      asEvents(await this.bus.execute(new FollowMessages(id, lastId ?? afterSeq, signal))),
    );
  }
}

async function* asEvents(batches: AsyncIterable<readonly SessionMessage[]>): AsyncGenerator<readonly StreamedEvent[]> {
  for await (const batch of batches) yield batch.map(message => ({ id: message.seq, data: message }));
}
