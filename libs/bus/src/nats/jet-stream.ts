import { jetstream, type JetStreamClient, type JetStreamManager, type PubAck, type StreamConfig } from '@nats-io/jetstream';
import { type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { contains } from '../subjects.js';
import { asBusError, ErrorCode, hasCode, isNoResponders } from './errors.js';

export type StreamOptions = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects' | 'retention'>;

/** A stream that is there when it is needed: made at first use, and again after the server lost it. */
export class JetStream {
  readonly client: JetStreamClient;
  readonly #manager: Promise<JetStreamManager>;
  #ensuring: Promise<void> | undefined;

  /** @param timeoutMs how long an answer of the server is waited for */
  constructor(
    connection: NatsConnection,
    readonly config: StreamOptions,
    timeoutMs: number,
  ) {
    this.client = jetstream(connection, { timeout: timeoutMs });
    this.#manager = this.client.jetstreamManager(false);
  }

  get name(): string {
    return this.config.name;
  }

  /** Runs a request about the stream; makes the stream and runs it again when there is none. Rejects with the port's errors. */
  async request<T>(run: (manager: JetStreamManager) => Promise<T>): Promise<T> {
    const manager = await this.#manager;
    try {
      return await this.#orMade(() => run(manager));
    } catch (error) {
      throw asBusError(error);
    }
  }

  /** Resolves when the stream has the message. */
  publish(subject: string, data: string | Uint8Array, headers: MsgHdrs): Promise<PubAck> {
    return this.request(() => this.client.publish(subject, data, { headers, expect: { streamName: this.name } }));
  }

  async #orMade<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      if (!isNoResponders(error) && !hasCode(error, ErrorCode.streamNotFound)) throw error;
      await this.#ensure();
      return run();
    }
  }

  #ensure(): Promise<void> {
    this.#ensuring ??= this.#make().finally(() => (this.#ensuring = undefined));
    return this.#ensuring;
  }

  async #make(): Promise<void> {
    const manager = await this.#manager;
    const { config } = await manager.streams.add(this.config).catch((error: unknown) => {
      // An operator may have changed limits or replicas: those are theirs.
      if (hasCode(error, ErrorCode.nameInUse)) return manager.streams.info(this.name);
      throw error;
    });
    const carried = this.config.subjects.every(subject => config.subjects?.some(pattern => contains(pattern, subject)));
    if (config.retention !== this.config.retention || !carried)
      throw new Error(
        `the stream ${this.name} of NATS has retention "${config.retention}" and the subjects ${config.subjects?.join(', ')}; ` +
          `needed are "${this.config.retention}" and ${this.config.subjects.join(', ')}`,
      );
  }
}
