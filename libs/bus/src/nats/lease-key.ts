import { type KV, type KvEntry, Kvm } from '@nats-io/kv';
import { jetstream } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { type Clock } from '../clock.js';
import { ErrorCode, hasCode } from './errors.js';

/** In milliseconds. */
export interface LeaseTimes {
  /** The bucket forgets an entry that no one renews after so long. It counts when the bucket is made. */
  readonly bucketTtlMs: number;
  /** A lease lasts so long from its last renewal: not longer than the bucket keeps it. */
  readonly leaseMs: number;
  /** Who leads renews so often. */
  readonly renewMs: number;
  /** A renewal that failed is tried again after so long. */
  readonly retryMs: number;
  /** Who does not lead looks so often. */
  readonly lookMs: number;
  /** An answer of the server is waited for so long. */
  readonly timeoutMs: number;
}

/** The bucket of leases: made when it is needed, and again when the server lost it. */
export class LeaseBucket {
  #kv: Promise<KV> | undefined;

  constructor(
    private readonly connection: NatsConnection,
    private readonly name: string,
    private readonly replicas: number,
    readonly times: LeaseTimes,
  ) {}

  async request<T>(run: (kv: KV) => Promise<T>): Promise<T> {
    const { bucketTtlMs, timeoutMs } = this.times;
    const options = { ttl: bucketTtlMs, history: 1, replicas: this.replicas, allow_direct: false };
    this.#kv ??= new Kvm(jetstream(this.connection, { timeout: timeoutMs })).create(this.name, options);
    try {
      return await run(await this.#kv);
    } catch (error) {
      // Whatever it was: the next request looks again whether the bucket is there.
      if (!isTaken(error)) this.#kv = undefined;
      throw error;
    }
  }
}

/** Someone else has written the key meanwhile. */
export const isTaken = (error: unknown): boolean =>
  hasCode(error, ErrorCode.wrongLastSequence, ErrorCode.wrongLastSequenceUnknown);

/**
 * The key of one lease, as one candidate sees it. It is taken, renewed and given back by compare-and-set on its revision. A lease has run
 * out when its revision did not change for as long as a lease lasts, on the candidate's own clock: no two clocks are compared.
 */
export class LeaseKey {
  /** The revision last seen with another holder, and when first. */
  #seen: { readonly revision: number; readonly at: number } | undefined;
  /** The revision that this candidate wrote last. */
  #revision = 0;

  /** @param holder names the candidate, and no other */
  constructor(
    private readonly bucket: LeaseBucket,
    private readonly name: string,
    private readonly holder: string,
    private readonly clock: Clock,
  ) {}

  /** @returns until when the lease lasts (on the candidate's clock), or nothing while it is another's */
  async take(): Promise<number | undefined> {
    const entry = await this.bucket.request(kv => kv.get(this.name));
    if (!this.#isFree(entry)) return undefined;
    const write = entry?.operation === 'PUT' ? entry.revision : 0;
    return this.#unlessTaken(() => this.#write(write));
  }

  /** As {@link take}: nothing when it is another's. Rejects when the server does not answer: then it lasts as long as before. */
  async renew(): Promise<number | undefined> {
    const until = await this.#unlessTaken(() => this.#write(this.#revision));
    if (until !== undefined) return until;
    // It may be that an earlier renewal was written, and its answer lost.
    const entry = await this.bucket.request(kv => kv.get(this.name));
    return entry && this.#isOwn(entry) ? this.#unlessTaken(() => this.#write(entry.revision)) : undefined;
  }

  /** Gives the lease back, if it is still this candidate's: another may take it at once. */
  async release(): Promise<void> {
    await this.#unlessTaken(() => this.bucket.request(kv => kv.delete(this.name, { previousSeq: this.#revision })));
  }

  #isFree(entry: KvEntry | null): boolean {
    if (entry?.operation !== 'PUT' || this.#isOwn(entry)) return true;
    const now = this.clock.now();
    if (this.#seen?.revision !== entry.revision) this.#seen = { revision: entry.revision, at: now };
    return now - this.#seen.at >= this.bucket.times.leaseMs;
  }

  #isOwn(entry: KvEntry): boolean {
    return entry.operation === 'PUT' && entry.string() === this.holder;
  }

  /** Over the revision that is expected to be there; 0 stands for none. */
  async #write(over: number): Promise<number> {
    const sentAt = this.clock.now();
    this.#revision = await this.bucket.request(kv =>
      over === 0 ? kv.create(this.name, this.holder) : kv.update(this.name, this.holder, over),
    );
    return sentAt + this.bucket.times.leaseMs;
  }

  async #unlessTaken<T>(act: () => Promise<T>): Promise<T | undefined> {
    try {
      return await act();
    } catch (error) {
      if (isTaken(error)) return undefined;
      throw error;
    }
  }
}
