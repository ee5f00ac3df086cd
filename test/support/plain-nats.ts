/** Another service: a NATS client that uses nothing of this project. */
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect, type NatsConnection } from '@nats-io/transport-node';

/** A message as any NATS client gets it. */
export interface PlainMessage {
  readonly subject: string;
  /** In its stream, from 1. */
  readonly sequence: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

type Raw = { subject: string; seq: number; data: Uint8Array; headers?: Iterable<[string, string[]]> | undefined };

const plain = ({ subject, seq, data, headers }: Raw): PlainMessage => ({
  subject,
  sequence: seq,
  headers: Object.fromEntries([...(headers ?? [])].map(([name, [value = '']]) => [name, value])),
  body: data,
});

export class PlainNats {
  private constructor(private readonly connection: NatsConnection) {}

  /** Connects again by itself when the server was away. */
  static async connect(url: string): Promise<PlainNats> {
    return new PlainNats(await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 }));
  }

  /** Messages that a stream holds; 0 when it is not there. */
  async count(stream: string): Promise<number> {
    return (await this.#info(stream))?.state.messages ?? 0;
  }

  /**
   * Messages of a work queue that are not acknowledged. (A server that was killed may keep acknowledged ones, which it delivers no more:
   * seen on 2.9.)
   */
  async unacknowledged(stream: string): Promise<number> {
    const { consumers } = await jetstreamManager(this.connection, { checkAPI: false });
    const all = await consumers.list(stream).next();
    return all.reduce((sum, { num_pending, num_ack_pending }) => sum + num_pending + num_ack_pending, 0);
  }

  /** All that a stream holds now, oldest first. */
  async content(stream: string): Promise<readonly PlainMessage[]> {
    const messages = await this.count(stream);
    const content: PlainMessage[] = [];
    if (messages === 0) return content;
    for await (const message of this.consume(stream)) if (content.push(message) === messages) break;
    return content;
  }

  /** Reads a stream from its beginning, and then what comes. The stream must be there. */
  async *consume(stream: string): AsyncGenerator<PlainMessage> {
    const consumer = await jetstream(this.connection).consumers.get(stream);
    const messages = await consumer.consume();
    try {
      for await (const message of messages) yield plain(message);
    } finally {
      await messages.close();
    }
  }

  /** Resolves when the next message of a subject is published. */
  async next(subject: string): Promise<void> {
    for await (const _ of this.connection.subscribe(subject, { max: 1 })) return;
  }

  /** Process id of the leader by its lease; undefined while there is none. */
  async leader(lease: string): Promise<number | undefined> {
    const entry = await (await new Kvm(this.connection).open('AMBIENT_LEASES')).get(lease);
    return entry?.operation === 'PUT' ? Number(entry.string().split(' ')[1]) : undefined;
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  async #info(stream: string) {
    const { streams } = await jetstreamManager(this.connection, { checkAPI: false });
    return (await streams.list().next()).find(({ config }) => config.name === stream);
  }
}
