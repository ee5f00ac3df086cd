/**
 * The bus port: it carries requests and wakes services. It is never the record: what it loses is asked for again, what it delivers
 * twice is decided once. An adapter per broker implements it, and one contract suite (`testing/`) holds all of them to it.
 */

/** A message as it travels: at most {@link MAX_MESSAGE_BYTES}. */
export interface Message {
  /** Dotted, e.g. `ambient.trigger.requested.acme.2AbC…`, and within the subjects that the bus carries. At most 1024 bytes. */
  readonly subject: string;
  /** The same id within the duplicate window (2 minutes) is the same message: it is kept once. 1 to 256 characters, none a control. */
  readonly id: string;
  /** JSON text; any text that is well-formed Unicode is carried. */
  readonly data: string;
  /** Names are printable ASCII without `:`, and do not begin with `Nats-` or `Ambient-`; values are any well-formed text. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Subject, id, headers and data together, as UTF-8 (bytes that headers have to encode count three each). */
export const MAX_MESSAGE_BYTES = 960 * 1024;

/** A message as a consumer gets it. */
export interface Delivery extends Message {
  /** 1 at the first delivery. */
  readonly attempt: number;
}

/** Throw it to have the message delivered again later; any other error counts the same, but is logged as a defect. */
export class RetryLater extends Error {
  override readonly name = 'RetryLater';
}

/** Throw it when no later delivery could go better: the message goes to the dead letters at once. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
}

/** What was to be published or consumed can never be: the text says what is wrong with it. */
export class InvalidMessage extends Error {
  override readonly name = 'InvalidMessage';
}

/** The broker can't be reached, is full, or is closed. The message is not known to be kept. */
export class BusUnavailable extends Error {
  override readonly name = 'BusUnavailable';
}

export interface ConsumeOptions {
  /**
   * Consumers of one name share the work: each message goes to one of them. It is kept while none of them runs. 1 to 64 letters, digits,
   * `_` and `-`.
   */
  readonly durable: string;
  /**
   * `*` stands for one part of a subject, a final `>` for the rest (one part or more). A durable has one subject, and a message has one
   * place to go: another subject for a known durable, and one that overlaps another durable's, is refused.
   */
  readonly subject: string;
  /** Messages handled at a time. */
  readonly concurrency: number;
  /** Waits between deliveries, milliseconds; the last one repeats. */
  readonly backoffMs: readonly number[];
  /** After so many deliveries a message goes to the dead letters; also when the process ended in each of them. */
  readonly maxDeliveries: number;
}

export interface DeadLetter extends Message {
  /** The message of the last error, at most 2000 characters. */
  readonly error: string;
  readonly attempts: number;
  /** Milliseconds since 1970. */
  readonly diedAt: number;
}

export interface Consumer {
  /** Lets what is being handled finish, takes no more. */
  stop(): Promise<void>;
}

/** A work queue with acknowledgement. Methods may reject with {@link BusUnavailable}. */
export interface Bus {
  /** Resolves when the broker has the message: only then does it count as sent. Rejects with {@link InvalidMessage} too. */
  publish(message: Message): Promise<void>;

  /**
   * The handler's promise is the acknowledgement: resolved, the message is gone; rejected, it comes again after the backoff. Until it
   * settles, the message is neither lost nor delivered again. Messages published before there was a consumer are delivered too.
   */
  consume(options: ConsumeOptions, handler: (delivery: Delivery) => Promise<void>): Promise<Consumer>;

  /** Oldest first. Their number is bounded: beyond it the oldest are let go. */
  deadLetters(): Promise<readonly DeadLetter[]>;

  /**
   * Has a dead letter delivered again, as attempt 1, also within the duplicate window. It is a dead letter no more, unless it fails again.
   * False when there is none of that id. For all of them: `retryDeadLetters`.
   */
  retryDeadLetter(id: string): Promise<boolean>;

  /** Forgets a dead letter. False when there is none of that id. For all of them: `discardDeadLetters`. */
  discardDeadLetter(id: string): Promise<boolean>;

  /** Stops every consumer, as {@link Consumer.stop}; the bus is unavailable from then on. A connection it was given stays open. */
  close(): Promise<void>;
}

/** Leadership of singleton work among processes. It only saves work: correctness never rests on it. */
export interface Leases {
  /**
   * Runs `work` whenever this process leads `name`; the signal is aborted when the lead is lost or the lease is stopped. Resolves when
   * the lease has been stopped and the work has ended. A work that ends before gives the lead away, and a failing one is logged; it
   * runs again when its turn to lead comes again. Names are letters, digits, `_` and `-`.
   */
  lead(name: string, work: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void>;
}
