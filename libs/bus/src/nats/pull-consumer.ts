import { type ConsumerInfo } from '@nats-io/jetstream';
import { createInbox, millis, nanos, type Msg, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { BusUnavailable, type ConsumeOptions, type Consumer, type Delivery } from '../bus.js';
import { type Clock } from '../clock.js';
import { judge } from '../failure.js';
import { type Log } from '../log.js';
import { pause } from '../pause.js';
import { RecentIds } from '../recent-ids.js';
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

/** The last delivery of a message: it is the one to answer. */
interface Taken {
  pulled: Pulled;
  /** Of which making of the durable it is a delivery. */
  binding: string;
}

interface Handling extends Taken {
  settled: Promise<void>;
}

/** When a request for messages has had no answer so long after its end, the server has forgotten it. */
const SILENCE_MS = 2000;
const TICK_MS = 1000;
const RETRY_MS = 1000;
const REFUSED_MS = 10_000;
/** The messages handled lately, so that one whose acknowledgement was lost is acknowledged again and not handled again. */
const REMEMBERED_MS = 600_000;
const REMEMBERED = 10_000;
/** How long a consumer that stops waits for a server that is away, so that it can answer what it has handled. */
const FAREWELL_MS = 2000;

/**
 * Pulls as many messages of a durable as it has hands free, and answers each when its handler has ended. Whatever happens to the
 * connection, the durable or the stream, it binds anew and goes on.
 */
export class PullConsumer implements Consumer {
  /** Came when no hand was free: the server sent more than it was asked for, as it may when it was asked again. */
  readonly #waiting = new Map<string, Taken>();
  readonly #handling = new Map<string, Handling>();
  /** Came when it was stopping already. */
  readonly #untaken: Pulled[] = [];
  readonly #handled = new RecentIds(REMEMBERED_MS, REMEMBERED);
  readonly #stopping = new AbortController();
  #stopped: Promise<void> | undefined;
  /** Resolves when it is bound, to the making of the durable that it is bound to. */
  #bound = Promise.withResolvers<string>();
  #binding: string | undefined;
  #isBinding = false;
  #inbox: Subscription | undefined;
  /** Messages asked for that have not come. */
  #awaited = 0;
  #answered = (): void => {};
  #heardAt = 0;
  #cancelTick = (): void => {};

  constructor(
    private readonly options: ConsumeOptions,
    private readonly handler: (delivery: Delivery) => Promise<void>,
    private readonly around: Surroundings,
  ) {}

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
    // What the server sends to an inbox that is closed would be missing until it loses patience.
    if (this.#binding !== undefined) await this.#withinFarewell(this.#noneAwaited());
    this.#inbox?.unsubscribe();
    // Not before: what is given back goes to who has asked.
    for (const pulled of [...this.#untaken, ...[...this.#waiting.values()].map(({ pulled }) => pulled)]) pulled.retry(0);
    this.#waiting.clear();
    await Promise.all([...this.#handling.values()].map(({ settled }) => settled));
    if (!this.around.connection.isClosed()) await this.#withinFarewell(this.around.connection.flush());
    this.#cancelTick();
    this.around.stopped();
  }

  #noneAwaited(): Promise<void> {
    return new Promise(resolve => {
      this.#answered = () => {
        if (this.#awaited <= 0) resolve();
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
    const { connection, api, pullMs } = this.around;
    if (this.#stopping.signal.aborted) return;
    const inbox = this.#inbox ?? connection.subscribe(createInbox(), { callback: (_error, msg) => this.#receive(msg) });
    this.#inbox = inbox;
    this.#pull = batch =>
      connection.publish(`${api}.CONSUMER.MSG.NEXT.${stream}.${name}`, JSON.stringify({ batch, expires: nanos(pullMs) }), {
        reply: inbox.getSubject(),
      });
    for (const [key, { binding }] of this.#waiting) if (binding !== created) this.#waiting.delete(key);
    this.#awaited = 0;
    this.#heardAt = this.around.clock.now();
    this.#binding = created;
    this.#bound.resolve(created);
    this.#tickEvery(Math.min(TICK_MS, millis(config.ack_wait ?? nanos(TICK_MS)) / 3));
    this.#work();
  }

  #pull: (batch: number) => void = () => {};

  /** Asks for as many messages as there are hands free, once what it asked for before has come. */
  #ask(): void {
    const batch = this.options.concurrency - this.#handling.size - this.#waiting.size;
    if (this.#awaited > 0 || batch <= 0 || this.#binding === undefined || this.#stopping.signal.aborted) return;
    this.#awaited = batch;
    this.#pull(batch);
  }

  #tickEvery(ms: number): void {
    this.#cancelTick();
    const tick = (): void => {
      for (const { pulled, binding } of [...this.#handling.values(), ...this.#waiting.values()])
        if (binding === this.#binding) pulled.working();
      if (this.#binding !== undefined && this.#awaited > 0 && this.#silentMs > this.around.pullMs + SILENCE_MS)
        void this.#rebind();
      this.#cancelTick = this.around.clock.setTimer(ms, tick);
    };
    this.#cancelTick = this.around.clock.setTimer(ms, tick);
  }

  get #silentMs(): number {
    return this.around.clock.now() - this.#heardAt;
  }

  #receive(msg: Msg): void {
    this.#heardAt = this.around.clock.now();
    if (!msg.reply) {
      this.#hear(msg);
      return;
    }
    this.#awaited = Math.max(0, this.#awaited - 1);
    const pulled = new Pulled(msg);
    if (this.#stopping.signal.aborted) this.#untaken.push(pulled);
    else this.#take(pulled);
    this.#answered();
    this.#work();
  }

  /** What the server says instead of a message. */
  #hear({ headers }: Msg): void {
    const unserved = Number(headers?.get('Nats-Pending-Messages') || 'none');
    if (headers?.code === 408 && Number.isInteger(unserved)) {
      this.#awaited = Math.max(0, this.#awaited - unserved);
      this.#answered();
      this.#ask();
      return;
    }
    // The durable is gone, or has moved to another server.
    if (!this.#stopping.signal.aborted) void this.#rebind(RETRY_MS / 4);
  }

  #take(pulled: Pulled): void {
    const binding = this.#binding ?? '';
    if (this.#handled.has(pulled.key, this.around.clock.now())) {
      pulled.ack();
      return;
    }
    const running = this.#handling.get(pulled.key);
    if (running) {
      // The server lost patience; the handling goes on, and its end answers this delivery.
      Object.assign(running, { pulled, binding });
      pulled.working();
      return;
    }
    this.#waiting.set(pulled.key, { pulled, binding });
  }

  /** Gives what waits to the hands that are free, and asks for more. */
  #work(): void {
    for (const [key, taken] of this.#waiting) {
      if (this.#handling.size >= this.options.concurrency || this.#stopping.signal.aborted) break;
      this.#waiting.delete(key);
      const handling: Handling = { ...taken, settled: Promise.resolve() };
      this.#handling.set(key, handling);
      handling.settled = this.#handle(handling).finally(() => {
        this.#handling.delete(key);
        this.#work();
      });
    }
    this.#ask();
  }

  async #handle(handling: Handling): Promise<void> {
    const answer = await this.#answerTo(handling.pulled);
    if (await this.#isBoundTo(handling)) answer(handling.pulled);
  }

  async #answerTo(pulled: Pulled): Promise<(pulled: Pulled) => void> {
    const { options, around } = this;
    const delivery: Delivery = { ...pulled.message, attempt: pulled.deliveries };
    if (delivery.attempt > options.maxDeliveries) {
      return this.#bury(
        delivery,
        `none of ${options.maxDeliveries} deliveries was answered: their processes ended`,
        options.maxDeliveries,
      );
    }
    try {
      await this.handler(delivery);
      this.#handled.add(pulled.key, this.around.clock.now());
      return last => last.ack();
    } catch (error) {
      const verdict = judge(options, delivery, error, around.log);
      if (verdict.kind === 'bury') return this.#bury(delivery, verdict.error, delivery.attempt);
      return last => last.retry(verdict.waitMs);
    }
  }

  async #bury(delivery: Delivery, error: string, attempts: number): Promise<(pulled: Pulled) => void> {
    const { options, around } = this;
    try {
      await around.bury(delivery, error, attempts);
      return last => last.terminate();
    } catch (failure) {
      const text = failure instanceof Error ? failure.message : String(failure);
      around.log.error(`message ${delivery.id} could not be put to the dead letters, and will be again: ${text}`);
      return last => last.retry(options.backoffMs.at(-1) ?? RETRY_MS);
    }
  }

  /** Waits until it is bound. False when the durable is another than the one that delivered the message, or when it stops unbound. */
  async #isBoundTo(handling: Handling): Promise<boolean> {
    const binding = this.#binding ?? (await this.#withinFarewell(this.#bound.promise));
    return binding === handling.binding;
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
