import type { JetStreamClient } from '@nats-io/jetstream';
import { Kvm, type KV } from '@nats-io/kv';
import type { FeedProgress } from '../feed-stream.js';

/** How far the feed had come in one stream, when that had come so far. */
export interface Checkpoint {
  /** When the stream was made. */
  readonly stream: string;
  /** Number of its last message. A stream that ends before it has lost messages, and the checkpoint is worth nothing. */
  readonly sequence: number;
  readonly progress: FeedProgress;
}

const BUCKET = 'AMBIENT_CHECKPOINTS';
const KEY = 'event-feed';

/** The checkpoint in a KV bucket beside the stream. */
export class NatsCheckpoint {
  readonly #kvm: Kvm;
  #bucket: KV | undefined;

  constructor(
    client: JetStreamClient,
    private readonly replicas: number,
  ) {
    this.#kvm = new Kvm(client);
  }

  /** Makes the bucket where it is not there, and says what was saved last. */
  async open(): Promise<Checkpoint | undefined> {
    this.#bucket = await this.#kvm.create(BUCKET, { history: 1, replicas: this.replicas });
    const entry = await this.#bucket.get(KEY);
    return entry?.operation === 'PUT' ? parse(entry.string()) : undefined;
  }

  async save(checkpoint: Checkpoint): Promise<void> {
    await this.#bucket?.put(KEY, JSON.stringify(checkpoint));
  }
}

/** Undefined for what this program did not write. */
function parse(text: string): Checkpoint | undefined {
  try {
    const checkpoint = JSON.parse(text) as Checkpoint;
    const { leftOut, newestLeftOut } = checkpoint.progress;
    return typeof leftOut === 'number' && Array.isArray(newestLeftOut) ? checkpoint : undefined;
  } catch {
    return undefined;
  }
}
