import type { NatsConnection } from '@nats-io/transport-node';
import { DeliverPolicy, jetstream, type JsMsg } from '@nats-io/jetstream';
import { decodeHeader, type FeedMessage } from '../message.js';
import { asking, ErrorCode, hasCode } from './errors.js';
import { STREAM } from './nats-feed-stream.js';

export interface ReadFeedOptions {
  /** Stays open: it is its maker's. */
  readonly connection: NatsConnection;
  /** With wildcards: `ambient.events.acme.>`. One, because servers before 2.10 take no more. */
  readonly subject: string;
  /** From the oldest that is kept, from an instant on, or only what comes. */
  readonly from: 'all' | 'new' | Date;
  /** Ends the reading. */
  readonly signal: AbortSignal;
}

/**
 * The messages of the feed, as any service can read them: an ordered consumer, which the server forgets when it is not read any more.
 * @throws {Error} there is no feed: no scheduler has published to this server yet
 */
export async function* readFeed({ connection, subject, from, signal }: ReadFeedOptions): AsyncGenerator<FeedMessage> {
  const consumer = await asking(async () => {
    try {
      return await jetstream(connection).consumers.get(STREAM, { filter_subjects: subject, ...startingAt(from) });
    } catch (error) {
      if (!hasCode(error, ErrorCode.StreamNotFound)) throw error;
      throw new Error(`this NATS has no stream ${STREAM} yet: a scheduler makes it`, { cause: error });
    }
  });
  const messages = await asking(() => consumer.consume());
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (!signal.aborted) for await (const message of messages) yield feedMessageIn(message);
  } finally {
    signal.removeEventListener('abort', stop);
    await messages.close();
  }
}

function startingAt(from: ReadFeedOptions['from']) {
  if (from === 'all') return { deliver_policy: DeliverPolicy.All };
  if (from === 'new') return { deliver_policy: DeliverPolicy.New };
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: from.toISOString() };
}

function feedMessageIn(message: JsMsg): FeedMessage {
  const headers = Object.fromEntries([...(message.headers ?? [])].map(([name, [value = '']]) => [name, value]));
  return {
    subject: message.subject,
    id: headers['ce-id'] ?? '',
    position: decodeHeader(headers['ce-sequence'] ?? ''),
    headers,
    data: message.string(),
  };
}
