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
import { type Clock, systemClock } from '../clock.js';
import { type Log } from '../log.js';
import { assertConsumeOptions, assertMessage, DEFAULT_SUBJECTS } from '../rules.js';
import { matches, overlap } from '../subjects.js';
import { RecentIds } from '../recent-ids.js';
import { type Surroundings, WorkQueue } from './work-queue.js';

const DUPLICATE_WINDOW_MS = 120_000;

export interface InProcessBusOptions {
  readonly log: Log;
  readonly clock?: Clock;
  /** Patterns of the subjects it carries, `ambient.trigger.>` unless told otherwise. */
  readonly subjects?: readonly string[];
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
  #deadLetters: readonly DeadLetter[] = [];
  #kept = 0;
  #closed = false;
  readonly #recentIds: RecentIds;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #subjects: readonly string[];
  readonly #maxMessages: number;
  readonly #maxDeadLetters: number;

  constructor(options: InProcessBusOptions) {
    const { log, clock = systemClock, subjects = DEFAULT_SUBJECTS } = options;
    const { maxMessages = 100_000, maxIds = 100_000, maxDeadLetters = 1000 } = options;
    this.#log = log;
    this.#clock = clock;
    this.#subjects = subjects;
    this.#maxMessages = maxMessages;
    this.#maxDeadLetters = maxDeadLetters;
    this.#recentIds = new RecentIds(DUPLICATE_WINDOW_MS, maxIds);
  }

  // The methods are async, so that they reject and never throw.
  async publish(message: Message): Promise<void> {
    this.#assertOpen();
    assertMessage(message, this.#subjects);
    this.#assertRoom();
    if (this.#recentIds.add(message.id, this.#clock.now())) this.#keep(message);
  }

  async consume(options: ConsumeOptions, handler: (delivery: Delivery) => Promise<void>): Promise<Consumer> {
    this.#assertOpen();
    assertConsumeOptions(options, this.#subjects);
    return this.#queueOf(options).consume(options, handler);
  }

  async deadLetters(): Promise<readonly DeadLetter[]> {
    this.#assertOpen();
    return this.#deadLetters;
  }

  async retryDeadLetter(id: string): Promise<boolean> {
    this.#assertOpen();
    const letter = this.#deadLetters.find(letter => letter.id === id);
    if (!letter) return false;
    this.#assertRoom();
    this.#forget(id);
    const { error: _error, attempts: _attempts, diedAt: _diedAt, ...message } = letter;
    this.#keep(message);
    return true;
  }

  async discardDeadLetter(id: string): Promise<boolean> {
    this.#assertOpen();
    return this.#forget(id);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#queues.values()].map(queue => queue.close()));
  }

  #assertOpen(): void {
    if (this.#closed) throw new BusUnavailable('the bus is closed');
  }

  #assertRoom(): void {
    if (this.#kept >= this.#maxMessages)
      throw new BusUnavailable(`the bus is full: ${this.#kept} messages wait for their consumers`);
  }

  #keep({ headers = {}, ...message }: Message): void {
    this.#kept++;
    const delivery: Delivery = { ...message, ...(Object.keys(headers).length > 0 ? { headers } : {}), attempt: 1 };
    const queue = [...this.#queues.values()].find(({ subject }) => matches(subject, message.subject));
    if (queue) queue.add(delivery);
    else this.#unclaimed.push(delivery);
  }

  #queueOf({ durable, subject }: ConsumeOptions): WorkQueue {
    const existing = this.#queues.get(durable);
    if (existing?.subject === subject) return existing;
    if (existing) throw new InvalidMessage(`the durable "${durable}" consumes "${existing.subject}": it has one subject`);
    const [rival] = [...this.#queues].find(([, other]) => overlap(other.subject, subject)) ?? [];
    if (rival)
      throw new InvalidMessage(
        `"${subject}" of the durable "${durable}" overlaps that of "${rival}": a message has one place to go`,
      );

    const queue = new WorkQueue(subject, this.#surroundings);
    this.#queues.set(durable, queue);
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
    this.#forget(message.id);
    const letters = [...this.#deadLetters, { ...message, error, attempts, diedAt: this.#clock.now() }];
    this.#deadLetters = letters.slice(-this.#maxDeadLetters);
    for (const { id } of letters.slice(0, -this.#maxDeadLetters))
      this.#log.warn(`more than ${this.#maxDeadLetters} dead letters: message ${id} is let go`);
  }

  /** False when there is no dead letter of that id. */
  #forget(id: string): boolean {
    const before = this.#deadLetters.length;
    this.#deadLetters = this.#deadLetters.filter(letter => letter.id !== id);
    return this.#deadLetters.length < before;
  }
}
