/** Passes a request on and its answer back, both as streams, at the pace of the slower side. */
import { Pool } from 'undici';
import { Relay, type Exchange } from './relay.js';

/** How long the proxy waits for an upstream, milliseconds. */
export interface UpstreamLimits {
  readonly connectMs: number;
  readonly headersMs: number;
  /** Between two pieces of a body. There is no limit on the whole. */
  readonly idleMs: number;
}

/** Where a request may go. */
export interface Upstream {
  /** As the user knows it. */
  readonly name: string;
  readonly pool: Pool;
  /** Opens a connection for each request. */
  readonly fresh: Pool;
}

export class Forwarder {
  readonly #relays = new Set<Relay>();
  readonly #upstreams: Upstream[] = [];
  #draining = false;

  constructor(private readonly limits: UpstreamLimits) {}

  /** @param url whose origin counts */
  addUpstream(name: string, url: string): Upstream {
    const options: Pool.Options = {
      connect: { timeout: this.limits.connectMs },
      headersTimeout: this.limits.headersMs,
      bodyTimeout: this.limits.idleMs,
    };
    const { origin } = new URL(url);
    const upstream = { name, pool: new Pool(origin, options), fresh: new Pool(origin, { ...options, pipelining: 0 }) };
    this.#upstreams.push(upstream);
    return upstream;
  }

  /** Takes over the response of the exchange and always ends it. */
  forward(exchange: Exchange): void {
    const relay = new Relay(exchange, () => this.#draining);
    this.#relays.add(relay);
    exchange.response.once('close', () => this.#relays.delete(relay));
    relay.start();
  }

  /** Ends event streams, which have no end of their own, and has the other answers be the last on their connections. */
  drain(): void {
    this.#draining = true;
    for (const relay of this.#relays) relay.drain();
  }

  /** Closes all connections to the upstreams. */
  async close(): Promise<void> {
    await Promise.all(this.#upstreams.flatMap(({ pool, fresh }) => [pool.destroy(), fresh.destroy()]));
  }
}
