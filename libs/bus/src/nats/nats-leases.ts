import { type NatsConnection } from '@nats-io/transport-node';
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { type Leases } from '../bus.js';
import { type Clock, monotonicClock } from '../clock.js';
import { runLedWork } from '../led-work.js';
import { type Log } from '../log.js';
import { pause } from '../pause.js';
import { assertLeaseName } from '../rules.js';
import { LeaseBucket, LeaseKey, type LeaseTimes } from './lease-key.js';

export interface NatsLeasesOptions {
  /** Stays open: it is its maker's. */
  readonly connection: NatsConnection;
  readonly log: Log;
  /** Must not follow a clock that is set. */
  readonly clock?: Clock;
  readonly bucket?: string;
  /** Servers of a cluster that keep each lease; it counts when the bucket is made. */
  readonly replicas?: number;
  /** Milliseconds from the end of a work to its next try for the lead, so that a failing work does not spin. */
  readonly pauseMs?: number;
  /** 8 s for a lease, renewed every 3 s, unless told otherwise. All processes that share a bucket have the same. */
  readonly times?: LeaseTimes;
}

/** A lease lasts a bit less than the bucket keeps it, so that another leads within 10 s, its next look at the lease included. */
export const LEASE_TIMES: LeaseTimes = {
  bucketTtlMs: 10_000,
  leaseMs: 8000,
  renewMs: 3000,
  retryMs: 1000,
  lookMs: 500,
  timeoutMs: 2000,
};

/** The leases of processes that share a NATS: one key each in a bucket of its key-value store. */
export class NatsLeases implements Leases {
  readonly #bucket: LeaseBucket;
  readonly #times: LeaseTimes;
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #pauseMs: number;

  constructor(options: NatsLeasesOptions) {
    const {
      connection,
      log,
      clock = monotonicClock,
      bucket = 'AMBIENT_LEASES',
      replicas = 1,
      pauseMs = 1000,
      times = LEASE_TIMES,
    } = options;
    this.#times = times;
    this.#bucket = new LeaseBucket(connection, bucket, replicas, times);
    this.#log = log;
    this.#clock = clock;
    this.#pauseMs = pauseMs;
  }

  async lead(name: string, work: (signal: AbortSignal) => Promise<void>, stop: AbortSignal): Promise<void> {
    assertLeaseName(name);
    const key = new LeaseKey(this.#bucket, name, `${hostname()} ${process.pid} ${randomUUID()}`, this.#clock);
    for (;;) {
      const until = await this.#takeLead(name, key, stop);
      if (until === undefined) return;
      await this.#whileRenewed(name, key, until, stop, signal => runLedWork(name, work, signal, this.#log));
      await pause(this.#clock, this.#pauseMs, stop);
    }
  }

  /** @returns until when the lease lasts, or nothing when it was stopped first */
  async #takeLead(name: string, key: LeaseKey, stop: AbortSignal): Promise<number | undefined> {
    for (let isAway = false; !stop.aborted;) {
      try {
        const until = await key.take();
        if (until !== undefined) return until;
        isAway = false;
      } catch (error) {
        if (!isAway) this.#log.warn(`the lease ${name} can't be had while NATS is away: ${textOf(error)}`);
        isAway = true;
      }
      await pause(this.#clock, this.#times.lookMs, stop);
    }
    return undefined;
  }

  /** Runs the work while the lease lasts, and renews it; gives it back when the work has ended. */
  async #whileRenewed(
    name: string,
    key: LeaseKey,
    until: number,
    stop: AbortSignal,
    work: (signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    const ended = new AbortController();
    const lost = new AbortController();
    const renewing = this.#renew(name, key, until, ended.signal, lost);
    await work(AbortSignal.any([stop, lost.signal]));
    ended.abort();
    await renewing;
    if (lost.signal.aborted) return;
    try {
      await key.release();
    } catch (error) {
      this.#log.warn(`the lease ${name} could not be given back, and runs out by itself: ${textOf(error)}`);
    }
  }

  /** Until the work has ended or the lease is lost: it ran out, or is another's. */
  async #renew(name: string, key: LeaseKey, until: number, ended: AbortSignal, lost: AbortController): Promise<void> {
    const lose = (why: string): void => {
      if (ended.aborted || lost.signal.aborted) return;
      this.#log.warn(`the lease ${name} is lost: ${why}`);
      lost.abort();
    };
    const over = AbortSignal.any([ended, lost.signal]);
    const expireAt = (time: number) => this.#clock.setTimer(time - this.#clock.now(), () => lose('it was not renewed in time'));
    let keepOn = expireAt(until);
    await pause(this.#clock, this.#times.renewMs, over);
    while (!over.aborted) {
      let wait = this.#times.renewMs;
      try {
        const renewed = await key.renew();
        if (renewed === undefined) lose('another process leads');
        else {
          keepOn();
          keepOn = expireAt(renewed);
        }
      } catch (error) {
        this.#log.warn(`the lease ${name} could not be renewed, trying on: ${textOf(error)}`);
        wait = this.#times.retryMs;
      }
      await pause(this.#clock, wait, over);
    }
    keepOn();
  }
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
