/** Passes requests on, and keeps watch over those that are under way. */
import type { LookupFunction } from 'node:net';
import { Relay, type Exchange, type RelayLimits } from './relay.js';
import type { User } from './wire/connection.js';
import { Upstream } from './wire/upstream.js';

/** Of a head, in both directions. */
export const MAX_HEAD_BYTES = 16_384;

/** How often one looks for sides that are silent: a quarter of the shortest limit, within these. */
const LOOK_EVERY_MS = { atLeast: 10, atMost: 250 } as const;

export class Forwarder {
  readonly #upstreams = new Set<Upstream>();
  readonly #watch: NodeJS.Timeout;
  #draining = false;

  constructor(private readonly limits: RelayLimits) {
    const shortest = Math.min(limits.connectMs, limits.headersMs, limits.idleMs) / 4;
    const everyMs = Math.max(LOOK_EVERY_MS.atLeast, Math.min(LOOK_EVERY_MS.atMost, shortest));
    this.#watch = setInterval(() => this.#look(), everyMs).unref();
  }

  /** Exchanges under way. */
  get running(): number {
    let sum = 0;
    for (const _ of this.#users()) sum += 1;
    return sum;
  }

  /** Open connections to all upstreams. */
  get connections(): number {
    let sum = 0;
    for (const upstream of this.#upstreams) sum += upstream.connections;
    return sum;
  }

  /** @param url whose origin counts */
  addUpstream(name: string, url: string, lookup?: LookupFunction): Upstream {
    const upstream = new Upstream({ name, url, lookup, maxHeadBytes: MAX_HEAD_BYTES });
    this.#upstreams.add(upstream);
    return upstream;
  }

  /** Closes its connections; exchanges that run on them fail. */
  removeUpstream(upstream: Upstream): void {
    this.#upstreams.delete(upstream);
    upstream.close();
  }

  /** Takes over the response of the exchange and always ends it. The relay is to be told when the response is closed. */
  forward(exchange: Exchange): Relay {
    const relay = new Relay(exchange, this.limits, () => this.#draining);
    relay.start();
    return relay;
  }

  /** Ends event streams, which have no end of their own, and has the other answers be the last on their connections. */
  drain(): void {
    this.#draining = true;
    for (const user of this.#users()) user.drain();
  }

  /** Closes all connections to the upstreams. */
  close(): void {
    clearInterval(this.#watch);
    for (const upstream of this.#upstreams) upstream.close();
  }

  /**
   * Asked of the connections and not kept in a set: in V8 the tables of a set that has been grown out of stay linked, and with one of them in
   * the old generation every exchange would outlive young collections.
   */
  *#users(): Iterable<User> {
    for (const upstream of this.#upstreams) yield* upstream.users();
  }

  #look(): void {
    const now = performance.now();
    for (const user of this.#users()) user.check(now);
    for (const upstream of this.#upstreams) upstream.prune(now);
  }
}
