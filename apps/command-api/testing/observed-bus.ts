import { InProcessBus, type Consumer, type ConsumeOptions, type Delivery } from '#bus';

const silent = { log: () => undefined, warn: () => undefined, error: () => undefined };

/** The bus of one process, and how many messages have been handled. */
export class ObservedBus extends InProcessBus {
  handled = 0;
  /** Why the last handler failed, if it did. */
  failure: unknown;

  constructor() {
    super({ log: silent });
  }

  override consume(options: ConsumeOptions, handler: (delivery: Delivery) => Promise<void>): Promise<Consumer> {
    return super.consume(options, async delivery => {
      try {
        await handler(delivery);
        this.failure = undefined;
      } catch (error) {
        this.failure = error;
        throw error;
      } finally {
        this.handled += 1;
      }
    });
  }
}
