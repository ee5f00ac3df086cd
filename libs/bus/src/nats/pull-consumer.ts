import { type ConsumerInfo } from '@nats-io/jetstream';
import { createInbox, millis, nanos, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { BusUnavailable, type ConsumeOptions, type Consumer, type Delivery } from '../bus.js';
import { type Clock } from '../clock.js';
import { type Log } from '../log.js';
import { pause } from '../pause.js';
import { Hands } from './hands.js';
import { Pulled } from './wire.js';

/** What a consumer needs of the bus around it. */
export interface Surroundings {
  readonly connection: NatsConnection;
  readonly log: Log;
  readonly clock: Clock;
  /** A request for messages ends after so many milliseconds, and the next one is made. A consumer that stops waits for that end. */
  readonly pullMs: number;
  /** Prefix of JetStream's subjects. */
  readonly api: string;
  /** Finds the durable, or makes it. Rejects with the port's errors. */
  bind(): Promise<ConsumerInfo>;
  /** Resolves when the message is kept among the dead letters. */
  bury(delivery: Delivery, error: string, attempts: number): Promise<void>;
  stopped(): void;
}

/** When a request for messages has had no answer so long after its end, the server has forgotten it. */
const SILENCE_MS = 2000;
const TICK_MS = 1000;
/** A server that is away is tried again after so long. */
const RETRY_MS = 1000;
/** A durable that is gone is looked for after so long. */
const GONE_MS = 250;
/** A server that refused the durable is asked again after so long. */
const REFUSED_MS = 10_000;
/** How long a consumer that stops waits for a server that is away, so that it can answer what it has handled. */
const FAREWELL_MS = 2000;

/**
 * Pulls as many messages of a durable as it has hands free. Whatever happens to the connection, the durable or the stream, it binds anew
 * and goes on.
 */
export class PullConsumer implements Consumer {
  readonly #hands: Hands;
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;
  /** The making of the durable that it is bound to, and a promise of it. */
  #binding: string | undefined;
  #bound = Promise.withResolvers<string>();
  #isBinding = false;
  #inbox: Subscription | undefined;
  /** Asks the server for so many messages. */
  #pull: (batch: number) => void = () => {};
  /** Messages asked for that have not come. */
  #awaited = 0;
  /** Told when there may be none of them. */
  #answered = (): void => {};
  #heardAt = 0;
  #cancelTick = (): void => {};

  constructor(
    private readonly options: ConsumeOptions,
    handler: (delivery: Delivery) => Promise<void>,
    private readonly around: Surroundings,
  ) {
    this.#hands = new Hands(options, handler, {
      log: around.log,
      clock: around.clock,
      bury: (delivery, error, attempts) => around.bury(delivery, error, attempts),
      binding: async () => this.#binding ?? (await this.#withinFarewell(this.#bound.promise)),
      freed: () => this.#ask(),
    });
  }

  /** Resolves when it consumes; rejects when the durable can't be had. */
  async start(): Promise<void> {
    try {
      await this.#bind();
    } catch (error) {
      await this.stop();
      throw error;
    }
    if (!this.#stopping.signal.aborted) void this.#followConnection();
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    this.#hands.close();
    // What the server sends to an inbox that is closed would be missing until the server loses patience.
    if (this.#binding !== undefined) await this.#withinFarewell(this.#noneAwaited());
    this.#inbox?.unsubscribe();
    // Not before: what is given back goes to who has asked.
    this.#hands.giveBack();
    await this.#hands.settled();
    if (!this.around.connection.isClosed()) await this.#withinFarewell(this.around.connection.flush());
    this.#cancelTick();
    this.around.stopped();
  }

  #noneAwaited(): Promise<void> {
    return new Promise(resolve => {
      this.#answered = () => {
        if (this.#awaited === 0) resolve();
      };
      this.#answered();
    });
  }

  async #followConnection(): Promise<void> {
    for await (const { type } of this.around.connection.status()) {
      if (this.#stopping.signal.aborted) return;
      if (type === 'disconnect') this.#unbind();
      if (type === 'reconnect') void this.#rebind();
    }
  }

  /** From now on nothing is answered before it is bound again: the stream may have been lost, and another may have its place. */
  #unbind(): void {
    if (this.#binding === undefined) return;
    this.#binding = undefined;
    this.#bound = Promise.withResolvers();
  }

  async #rebind(afterMs = 0): Promise<void> {
    this.#unbind();
    try {
      await pause(this.around.clock, afterMs, this.#stopping.signal);
      if (this.#binding === undefined) await this.#bind();
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.around.log.error(`${this.options.durable} consumes no more, and tries on: ${text}`);
      await this.#rebind(REFUSED_MS);
    }
  }

  /** Until it is bound, or told to stop. */
  async #bind(): Promise<void> {
    if (this.#isBinding) return;
    this.#isBinding = true;
    const { signal } = this.#stopping;
    try {
      for (let tries = 0; !signal.aborted; tries++) {
        try {
          this.#open(await this.around.bind());
          return;
        } catch (error) {
          if (!(error instanceof BusUnavailable)) throw error;
          if (tries === 0) this.around.log.warn(`${this.options.durable} waits for NATS: ${error.message}`);
        }
        await pause(this.around.clock, RETRY_MS, signal);
      }
    } finally {
      this.#isBinding = false;
    }
  }

  #open({ created, config, stream_name: stream, name }: ConsumerInfo): void {
    const { connection, api, pullMs, clock } = this.around;
    if (this.#stopping.signal.aborted) return;
    const inbox = this.#inbox ?? connection.subscribe(createInbox(), { callback: (_error, msg) => this.#receive(msg) });
    const next = `${api}.CONSUMER.MSG.NEXT.${stream}.${name}`;
    const reply = inbox.getSubject();
    this.#inbox = inbox;
    this.#pull = batch => connection.publish(next, JSON.stringify({ batch, expires: nanos(pullMs) }), { reply });
    this.#awaited = 0;
    this.#heardAt = clock.now();
    this.#binding = created;
    this.#bound.resolve(created);
    this.#hands.keepOnly(created);
    this.#tickEvery(Math.min(TICK_MS, millis(config.ack_wait ?? nanos(TICK_MS)) / 3));
    this.#ask();
  }

  /** Asks for as many messages as there are hands free, once what it asked for before has come. */
  #ask(): void {
    const batch = this.#hands.free;
    if (this.#awaited > 0 || batch <= 0 || this.#binding === undefined || this.#stopping.signal.aborted) return;
    this.#awaited = batch;
    this.#pull(batch);
  }

  #tickEvery(ms: number): void {
    this.#cancelTick();
    this.#cancelTick = this.around.clock.setTimer(ms, () => {
      if (this.#binding !== undefined) this.#hands.working(this.#binding);
      if (this.#isForgotten) void this.#rebind();
      this.#tickEvery(ms);
    });
  }

  get #isForgotten(): boolean {
    const silentMs = this.around.clock.now() - this.#heardAt;
    return this.#binding !== undefined && this.#awaited > 0 && silentMs > this.around.pullMs + SILENCE_MS;
  }

  #receive(msg: Msg): void {
    this.#heardAt = this.around.clock.now();
    if (msg.reply) {
      this.#came(1);
      this.#hands.take(new Pulled(msg), this.#binding ?? '');
      this.#ask();
    } else this.#hear(msg);
  }

  /** What the server says instead of a message. */
  #hear({ headers }: Msg): void {
    const unserved = Number.parseInt(headers?.get('Nats-Pending-Messages') ?? '', 10);
    if (headers?.code === 408 && !Number.isNaN(unserved)) {
      this.#came(unserved);
      this.#ask();
      return;
    }
    // The durable is gone, or has moved to another server.
    if (!this.#stopping.signal.aborted) void this.#rebind(GONE_MS);
  }

  #came(count: number): void {
    this.#awaited = Math.max(0, this.#awaited - count);
    this.#answered();
  }

  /** What the promise resolves to, or nothing when it rejects, or does not settle within the farewell of a consumer that stops. */
  async #withinFarewell<T>(promise: Promise<T>): Promise<T | undefined> {
    const { signal } = this.#stopping;
    const over = Promise.withResolvers<undefined>();
    let cancel = (): void => {};
    const begin = (): void => void (cancel = this.around.clock.setTimer(FAREWELL_MS, () => over.resolve(undefined)));
    if (signal.aborted) begin();
    else signal.addEventListener('abort', begin, { once: true });
    try {
      return await Promise.race([promise.catch(() => undefined), over.promise]);
    } finally {
      cancel();
      signal.removeEventListener('abort', begin);
    }
  }
}
