import type { Upstream } from './wire/upstream.js';

const TIMEOUT_MS = 1_000;
const CACHED_FOR_MS = 1_000;

/** Tells which upstreams are missing: those that do not answer 200 to `/healthz` in time. One look serves all who ask within a second. */
export class Readiness {
  #lookedAt = Number.NEGATIVE_INFINITY;
  #missing: Promise<string[]> = Promise.resolve([]);

  /** @param now milliseconds since 1970 */
  constructor(
    private readonly upstreams: readonly Upstream[],
    private readonly now: () => number,
  ) {}

  /** Names of the upstreams that are missing. */
  missing(): Promise<string[]> {
    if (this.now() - this.#lookedAt >= CACHED_FOR_MS) {
      this.#lookedAt = this.now();
      this.#missing = this.#look();
    }
    return this.#missing;
  }

  async #look(): Promise<string[]> {
    const alive = await Promise.all(this.upstreams.map(isAlive));
    return this.upstreams.filter((_, index) => !alive[index]).map(({ name }) => name);
  }
}

async function isAlive({ origin }: Upstream): Promise<boolean> {
  try {
    const response = await fetch(`${origin}/healthz`, { redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    return response.status === 200;
  } catch {
    return false;
  }
}
