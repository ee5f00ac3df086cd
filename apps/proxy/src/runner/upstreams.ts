import type { LookupFunction } from 'node:net';
import type { Forwarder } from '../forwarder.js';
import type { Upstream } from '../wire/upstream.js';

/** Beyond so many, those that no one uses are given up. */
const KEPT = 500;

/** The runners that were asked lately, each with its connections. */
export class RunnerUpstreams {
  /** By origin; asked last, last. */
  readonly #known = new Map<string, Upstream>();

  constructor(
    private readonly forwarder: Forwarder,
    private readonly lookup: LookupFunction,
  ) {}

  at(origin: string): Upstream {
    const upstream = this.#known.get(origin) ?? this.forwarder.addUpstream('runner', origin, this.lookup);
    this.#known.delete(origin);
    this.#known.set(origin, upstream);
    if (this.#known.size > KEPT) this.#prune();
    return upstream;
  }

  #prune(): void {
    for (const [origin, upstream] of this.#known) {
      if (this.#known.size <= KEPT) return;
      // The one that was just asked for has no connection yet; it is the last.
      if (upstream.connections > 0 || origin === [...this.#known.keys()].at(-1)) continue;
      this.#known.delete(origin);
      this.forwarder.removeUpstream(upstream);
    }
  }
}
