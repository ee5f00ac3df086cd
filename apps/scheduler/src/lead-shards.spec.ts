import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { InProcessLeases } from '#bus';
import { until } from '#bus/testing';
import { leadShards } from './lead-shards.js';

const quiet = { warn: () => {}, error: () => {} };
/** A hundred times as fast. */
const fast = {
  now: () => Date.now(),
  sleep: (ms: number, signal: AbortSignal) => sleep(ms / 100, undefined, { signal }).catch(() => undefined),
};

/** One of several processes, and the shards that it leads. */
class Peer {
  readonly leads = new Set<number>();
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  constructor(leases: InProcessLeases, shards: number) {
    const lead = async (shard: number, signal: AbortSignal): Promise<void> => {
      this.leads.add(shard);
      await new Promise<void>(resolve => {
        if (signal.aborted) resolve();
        else signal.addEventListener('abort', () => resolve(), { once: true });
      });
      this.leads.delete(shard);
    };
    this.done = leadShards({ shards, leases, clock: fast, lead }, this.stop.signal);
  }

  async end(): Promise<void> {
    this.stop.abort();
    await this.done;
  }
}

describe('several processes', () => {
  const peers: Peer[] = [];
  afterEach(async () => {
    await Promise.all(peers.splice(0).map(peer => peer.end()));
  });

  const leases = new InProcessLeases({ log: quiet, pauseMs: 1 });
  const start = (shards: number): Peer => {
    const peer = new Peer(leases, shards);
    peers.push(peer);
    return peer;
  };
  const all = (shards: number): boolean => {
    const led = new Set(peers.flatMap(peer => [...peer.leads]));
    return led.size === shards;
  };
  const sizes = (): number[] => peers.map(({ leads }) => leads.size).sort((a, b) => a - b);

  it('lead all shards when there is one process', async () => {
    const only = start(4);
    await until(() => only.leads.size === 4);
    expect(only.leads).toEqual(new Set([0, 1, 2, 3]));
  });

  it('lead the only shard in turn', async () => {
    const first = start(1);
    await until(() => first.leads.size === 1);
    const second = start(1);
    await peers.shift()!.end();
    await until(() => second.leads.size === 1);
  });

  it('share them evenly with one that comes later, and none is without a leader for long', async () => {
    const first = start(4);
    await until(() => first.leads.size === 4);
    start(4);
    await until(() => sizes().join() === '2,2' && all(4));
    start(4);
    await until(() => sizes().join() === '1,1,2' && all(4));
  });

  it('take over those of one that ends', async () => {
    const first = start(3);
    await until(() => first.leads.size === 3);
    const second = start(3);
    await until(() => second.leads.size > 0 && all(3));
    await peers.shift()!.end();
    await until(() => second.leads.size === 3);
  });
});
