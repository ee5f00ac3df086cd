import { type Clock } from '../clock.js';
import { type Consumer, type ConsumeOptions, type Delivery } from '../bus.js';
import { judge } from '../failure.js';
import { type Log } from '../log.js';

/** What a queue needs of the bus around it. */
export interface Surroundings {
  readonly clock: Clock;
  readonly log: Log;
  /** The message was handled: it is gone. */
  readonly done: (delivery: Delivery) => void;
  /** The message will not be delivered again. */
  readonly bury: (delivery: Delivery, error: string) => void;
}

interface Worker {
  readonly options: ConsumeOptions;
  readonly handler: (delivery: Delivery) => Promise<void>;
  /** One promise for each message in handling. None of them rejects. */
  readonly handling: Set<Promise<void>>;
}

/** The messages of one durable, and those who share their handling. */
export class WorkQueue {
  readonly #waiting = new Set<Delivery>();
  readonly #workers = new Set<Worker>();
  readonly #backoffs = new Set<() => void>();

  constructor(
    readonly subject: string,
    private readonly around: Surroundings,
  ) {}

  add(delivery: Delivery): void {
    this.#waiting.add(delivery);
    this.#handOut();
  }

  consume(options: ConsumeOptions, handler: Worker['handler']): Consumer {
    const worker: Worker = { options, handler, handling: new Set() };
    this.#workers.add(worker);
    this.#handOut();
    return { stop: () => this.#stop(worker) };
  }

  /** Stops every consumer; what is left is forgotten. */
  async close(): Promise<void> {
    await Promise.all([...this.#workers].map(worker => this.#stop(worker)));
    for (const cancel of this.#backoffs) cancel();
  }

  async #stop(worker: Worker): Promise<void> {
    this.#workers.delete(worker);
    await Promise.all(worker.handling);
  }

  #handOut(): void {
    for (const delivery of this.#waiting) {
      const worker = this.#leastBusy();
      if (!worker) return;
      this.#waiting.delete(delivery);
      const handling = this.#handle(worker, delivery).finally(() => {
        worker.handling.delete(handling);
        this.#handOut();
      });
      worker.handling.add(handling);
    }
  }

  #leastBusy(): Worker | undefined {
    return [...this.#workers]
      .filter(worker => worker.handling.size < worker.options.concurrency)
      .sort((a, b) => a.handling.size - b.handling.size)[0];
  }

  async #handle(worker: Worker, delivery: Delivery): Promise<void> {
    try {
      // A publisher goes on before its message is handled, as with a broker.
      await Promise.resolve();
      await worker.handler(delivery);
      this.around.done(delivery);
    } catch (error) {
      this.#failed(worker.options, delivery, error);
    }
  }

  #failed(options: ConsumeOptions, delivery: Delivery, error: unknown): void {
    const verdict = judge(options, delivery, error, this.around.log);
    if (verdict.kind === 'bury') {
      this.around.bury(delivery, verdict.error);
      return;
    }
    const cancel = this.around.clock.setTimer(verdict.waitMs, () => {
      this.#backoffs.delete(cancel);
      this.add({ ...delivery, attempt: delivery.attempt + 1 });
    });
    this.#backoffs.add(cancel);
  }
}
