/** Passes requests on, and keeps watch over those that are under way. */
import type { LookupFunction } from 'node:net';
import { Relay, type Exchange, type RelayLimits } from './relay.js';
import { Upstream } from './wire/upstream.js';

/** Of a head, in both directions. */
export const MAX_HEAD_BYTES = 16_384;

/** How often one looks for sides that are silent: a quarter of the shortest limit, within these. */
const LOOK_EVERY_MS = { atLeast: 10, atMost: 250 } as const;

export class Forwarder {
  readonly #relays = new Set<Relay>();
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
    return this.#relays.size;
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

  /** Takes over the response of the exchange and always ends it. */
  forward(exchange: Exchange): Relay {
    const relay = new Relay(exchange, this.limits, () => this.#draining);
    this.#relays.add(relay);
    exchange.response.once('close', () => {
      this.#relays.delete(relay);
      relay.closed();
    });
    relay.start();
    return relay;
  }

  /** Ends event streams, which have no end of their own, and has the other answers be the last on their connections. */
  drain(): void {
    this.#draining = true;
    for (const relay of this.#relays) relay.drain();
  }

  /** Closes all connections to the upstreams. */
  close(): void {
    clearInterval(this.#watch);
    for (const upstream of this.#upstreams) upstream.close();
  }

  #look(): void {
    const now = performance.now();
    for (const relay of this.#relays) relay.check(now);
    for (const upstream of this.#upstreams) upstream.prune(now);
  }
}
