import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';

/** A message as any NATS client gets it. */
export interface Received {
  readonly subject: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** In the stream. */
  readonly sequence: number;
}

/** Another service: a NATS client that uses nothing of this project. It reads the stream from its beginning, then what comes. */
export class PlainSubscriber {
  readonly received: Received[] = [];

  private constructor(private readonly connection: NatsConnection) {}

  /** The stream must be there. */
  static async open(url: string, filter = 'ambient.events.>'): Promise<PlainSubscriber> {
    const connection = await connect({ servers: url });
    const subscriber = new PlainSubscriber(connection);
    const consumer = await jetstream(connection).consumers.get('AMBIENT_EVENTS', { filter_subjects: filter });
    const messages = await consumer.consume();
    void subscriber.#read(messages);
    return subscriber;
  }

  async #read(messages: AsyncIterable<Parameters<typeof asReceived>[0]>): Promise<void> {
    for await (const message of messages) this.received.push(asReceived(message));
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}

/** All that the stream holds now; nothing when it is not there. */
export async function contentOfStream(url: string): Promise<readonly Received[]> {
  const connection = await connect({ servers: url });
  try {
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    const info = await streams.info('AMBIENT_EVENTS').catch(() => undefined);
    if (!info || info.state.messages === 0) return [];
    const consumer = await jetstream(connection).consumers.get('AMBIENT_EVENTS');
    const received: Received[] = [];
    for await (const message of await consumer.consume()) {
      received.push(asReceived(message));
      if (message.info.pending === 0) break;
    }
    return received;
  } finally {
    await connection.close();
  }
}

/** Number of messages in the stream. */
export async function lengthOfStream(connection: NatsConnection): Promise<number> {
  try {
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    return (await streams.info('AMBIENT_EVENTS')).state.messages;
  } catch {
    return 0;
  }
}

function asReceived(message: {
  subject: string;
  headers?: Iterable<[string, string[]]> | undefined;
  seq: number;
  string(): string;
}): Received {
  const headers = Object.fromEntries([...(message.headers ?? [])].map(([name, [value = '']]) => [name, value]));
  return { subject: message.subject, headers, body: message.string(), sequence: message.seq };
}
