import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { lastValueFrom } from 'rxjs';
import { type Bus, type Consumer, type ConsumeOptions, type Delivery, PoisonMessage } from '../bus.js';
import { BusContext } from './bus-context.js';

/** How the handlers consume; the subject is the pattern of each. */
export type BusTransportOptions = Omit<ConsumeOptions, 'subject'>;

/**
 * Nest's transport over the bus: the handler of `@EventPattern('ambient.trigger.requested.*.*')` consumes that subject. The message is
 * acknowledged when the handler, and the Observable it may answer with, has ended without an error. A handler may change the options
 * for itself: `@EventPattern(subject, { concurrency: 1 })`; where there are several patterns, each names a `durable` of its own. Use {@link BusErrorFilter} with it.
 */
export class BusTransport extends Server<never, never> implements CustomTransportStrategy {
  override readonly transportId = Symbol('bus');
  /** The bus reports a failed event, so Nest need not. */
  override readonly propagatesEventHandlerErrors = true;
  #consumers: Consumer[] = [];

  constructor(
    private readonly bus: Bus,
    private readonly options: BusTransportOptions,
  ) {
    super();
  }

  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      for (const [pattern, handler] of this.messageHandlers) await this.#consume(pattern, handler);
    } catch (error) {
      await this.close();
      callback(error);
      return;
    }
    callback();
  }

  /** Takes no more, and waits for the handlers that run. The bus stays open: it is its maker's. */
  async close(): Promise<void> {
    await Promise.all(this.#consumers.map(consumer => consumer.stop()));
    this.#consumers = [];
  }

  on(): never {
    throw new Error('the bus transport has no events of its own: listen to the bus');
  }

  unwrap(): never {
    throw new Error('the bus transport has no server beneath it: inject the bus');
  }

  async #consume(pattern: string, handler: MessageHandler): Promise<void> {
    if (!handler.isEventHandler)
      throw new Error(`the handler of "${pattern}" is a @MessagePattern; the bus carries no answers: use @EventPattern`);
    const options: ConsumeOptions = { ...this.options, ...handler.extras, subject: pattern };
    this.#consumers.push(await this.bus.consume(options, delivery => this.#handle(handler, delivery)));
  }

  async #handle(handler: MessageHandler, delivery: Delivery): Promise<void> {
    const result = handler(parse(delivery), new BusContext([delivery]));
    await lastValueFrom(this.transformToObservable(result), { defaultValue: undefined }).catch((error: unknown) => {
      throw asError(error);
    });
  }
}

function parse({ data, subject, id }: Delivery): unknown {
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new PoisonMessage(`the data of message ${id} of ${subject} is not JSON: ${(error as SyntaxError).message}`, {
      cause: error,
    });
  }
}

/** An `RpcException` that no filter took arrives as the plain object `{status, message}`. */
function asError(error: unknown): Error {
  if (error instanceof Error) return error;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : error;
  return new Error(typeof message === 'string' ? message : JSON.stringify(message));
}
