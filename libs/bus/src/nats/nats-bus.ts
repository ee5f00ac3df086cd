import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type ConsumerInfo,
  type JetStreamManager,
} from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import {
  type Bus,
  BusUnavailable,
  type ConsumeOptions,
  type Consumer,
  type DeadLetter,
  type Delivery,
  InvalidMessage,
  type Message,
} from '../bus.js';
import { type Clock, monotonicClock } from '../clock.js';
import { type Log } from '../log.js';
import { assertConsumeOptions, assertMessage, DEFAULT_SUBJECTS } from '../rules.js';
import { DeadLetterStream } from './dead-letter-stream.js';
import { ErrorCode, hasCode } from './errors.js';
import { JetStream } from './jet-stream.js';
import { PullConsumer } from './pull-consumer.js';
import { headersOf } from './wire.js';

export interface NatsBusOptions {
  /** Stays open when the bus is closed: it is its maker's. */
  readonly connection: NatsConnection;
  readonly log: Log;
  /** Must not follow a clock that is set. */
  readonly clock?: Clock;
  /** The work queue, and the patterns of the subjects it carries. */
  readonly stream?: string;
  readonly subjects?: readonly string[];
  /** The dead letters, and the subject that theirs are below. */
  readonly deadStream?: string;
  readonly deadSubject?: string;
  /** Servers of a cluster that keep each message; it counts when streams are made. */
  readonly replicas?: number;
  /** A message whose process ended comes again after so many milliseconds; it counts when a durable is made. */
  readonly ackWaitMs?: number;
  /** A consumer asks for messages every so many milliseconds while there are none, and needs as long to stop. */
  readonly pullMs?: number;
  /** Milliseconds that an answer of the server is waited for; then it is unavailable. */
  readonly timeoutMs?: number;
  /** Beyond that `publish` is refused with {@link BusUnavailable}. */
  readonly maxMessages?: number;
  /** Beyond that the oldest are let go. */
  readonly maxDeadLetters?: number;
}

const DUPLICATE_WINDOW_MS = 120_000;
/** Messages of one durable that are in handling or wait for their next delivery, over all processes. */
const MAX_UNACKNOWLEDGED = 20_000;

/** The bus on NATS JetStream 2.9 or later. Streams and durables are made when they are needed, and again when the server lost them. */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions;
  readonly #subjects: readonly string[];
  readonly #ackWaitMs: number;
  readonly #queue: JetStream;
  readonly #dead: DeadLetterStream;
  readonly #consumers = new Set<PullConsumer>();
  #closed = false;

  constructor(options: NatsBusOptions) {
    const { connection, subjects = DEFAULT_SUBJECTS, ackWaitMs = 30_000, timeoutMs = 5000, replicas = 1 } = options;
    this.#options = options;
    this.#subjects = subjects;
    this.#ackWaitMs = ackWaitMs;
    this.#queue = new JetStream(
      connection,
      {
        name: options.stream ?? 'AMBIENT_TRIGGERS',
        subjects: [...subjects],
        retention: RetentionPolicy.Workqueue,
        storage: StorageType.File,
        discard: DiscardPolicy.New,
        duplicate_window: nanos(DUPLICATE_WINDOW_MS),
        max_msgs: options.maxMessages ?? 1_000_000,
        num_replicas: replicas,
      },
      timeoutMs,
    );
    this.#dead = new DeadLetterStream(connection, {
      name: options.deadStream ?? 'AMBIENT_DEAD',
      subject: options.deadSubject ?? 'ambient.dead',
      maxDeadLetters: options.maxDeadLetters ?? 1000,
      replicas,
      timeoutMs,
    });
  }

  // The methods are async, so that they reject and never throw.
  async publish(message: Message): Promise<void> {
    this.#assertOpen();
    assertMessage(message, this.#subjects);
    await this.#queue.publish(message.subject, message.data, headersOf(message));
  }

  /** Waits for a server that is away. */
  async consume(options: ConsumeOptions, handler: (delivery: Delivery) => Promise<void>): Promise<Consumer> {
    this.#assertOpen();
    assertConsumeOptions(options, this.#subjects);
    const { connection, log, clock = monotonicClock, pullMs = 1000 } = this.#options;
    const consumer = new PullConsumer(options, handler, {
      connection,
      log,
      clock,
      pullMs,
      api: this.#queue.client.apiPrefix,
      bind: () => this.#durable(options),
      bury: ({ attempt: _attempt, ...message }, error, attempts) => this.#bury(message, error, attempts),
      stopped: () => void this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    await consumer.start();
    return consumer;
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    this.#assertOpen();
    return this.#dead.list();
  }

  async retryDeadLetter(id: string): Promise<boolean> {
    this.#assertOpen();
    const stored = await this.#dead.find(id);
    if (!stored) return false;
    const { error: _error, attempts: _attempts, diedAt: _diedAt, ...message } = stored.letter;
    // The duplicate window takes it for another message than the one that died, and a retry that is made twice for one.
    await this.#queue.publish(message.subject, message.data, headersOf(message, `${id} retry ${stored.sequence}`));
    await this.#dead.forget(stored);
    return true;
  }

  async discardDeadLetter(id: string): Promise<boolean> {
    this.#assertOpen();
    const stored = await this.#dead.find(id);
    if (stored) await this.#dead.forget(stored);
    return stored !== undefined;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#consumers].map(consumer => consumer.stop()));
  }

  #assertOpen(): void {
    if (this.#closed) throw new BusUnavailable('the bus is closed');
  }

  async #bury(message: Message, error: string, attempts: number): Promise<void> {
    await this.#dead.bury(message, error, attempts);
    this.#options.log.error(
      `message ${message.id} of ${message.subject} is a dead letter after ${attempts} deliveries: ${error}`,
    );
  }

  async #durable(options: ConsumeOptions): Promise<ConsumerInfo> {
    const { durable, subject } = options;
    const info = await this.#queue.request(manager => this.#findOrMake(manager, options));
    const consumed = info.config.filter_subject ?? this.#subjects[0];
    if (consumed === subject) return info;
    throw new InvalidMessage(`the durable "${durable}" consumes "${consumed}": it has one subject`);
  }

  async #findOrMake(manager: JetStreamManager, { durable, subject }: ConsumeOptions): Promise<ConsumerInfo> {
    try {
      return await manager.consumers.info(this.#queue.name, durable);
    } catch (error) {
      if (!hasCode(error, ErrorCode.consumerNotFound)) throw error;
    }
    try {
      return await manager.consumers.add(this.#queue.name, {
        durable_name: durable,
        filter_subject: subject,
        deliver_policy: DeliverPolicy.All,
        ack_policy: AckPolicy.Explicit,
        ack_wait: nanos(this.#ackWaitMs),
        max_ack_pending: MAX_UNACKNOWLEDGED,
      });
    } catch (error) {
      if (!hasCode(error, ErrorCode.consumerNotUnique)) throw error;
      throw new InvalidMessage(
        `"${subject}" of the durable "${durable}" overlaps that of another: a message has one place to go`,
        {
          cause: error,
        },
      );
    }
  }
}
