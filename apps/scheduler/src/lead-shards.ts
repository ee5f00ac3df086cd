/**
 * Who asks for the ticks of which shard: each shard has a lease, and every process tries to lead all of them. A process that leads too many
 * gives one away when another says that it leads too few. It says so by a lease, too: `…-few-2` is held by one that leads 2.
 */
import type { Leases } from '#bus';
import type { SchedulerClock } from './scheduler.js';
import { leaseOfShard } from './shards.js';

export interface LeadShardsOptions {
  readonly shards: number;
  readonly leases: Leases;
  readonly clock: SchedulerClock;
  /** Asks for the ticks of a shard until the signal is aborted. */
  readonly lead: (shard: number, signal: AbortSignal) => Promise<void>;
}

/** So often a process that leads several looks whether another leads too few. */
const LOOK_MS = 5000;
/** A lease that can't be had within so long is held by another: those who wait look more often. */
const HELD_AFTER_MS = 1500;
/** A shard that was given away is asked for on, until another is sure to do so: two do no harm, and none would make ticks late. */
const LINGER_MS = 3000;
/** And only then tried for again. */
const HOLD_BACK_MS = 5000;

/** Resolves when `stop` has ended it. */
export async function leadShards(options: LeadShardsOptions, stop: AbortSignal): Promise<void> {
  const { shards, leases, lead } = options;
  if (shards === 1) return leases.lead(leaseOfShard(0, 1), signal => lead(0, signal), stop);
  const share = new Share(options, stop);
  const each = Array.from({ length: shards }, (_, shard) => share.leadOne(shard));
  await Promise.all([...each, share.sayThatFew(), share.giveAway()]);
}

/** What one process leads of the shards. */
class Share {
  /** By shard: what gives it away. */
  private readonly led = new Map<number, AbortController>();
  private changed = new AbortController();

  constructor(
    private readonly options: LeadShardsOptions,
    private readonly stop: AbortSignal,
  ) {}

  async leadOne(shard: number): Promise<void> {
    const { shards, leases, clock } = this.options;
    while (!this.stop.aborted) {
      const away = new AbortController();
      let asking = Promise.resolve();
      const work = async (signal: AbortSignal): Promise<void> => {
        await asking;
        this.change(() => this.led.set(shard, away));
        const end = new AbortController();
        asking = this.options.lead(shard, end.signal);
        await Promise.race([asking, aborted(signal)]);
        this.change(() => this.led.delete(shard));
        const linger = away.signal.aborted ? clock.sleep(LINGER_MS, this.stop) : Promise.resolve();
        const ended = linger.then(() => end.abort());
        // Lost is lost: whoever leads it now has begun. Given away is different, see above.
        if (!away.signal.aborted) await Promise.all([ended, asking]);
      };
      await leases.lead(leaseOfShard(shard, shards), work, AbortSignal.any([this.stop, away.signal]));
      await Promise.all([asking, clock.sleep(HOLD_BACK_MS, this.stop)]);
    }
  }

  /** While it leads fewer than all, another may hear of it. */
  async sayThatFew(): Promise<void> {
    while (!this.stop.aborted) {
      const either = AbortSignal.any([this.stop, this.changed.signal]);
      if (this.led.size === this.options.shards) await aborted(either);
      else await this.options.leases.lead(this.leaseOfFew(this.led.size), aborted, either);
    }
  }

  async giveAway(): Promise<void> {
    while (!this.stop.aborted) {
      await this.options.clock.sleep(LOOK_MS, this.stop);
      for (let few = 0; few <= this.led.size - 2 && !this.stop.aborted; few++) {
        if (!(await this.isHeld(this.leaseOfFew(few)))) continue;
        const [given] = [...this.led.values()].slice(-1);
        given?.abort();
        break;
      }
    }
  }

  private async isHeld(lease: string): Promise<boolean> {
    let isFree = false;
    const enough = new AbortController();
    const have = (): Promise<void> => {
      isFree = true;
      enough.abort();
      return Promise.resolve();
    };
    const trying = this.options.leases.lead(lease, have, AbortSignal.any([this.stop, enough.signal]));
    await Promise.race([trying, this.options.clock.sleep(HELD_AFTER_MS, AbortSignal.any([this.stop, enough.signal]))]);
    enough.abort();
    await trying;
    return !isFree && !this.stop.aborted;
  }

  private leaseOfFew(few: number): string {
    return `scheduler-of-${this.options.shards}-few-${few}`;
  }

  private change(act: () => void): void {
    act();
    this.changed.abort();
    this.changed = new AbortController();
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
