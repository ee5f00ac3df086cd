import { EVENT_FEED } from '#contracts';
import type { NatsConnection } from '#bus';
import {
  DiscardPolicy,
  jetstream,
  RetentionPolicy,
  StorageType,
  type JetStreamClient,
  type JetStreamManager,
  type PubAck,
  type StoredMsg,
  type StreamInfo,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { FeedStreamMoved, NO_PROGRESS, type FeedProgress, type FeedStream } from '../feed-stream.js';
import { decodeHeader, type FeedMessage } from '../message.js';
import { NatsCheckpoint } from './checkpoint.js';
import { asking, ErrorCode, feedError, hasCode } from './errors.js';
import { flights, packed, type Packed } from './packed.js';

export interface NatsFeedStreamOptions {
  /** Stays open: it is its maker's. */
  readonly connection: NatsConnection;
  /** For so long the stream keeps a message, milliseconds; default 7 days. It counts when the stream is made. */
  readonly maxAgeMs?: number;
  /** Servers of a cluster that keep each message; default 1. It counts when the stream is made. */
  readonly replicas?: number;
  /** Milliseconds that an answer of the server is waited for; then it is unavailable. */
  readonly timeoutMs?: number;
}

export const STREAM = 'AMBIENT_EVENTS';
const SUBJECTS = `${EVENT_FEED}.>`;
const WEEK_MS = 7 * 24 * 3600 * 1000;
const DUPLICATE_WINDOW_MS = 120_000;

/**
 * The feed on NATS JetStream 2.9 or later. Each message names the sequence number of the one that it must follow, and the server refuses it
 * behind any other (`Nats-Expected-Last-Sequence`). Of those that are on their way together each names the id of the one before it as well
 * (`Nats-Expected-Last-Msg-Id`): when another relay has gone ahead, the first is refused, but the number that a later one expects may be the
 * right one by then. The last message of the stream tells where to go on; only while the stream holds none,
 * because all have grown too old, a checkpoint beside it does. A stream that is there is left as its operator has set it.
 */
export class NatsFeedStream implements FeedStream {
  readonly #connection: NatsConnection;
  readonly #client: JetStreamClient;
  readonly #checkpoint: NatsCheckpoint;
  readonly #maxAgeMs: number;
  readonly #replicas: number;
  readonly #timeoutMs: number;
  #manager: JetStreamManager | undefined;
  /** When the stream was made: a stream that was made anew is another one. */
  #created = '';
  /** Sequence number of its last message. */
  #last = 0;
  /** Number of the attempts to publish, and whether one is under way. */
  #attempts = 0;
  #busy = false;

  constructor({ connection, maxAgeMs = WEEK_MS, replicas = 1, timeoutMs = 5000 }: NatsFeedStreamOptions) {
    this.#connection = connection;
    this.#client = jetstream(connection, { timeout: timeoutMs });
    this.#checkpoint = new NatsCheckpoint(this.#client, replicas);
    this.#maxAgeMs = maxAgeMs;
    this.#replicas = replicas;
    this.#timeoutMs = timeoutMs;
  }

  resume(): Promise<FeedProgress> {
    return asking(async () => {
      const { created, state } = (await this.#find()) ?? (await this.#make());
      // Asked in this order: a message that is found is the last one, or one behind which everything was deleted.
      const message = await (await this.#api()).streams.getMessage(STREAM, { last_by_subj: SUBJECTS });
      this.#created = created;
      this.#last = Math.max(state.last_seq, message?.seq ?? 0);
      const saved = await this.#checkpoint.open();
      const counts = saved && saved.stream === created && saved.sequence <= this.#last;
      const progress = counts ? saved.progress : NO_PROGRESS;
      return { ...progress, position: later(progress.position, message && sequenceOf(message)) };
    });
  }

  async publish(messages: readonly FeedMessage[]): Promise<void> {
    const most = this.#connection.info?.max_payload ?? Infinity;
    const ready = messages.map(message => packed(message, most));
    this.#attempts++;
    this.#busy = true;
    try {
      for (const flight of flights(ready)) await this.#send(flight);
    } finally {
      this.#busy = false;
    }
  }

  save(progress: FeedProgress): Promise<void> {
    return asking(() => this.#checkpoint.save({ stream: this.#created, sequence: this.#last, progress }));
  }

  untouched(): Promise<boolean> {
    return asking(async () => {
      const attempts = this.#attempts;
      if (this.#busy) return true;
      const info = await this.#find();
      if (attempts !== this.#attempts) return true;
      return info !== undefined && info.created === this.#created && info.state.last_seq === this.#last;
    });
  }

  /** All at once, each behind the one before it; waits for every answer, so that none of them is on its way any more when it rejects. */
  async #send(flight: readonly Packed[]): Promise<void> {
    const first = this.#last + 1;
    const answers = await Promise.allSettled(
      flight.map((message, index) => this.#put(message, first + index, flight[index - 1]?.message.id)),
    );
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') throw feedError(answer.reason, flight[index]?.message);
      if (answer.value.seq === first + index) continue;
      throw new FeedStreamMoved(`the stream has event ${flight[index]?.message.id} as message ${answer.value.seq} already`);
    }
    this.#last += flight.length;
  }

  /** @param after id of the message before it on the same flight */
  #put({ message, data, headers }: Packed, sequence: number, after: string | undefined): Promise<PubAck> {
    return this.#client.publish(message.subject, data, {
      headers,
      msgID: message.id,
      timeout: this.#timeoutMs,
      expect: { streamName: STREAM, lastSequence: sequence - 1, ...(after === undefined ? {} : { lastMsgID: after }) },
    });
  }

  async #find(): Promise<StreamInfo | undefined> {
    try {
      return await (await this.#api()).streams.info(STREAM);
    } catch (error) {
      if (hasCode(error, ErrorCode.StreamNotFound)) return undefined;
      throw error;
    }
  }

  async #make(): Promise<StreamInfo> {
    return (await this.#api()).streams.add({
      name: STREAM,
      description: 'Every event of Ambient Sessions, as CloudEvents.',
      subjects: [SUBJECTS],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_age: nanos(this.#maxAgeMs),
      duplicate_window: nanos(Math.min(DUPLICATE_WINDOW_MS, this.#maxAgeMs)),
      num_replicas: this.#replicas,
    });
  }

  async #api(): Promise<JetStreamManager> {
    return (this.#manager ??= await this.#client.jetstreamManager(false));
  }
}

/** None for a message that someone else has put there. */
function sequenceOf({ header }: StoredMsg): string | undefined {
  const value = header.get('ce-sequence');
  return value === '' ? undefined : decodeHeader(value);
}

function later(one: string | undefined, other: string | null | undefined): string | undefined {
  if (one === undefined || other === undefined || other === null) return one ?? other ?? undefined;
  return one > other ? one : other;
}
