import { type ConsumeOptions, type Delivery } from '../bus.js';
import { type Clock } from '../clock.js';
import { judge } from '../failure.js';
import { type Log } from '../log.js';
import { RecentIds } from '../recent-ids.js';
import { type Pulled } from './wire.js';

/** What the hands need of the consumer around them. */
export interface Surroundings {
  readonly log: Log;
  readonly clock: Clock;
  /** Resolves when the message is kept among the dead letters. */
  bury(delivery: Delivery, error: string, attempts: number): Promise<void>;
  /** The making of the durable that answers go to; waits for it while the server is away. Nothing when it stops before it is back. */
  binding(): Promise<string | undefined>;
  /** A hand is free again. */
  freed(): void;
}

/** The last delivery of a message: it is the one to answer. */
interface Taken {
  pulled: Pulled;
  /** Of which making of the durable it is a delivery. */
  binding: string;
}

interface Handling extends Taken {
  settled: Promise<void>;
}

type Answer = (last: Pulled) => void;

/** What was handled lately is acknowledged again, and not handled again, when its acknowledgement was lost. */
const REMEMBERED_MS = 600_000;
const REMEMBERED = 10_000;
const BURY_AGAIN_MS = 1000;

/** Handles so many messages at a time, and answers each delivery when its handler has ended. */
export class Hands {
  /** Came when no hand was free: the server may send more than it was asked for when it was asked again. */
  readonly #waiting = new Map<string, Taken>();
  readonly #handling = new Map<string, Handling>();
  readonly #handled = new RecentIds(REMEMBERED_MS, REMEMBERED);
  /** The errors of those that could not be put to the dead letters yet. */
  readonly #unburied = new Map<string, { readonly error: string; readonly attempts: number }>();
  #isClosed = false;

  constructor(
    private readonly options: ConsumeOptions,
    private readonly handler: (delivery: Delivery) => Promise<void>,
    private readonly around: Surroundings,
  ) {}

  /** How many more messages may come. Negative when more have come than were asked for. */
  get free(): number {
    return this.options.concurrency - this.#handling.size - this.#waiting.size;
  }

  take(pulled: Pulled, binding: string): void {
    if (this.#handled.has(pulled.key, this.around.clock.now())) {
      pulled.ack();
      return;
    }
    const running = this.#handling.get(pulled.key);
    if (!running) {
      this.#waiting.set(pulled.key, { pulled, binding });
      this.#work();
      return;
    }
    // The server lost patience; the handling goes on, and its end answers this delivery.
    Object.assign(running, { pulled, binding });
    if (!this.#isClosed) pulled.working();
  }

  /** Tells the server that the handling goes on. */
  working(binding: string): void {
    for (const taken of [...this.#handling.values(), ...this.#waiting.values()])
      if (taken.binding === binding) taken.pulled.working();
  }

  /** Forgets what waits and is no delivery of this making of the durable. */
  keepOnly(binding: string): void {
    for (const [key, taken] of this.#waiting) if (taken.binding !== binding) this.#waiting.delete(key);
  }

  /** From now on what comes waits. */
  close(): void {
    this.#isClosed = true;
  }

  /** Gives back what waits: another consumer has it at once. */
  giveBack(): void {
    for (const { pulled } of this.#waiting.values()) pulled.retry(0);
    this.#waiting.clear();
  }

  /** Resolves when the handlers that run have ended. */
  async settled(): Promise<void> {
    await Promise.all([...this.#handling.values()].map(({ settled }) => settled));
  }

  #work(): void {
    for (const [key, taken] of this.#waiting) {
      if (this.#isClosed || this.#handling.size >= this.options.concurrency) return;
      this.#waiting.delete(key);
      const handling: Handling = { ...taken, settled: Promise.resolve() };
      this.#handling.set(key, handling);
      handling.settled = this.#handle(handling).finally(() => {
        this.#handling.delete(key);
        this.#work();
        this.around.freed();
      });
    }
  }

  async #handle(handling: Handling): Promise<void> {
    const answer = await this.#answerTo(handling.pulled);
    // A durable that was made anew knows nothing of this delivery, and may have another of the same number.
    if ((await this.around.binding()) === handling.binding) answer(handling.pulled);
  }

  async #answerTo(pulled: Pulled): Promise<Answer> {
    const { options, around } = this;
    const delivery: Delivery = { ...pulled.message, attempt: pulled.deliveries };
    const unburied = this.#unburied.get(pulled.key);
    if (unburied) return this.#bury(pulled.key, delivery, unburied.error, unburied.attempts);
    if (delivery.attempt > options.maxDeliveries) {
      const error = `none of ${options.maxDeliveries} deliveries was answered: their processes ended, or could not reach NATS`;
      return this.#bury(pulled.key, delivery, error, options.maxDeliveries);
    }
    try {
      await this.handler(delivery);
      this.#handled.add(pulled.key, around.clock.now());
      return last => last.ack();
    } catch (error) {
      const verdict = judge(options, delivery, error, around.log);
      if (verdict.kind === 'bury') return this.#bury(pulled.key, delivery, verdict.error, delivery.attempt);
      return last => last.retry(verdict.waitMs);
    }
  }

  async #bury(key: string, delivery: Delivery, error: string, attempts: number): Promise<Answer> {
    const { options, around } = this;
    try {
      await around.bury(delivery, error, attempts);
      this.#unburied.delete(key);
      return last => last.terminate();
    } catch (failure) {
      const text = failure instanceof Error ? failure.message : String(failure);
      around.log.error(`message ${delivery.id} could not be put to the dead letters, and will be again: ${text}`);
      if (this.#unburied.size < REMEMBERED) this.#unburied.set(key, { error, attempts });
      return last => last.retry(options.backoffMs.at(-1) ?? BURY_AGAIN_MS);
    }
  }
}
