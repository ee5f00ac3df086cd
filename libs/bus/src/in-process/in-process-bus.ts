import {
  type Bus,
  BusUnavailable,
  type ConsumeOptions,
  type Consumer,
  type DeadLetter,
  type Delivery,
  type Message,
} from '../bus.js';
import { type Clock, systemClock } from '../clock.js';
import { type Log } from '../log.js';
import { assertPattern, assertSubject, matches, overlap } from '../subjects.js';
import { RecentIds } from './recent-ids.js';
import { type Surroundings, WorkQueue } from './work-queue.js';

const DUPLICATE_WINDOW_MS = 120_000;

export interface InProcessBusOptions {
  readonly log: Log;
  readonly clock?: Clock;
  /** Messages kept at a time; beyond that `publish` is refused with {@link BusUnavailable}. */
  readonly maxMessages?: number;
  /** Ids remembered for the duplicate window; beyond that the oldest are forgotten early. */
  readonly maxIds?: number;
  /** Dead letters kept; beyond that the oldest are let go. */
  readonly maxDeadLetters?: number;
}

/** The bus of a standalone start in one process. It ends with the process: what it held is asked for again, as after any loss. */
export class InProcessBus implements Bus {
  readonly #queues = new Map<string, WorkQueue>();
  /** Published before there was a consumer for them. */
  #unclaimed: Delivery[] = [];
  readonly #deadLetters: DeadLetter[] = [];
  #kept = 0;
  #closed = false;
  readonly #recentIds: RecentIds;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #maxMessages: number;
  readonly #maxDeadLetters: number;

  constructor({ log, clock = systemClock, maxMessages = 100_000, maxIds = 100_000, maxDeadLetters = 1000 }: InProcessBusOptions) {
    this.#log = log;
    this.#clock = clock;
    this.#maxMessages = maxMessages;
    this.#maxDeadLetters = maxDeadLetters;
    this.#recentIds = new RecentIds(DUPLICATE_WINDOW_MS, maxIds);
  }

  // The methods are async, so that they reject and never throw.
  async publish(message: Message): Promise<void> {
    this.#assertOpen();
    assertSubject(message.subject);
    if (this.#kept >= this.#maxMessages) {
      throw new BusUnavailable(`the bus is full: ${this.#kept} messages wait for their consumers`);
    }
    if (!this.#recentIds.add(message.id, this.#clock.now())) return;
    this.#kept++;
    const delivery: Delivery = { ...message, attempt: 1 };
    const queue = [...this.#queues.values()].find(({ subject }) => matches(subject, message.subject));
    if (queue) queue.add(delivery);
    else this.#unclaimed.push(delivery);
  }

  async consume(options: ConsumeOptions, handler: (delivery: Delivery) => Promise<void>): Promise<Consumer> {
    this.#assertOpen();
    return this.#queueOf(options).consume(options, handler);
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    this.#assertOpen();
    return [...this.#deadLetters];
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#queues.values()].map(queue => queue.close()));
  }

  #assertOpen(): void {
    if (this.#closed) throw new BusUnavailable('the bus is closed');
  }

  #queueOf({ durable, subject }: ConsumeOptions): WorkQueue {
    const key = `${durable} ${subject}`;
    const existing = this.#queues.get(key);
    if (existing) return existing;

    assertPattern(subject);
    const [rival] = [...this.#queues].find(([, other]) => overlap(other.subject, subject)) ?? [];
    if (rival) throw new Error(`"${key}" overlaps the durable "${rival}": a message has one place to go`);

    const queue = new WorkQueue(subject, this.#surroundings);
    this.#queues.set(key, queue);
    const claimed = Map.groupBy(this.#unclaimed, delivery => matches(subject, delivery.subject));
    this.#unclaimed = claimed.get(false) ?? [];
    for (const delivery of claimed.get(true) ?? []) queue.add(delivery);
    return queue;
  }

  get #surroundings(): Surroundings {
    return {
      clock: this.#clock,
      log: this.#log,
      done: () => void this.#kept--,
      bury: (delivery, error) => this.#bury(delivery, error),
    };
  }

  #bury({ attempt: attempts, ...message }: Delivery, error: string): void {
    this.#kept--;
    this.#log.error(`message ${message.id} of ${message.subject} is a dead letter after ${attempts} deliveries: ${error}`);
    this.#deadLetters.push({ ...message, error, attempts, diedAt: this.#clock.now() });
    if (this.#deadLetters.length <= this.#maxDeadLetters) return;
    const forgotten = this.#deadLetters.shift();
    this.#log.warn(`more than ${this.#maxDeadLetters} dead letters: message ${forgotten?.id} is let go`);
  }
}
