/** How many requests a second one caller may make: a bucket of tokens each, filled steadily. */

export interface RateLimit {
  /** Steadily; 0 for no limit. */
  readonly perSecond: number;
  /** At once, after a rest. */
  readonly burst: number;
}

/** `told`: no, and it is the first no to this caller within a second: worth a record. */
export type Verdict = 'yes' | 'no' | 'told';

const MOST_CALLERS = 10_000;
const TELL_EVERY_MS = 1_000;

interface Bucket {
  tokens: number;
  at: number;
  toldAt: number;
}

export class RateLimiter {
  /** Who came longest ago, first. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param now milliseconds since any moment, never backwards */
  constructor(
    private readonly limit: RateLimit,
    private readonly now: () => number,
  ) {}

  take(caller: string): Verdict {
    const { perSecond, burst } = this.limit;
    if (perSecond === 0) return 'yes';
    const now = this.now();
    const bucket = this.#bucketOf(caller, now);
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1000);
    bucket.at = now;
    if (bucket.tokens >= 1) {
      bucket.tokens -= 1;
      return 'yes';
    }
    if (now - bucket.toldAt < TELL_EVERY_MS) return 'no';
    bucket.toldAt = now;
    return 'told';
  }

  #bucketOf(caller: string, now: number): Bucket {
    const known = this.#buckets.get(caller);
    this.#buckets.delete(caller);
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined && this.#buckets.size >= MOST_CALLERS) this.#buckets.delete(oldest);
    const bucket = known ?? { tokens: this.limit.burst, at: now, toldAt: Number.NEGATIVE_INFINITY };
    this.#buckets.set(caller, bucket);
    return bucket;
  }
}
