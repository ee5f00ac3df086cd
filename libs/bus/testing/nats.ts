import { jetstreamManager } from '@nats-io/jetstream';
import { connectNats, type Log, NatsBus, type NatsBusOptions, type NatsConnection } from '../src/index.js';

/** Buses on a real server, each with streams of its own. */
export interface NatsFixture {
  readonly connection: NatsConnection;
  /** It carries the subjects below `topic`; the same topic names the same streams. */
  bus(topic: string, options?: Partial<NatsBusOptions>): NatsBus;
  /** Deletes the streams, and closes the connection. */
  close(): Promise<void>;
}

const quiet: Log = { warn: () => {}, error: () => {} };

export async function natsFixture(url: string, log = quiet): Promise<NatsFixture> {
  const connection = await connectNats({ url, log, name: 'test' });
  const streams = new Set<string>();
  return {
    connection,
    bus: (topic, options) => {
      const [stream, deadStream] = ['TEST', 'DEAD'].map(prefix => `${prefix}_${topic.replaceAll('.', '_')}`) as [string, string];
      streams.add(stream).add(deadStream);
      return new NatsBus({
        connection,
        log,
        stream,
        deadStream,
        subjects: [`${topic}.>`],
        pullMs: 50,
        deadSubject: `dead.${topic}`,
        ...options,
      });
    },
    close: async () => {
      const manager = await jetstreamManager(connection);
      // Not every stream was used, and so made.
      await Promise.all([...streams].map(name => manager.streams.delete(name).catch(() => false)));
      await connection.close();
    },
  };
}
