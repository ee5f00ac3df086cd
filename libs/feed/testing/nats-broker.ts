import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { NatsFeedStream, type FeedStream } from '../src/index.js';
import type { Broker } from './feed-stream-suite.js';
import { contentOfStream } from './plain-subscriber.js';

/** A real server as a suite sees it. */
export class NatsBroker implements Broker {
  private constructor(
    private readonly url: string,
    readonly connection: NatsConnection,
  ) {}

  static async open(url: string): Promise<NatsBroker> {
    return new NatsBroker(url, await connect({ servers: url, maxReconnectAttempts: -1, reconnectTimeWait: 100 }));
  }

  async relay(): Promise<FeedStream> {
    return new NatsFeedStream({ connection: this.connection });
  }

  async received() {
    return (await contentOfStream(this.url)).map(({ subject, headers, body }) => ({
      id: headers['Nats-Msg-Id'] ?? '',
      subject,
      headers,
      data: body,
    }));
  }

  async wipe(): Promise<void> {
    const { streams } = await jetstreamManager(this.connection);
    for (const name of ['AMBIENT_EVENTS', 'KV_AMBIENT_CHECKPOINTS']) await streams.delete(name).catch(() => false);
  }

  /** What was saved beside it stays. */
  async deleteStream(): Promise<void> {
    await (await jetstreamManager(this.connection)).streams.delete('AMBIENT_EVENTS');
  }

  async forget(): Promise<void> {
    await (await jetstreamManager(this.connection)).streams.purge('AMBIENT_EVENTS');
  }

  close(): Promise<void> {
    return this.connection.close();
  }
}
