/**
 * One schedule, its log, the leaders that follow it one after the other, and a command side that decides what they ask for; and beside
 * them the naive truth, which walks every minute.
 */
import { RANGE_AGE_S } from '#contracts';
import { startDelay } from '#schedule';
import { TickLedger, type OwedTick, type SavedLedger } from '../src/tick-ledger.js';
import { created, missed, PROJECT, resumed, SCHEDULE, started, suspended, updated } from './log-of.js';

type Fact =
  { readonly configured: Parameters<TickLedger['configured']>[0] } | { readonly decided: Parameters<TickLedger['decided']>[0] };
type Policy = 'none' | 'latest' | 'all';

/** When ticks fall: every so many minutes of the hour. `offset` is the zone's, in minutes. */
interface Rhythm {
  readonly every: number;
  readonly offset: number;
  readonly enabled: boolean;
  /** Seconds. */
  readonly jitter: number;
}

interface Interval {
  readonly first: number;
  readonly last: number;
}

export type Step =
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'retime'; readonly every: number; readonly zone: Zone; readonly policy: Policy; readonly jitter: number }
  | { readonly kind: 'toggle' }
  | { readonly kind: 'look' }
  | { readonly kind: 'decide'; readonly pick: number; readonly count: number }
  | { readonly kind: 'restart' }
  | { readonly kind: 'save' }
  | { readonly kind: 'resume' };

export type Zone = 'UTC' | 'Asia/Kathmandu';
const OFFSETS: Record<Zone, number> = { UTC: 0, 'Asia/Kathmandu': 345 };

export class TickWorld {
  private now: number;
  private ledger: TickLedger;
  private readonly log: Fact[] = [];
  /** By second: the rhythm that holds after it. */
  private readonly rhythms: [number, Rhythm][] = [];
  private asked: Interval[] = [];
  /** A snapshot, and how many facts were in the log when it was taken. */
  private saved: { readonly ledger: SavedLedger; readonly facts: number } | undefined;
  readonly outcomes: Interval[] = [];

  constructor(private readonly start: number) {
    this.now = start;
    this.ledger = new TickLedger(SCHEDULE, PROJECT);
    this.configure(created(start, { schedule: '*/10 * * * *', catch_up_policy: 'all' }), {
      every: 10,
      offset: 0,
      enabled: true,
      jitter: 0,
    });
  }

  /** Every tick that was to start by now, by the rhythm that held before it. */
  nominal(): number[] {
    const ticks: number[] = [];
    for (let tick = Math.ceil(this.start / 60) * 60; tick <= this.now; tick += 60) {
      const rhythm = this.rhythms.findLast(([since]) => since < tick)?.[1];
      if (!rhythm?.enabled || (tick / 60 + rhythm.offset) % rhythm.every !== 0) continue;
      if (tick + startDelay(SCHEDULE, tick, rhythm.jitter, tick + rhythm.every * 60) <= this.now) ticks.push(tick);
    }
    return ticks;
  }

  /** The nominal ticks that intervals cover, one entry a cover. */
  covered(intervals: readonly Interval[], nominal = this.nominal()): number[] {
    return intervals.flatMap(({ first, last }) => nominal.filter(tick => tick >= first && tick <= last)).sort((a, b) => a - b);
  }

  /** Takes up and asks for all that is owed now. */
  look(): Interval[] {
    this.ledger.collect(this.now);
    const owing = this.ledger.owing.filter(({ trigger }) => trigger !== undefined).map(intervalOf);
    this.asked = owing;
    return owing;
  }

  step(step: Step): void {
    const { rhythm } = this;
    switch (step.kind) {
      case 'wait':
        this.now += step.seconds;
        return;
      case 'retime': {
        const { every, zone, policy, jitter } = step;
        const changes = { schedule: `*/${every} * * * *`, timezone: zone, catch_up_policy: policy, jitter };
        return this.configure(updated(this.now, changes), { ...rhythm, every, offset: OFFSETS[zone], jitter });
      }
      case 'toggle':
        return this.configure(rhythm.enabled ? suspended(this.now) : resumed(this.now), { ...rhythm, enabled: !rhythm.enabled });
      case 'look':
        this.look();
        return;
      case 'decide':
        for (const request of this.asked.slice(step.pick % Math.max(1, this.asked.length)).slice(0, step.count))
          this.decide(request);
        return;
      case 'restart':
        return this.restart(new TickLedger(SCHEDULE, PROJECT), 0);
      case 'save':
        this.saved = { ledger: this.ledger.saved(), facts: this.log.length };
        return;
      case 'resume':
        if (this.saved) this.restart(TickLedger.restored(this.saved.ledger), this.saved.facts);
        return;
      default:
        step satisfies never;
    }
  }

  /** Decides everything that is owed, portion after portion. */
  settle(): void {
    for (let owing = this.look(); owing.length > 0; owing = this.look()) for (const request of owing) this.decide(request);
  }

  /** As the command side does: a range only when it is old enough, and no tick twice. */
  private decide({ first, last }: Interval): void {
    if (first !== last && this.now - last < RANGE_AGE_S)
      throw new Error('a range was asked for whose ticks may be on their way one by one');
    if (this.outcomes.some(known => known.first <= last && first <= known.last)) return;
    this.outcomes.push({ first, last });
    const decided = first === last ? started(first) : missed(first, last);
    this.log.push({ decided });
    this.ledger.decided(decided);
  }

  private configure(configured: Parameters<TickLedger['configured']>[0], rhythm: Rhythm): void {
    this.rhythms.push([this.now, rhythm]);
    this.log.push({ configured });
    this.ledger.configured(configured);
  }

  /** What a new leader owes that reads the whole log, and one that reads on from the snapshot, as far as it was taken. */
  fromLogAndSnapshot(): [number[], number[]] {
    this.step({ kind: 'restart' });
    const fromLog = this.covered(this.look());
    this.step({ kind: 'resume' });
    return [fromLog, this.covered(this.look())];
  }

  /** A new leader reads the log, from somewhere on. What the old one asked for may still be decided. */
  private restart(ledger: TickLedger, from: number): void {
    this.ledger = ledger;
    for (const fact of this.log.slice(from)) {
      if ('configured' in fact) this.ledger.configured(fact.configured);
      else this.ledger.decided(fact.decided);
    }
    this.ledger.collect(this.now, { since: this.now });
  }

  private get rhythm(): Rhythm {
    return this.rhythms.at(-1)?.[1] ?? { every: 10, offset: 0, enabled: true, jitter: 0 };
  }
}

const intervalOf = ({ tick, through = tick }: OwedTick): Interval => ({ first: tick, last: through });
