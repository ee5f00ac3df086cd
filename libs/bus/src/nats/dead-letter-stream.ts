import { AckPolicy, type ConsumerInfo, DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { createHash } from 'node:crypto';
import { type DeadLetter, type Message } from '../bus.js';
import { encodeHeader } from '../header-text.js';
import { JetStream } from './jet-stream.js';
import { headersOf, messageOf, textOf } from './wire.js';

export interface DeadLetterStreamOptions {
  readonly name: string;
  /** The letters have subjects below it. */
  readonly subject: string;
  readonly replicas: number;
  readonly maxDeadLetters: number;
  readonly timeoutMs: number;
}

const SUBJECT = 'Ambient-Dead-Subject';
const ERROR = 'Ambient-Dead-Error';
const ATTEMPTS = 'Ambient-Dead-Attempts';
const READ_MS = 5000;

/** A letter in its place. */
export interface StoredLetter {
  readonly letter: DeadLetter;
  readonly sequence: number;
}

/** The dead letters: one subject for each id, of which the stream keeps one message, so that a message buried twice is one letter. */
export class DeadLetterStream {
  readonly #stream: JetStream;
  readonly #subject: string;

  constructor(connection: NatsConnection, { name, subject, replicas, maxDeadLetters, timeoutMs }: DeadLetterStreamOptions) {
    this.#subject = subject;
    this.#stream = new JetStream(
      connection,
      {
        name,
        subjects: [`${subject}.>`],
        retention: RetentionPolicy.Limits,
        storage: StorageType.File,
        discard: DiscardPolicy.Old,
        max_msgs: maxDeadLetters,
        max_msgs_per_subject: 1,
        num_replicas: replicas,
      },
      timeoutMs,
    );
  }

  /** Resolves when the letter is kept. */
  async bury(message: Message, error: string, attempts: number): Promise<void> {
    const headers = headersOf(message);
    // The duplicate window must not swallow a message that dies again after a retry.
    headers.delete('Nats-Msg-Id');
    headers.set('Ambient-Message-Id', encodeHeader(message.id));
    headers.set(SUBJECT, encodeHeader(message.subject));
    headers.set(ERROR, encodeHeader(error));
    headers.set(ATTEMPTS, String(attempts));
    await this.#stream.publish(this.#subjectOf(message.id), message.data, headers);
  }

  /** Oldest first. */
  list(): Promise<readonly DeadLetter[]> {
    return this.#stream.request(async manager => {
      const reader = await manager.consumers.add(this.#stream.name, { ack_policy: AckPolicy.None, mem_storage: true });
      try {
        return await this.#read(reader);
      } finally {
        await manager.consumers.delete(this.#stream.name, reader.name);
      }
    });
  }

  find(id: string): Promise<StoredLetter | undefined> {
    return this.#stream.request(async manager => {
      const stored = await manager.streams.getMessage(this.#stream.name, { last_by_subj: this.#subjectOf(id) });
      return stored ? { letter: letterOf(stored.data, stored.header, stored.time), sequence: stored.seq } : undefined;
    });
  }

  /** Forgets that letter, and not one that took its place. */
  async forget({ letter, sequence }: StoredLetter): Promise<void> {
    const upTo = { filter: this.#subjectOf(letter.id), seq: sequence + 1 };
    await this.#stream.request(manager => manager.streams.purge(this.#stream.name, upTo));
  }

  async #read({ name, num_pending: count }: ConsumerInfo): Promise<DeadLetter[]> {
    const letters: DeadLetter[] = [];
    if (count === 0) return letters;
    const consumer = await this.#stream.client.consumers.get(this.#stream.name, name);
    const stored = await consumer.fetch({ max_messages: count, expires: READ_MS });
    for await (const { data, headers, time } of stored) letters.push(letterOf(data, headers, time));
    return letters;
  }

  #subjectOf(id: string): string {
    return `${this.#subject}.${createHash('sha256').update(id).digest('hex')}`;
  }
}

function letterOf(data: Uint8Array, headers: MsgHdrs | undefined, time: Date): DeadLetter {
  return {
    ...messageOf(textOf(headers, SUBJECT), data, headers, ''),
    error: textOf(headers, ERROR),
    attempts: Number(textOf(headers, ATTEMPTS)),
    diedAt: time.getTime(),
  };
}
