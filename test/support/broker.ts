/** A nats-server of its own for a system under test: beside embedded stores, or, where the stores are servers, the one beside them. */
import { startNatsServer, type NatsServer } from '#testing';
import { ON_SERVERS, serversOf } from './engines.js';
import { PlainNats } from './plain-nats.js';

export interface Broker {
  readonly server: NatsServer;
  /** Another service that listens. */
  readonly plain: PlainNats;
  stop(): Promise<void>;
}

export async function brokerOf(dataDir: string): Promise<Broker> {
  const server = ON_SERVERS ? (await serversOf(dataDir)).nats : await startNatsServer();
  const plain = await PlainNats.connect(server.url);
  return {
    server,
    plain,
    stop: async () => {
      await plain.close();
      await server.stop();
    },
  };
}
