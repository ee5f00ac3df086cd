/** An upstream: where it is, and the connections to it that wait for their next exchange. */
import type { LookupFunction } from 'node:net';
import { Connection, type Address, type User } from './connection.js';

/** Kept no longer than most servers do: one that is closed just as it is used costs a request. */
const KEPT_FOR_MS = 4_000;
const MS_BEFORE_THEIR_END = 1_000;
const MAX_IDLE = 256;

export interface UpstreamOptions {
  /** As the user knows it. */
  readonly name: string;
  /** Its origin counts. */
  readonly url: string;
  readonly lookup?: LookupFunction | undefined;
  readonly maxHeadBytes: number;
}

export class Upstream {
  readonly name: string;
  readonly origin: string;
  /** For the Host header. */
  readonly host: string;
  readonly #address: Address;
  readonly #maxHeadBytes: number;
  /** Used last, last. */
  readonly #idle: { readonly connection: Connection; readonly until: number }[] = [];
  readonly #all = new Set<Connection>();
  #closed = false;

  constructor({ name, url, lookup, maxHeadBytes }: UpstreamOptions) {
    const { origin, host, hostname, port, protocol } = new URL(url);
    const secure = protocol === 'https:';
    this.name = name;
    this.origin = origin;
    this.host = host;
    this.#maxHeadBytes = maxHeadBytes;
    this.#address = { secure, host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (secure ? 443 : 80)), lookup };
  }

  /** Connections that are open, used or not. */
  get connections(): number {
    return this.#all.size;
  }

  /** Those that use a connection at present. */
  *users(): Iterable<User> {
    for (const { user } of this.#all) if (user) yield user;
  }

  /** A connection for one exchange: the one that was used last, or, if wanted or none is left, a new one. */
  acquire(fresh: boolean): Connection {
    if (!fresh) {
      const kept = this.#idle.pop();
      if (kept) return kept.connection;
    }
    const connection = new Connection(
      this.#address,
      this.#maxHeadBytes,
      (idle, seconds) => this.#keep(idle, seconds),
      gone => this.#forget(gone),
    );
    this.#all.add(connection);
    return connection;
  }

  /** Closes connections that have waited too long. @param now milliseconds, of the clock of `performance.now` */
  prune(now: number): void {
    while (this.#idle[0] && this.#idle[0].until <= now) this.#idle.shift()?.connection.destroy();
  }

  /** Closes all connections. */
  close(): void {
    this.#closed = true;
    for (const connection of this.#all) connection.destroy();
  }

  #keep(connection: Connection, seconds: number | undefined): void {
    const theirs = seconds === undefined || Number.isNaN(seconds) ? KEPT_FOR_MS : seconds * 1_000 - MS_BEFORE_THEIR_END;
    const forMs = Math.min(KEPT_FOR_MS, theirs);
    if (this.#closed || forMs <= 0 || this.#idle.length >= MAX_IDLE) connection.destroy();
    else this.#idle.push({ connection, until: performance.now() + forMs });
  }

  #forget(connection: Connection): void {
    this.#all.delete(connection);
    const at = this.#idle.findIndex(kept => kept.connection === connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}
