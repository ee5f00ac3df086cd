/** When what is due. Many schedules share few (expression, zone) pairs: a next time is computed once a pair, not once a schedule. */
import { nextTick, type Schedule as Cron } from '#schedule';
import type { Timing } from './tick-ledger.js';

interface Pair {
  readonly key: string;
  readonly cron: Cron;
  readonly zone: string;
  readonly members: Set<string>;
  /** The time that `next` is next after. */
  since: number;
  /** Whole seconds since 1970; Infinity when it never fires again. */
  next: number;
}

export class Calendar {
  private readonly pairs = new Map<string, Pair>();
  private readonly pairOf = new Map<string, Pair>();
  private soonest: number | undefined;

  /** Number of schedules that have ticks. */
  get size(): number {
    return this.pairOf.size;
  }

  /** Enters a schedule, moves it, or (no timing) takes it out. @param now whole seconds since 1970 */
  place(id: string, timing: Timing | undefined, now: number): void {
    const key = timing && `${timing.cron.expression} ${timing.zone}`;
    const before = this.pairOf.get(id);
    if (before?.key === key) return;
    if (before) {
      before.members.delete(id);
      this.pairOf.delete(id);
      if (before.members.size === 0) this.pairs.delete(before.key);
    }
    if (!timing || key === undefined) return;
    const pair = this.pairs.get(key) ?? this.newPair(key, timing, now);
    const clockWasSetBack = now < pair.since;
    if (clockWasSetBack) this.moveOn(pair, now);
    pair.members.add(id);
    this.pairOf.set(id, pair);
  }

  /** The next second on which something is due; Infinity when nothing is. */
  next(): number {
    if (this.soonest !== undefined) return this.soonest;
    let soonest = Number.POSITIVE_INFINITY;
    for (const { next } of this.pairs.values()) soonest = Math.min(soonest, next);
    this.soonest = soonest;
    return soonest;
  }

  /** The schedules of all pairs that have come due by now; each pair moves on to its next time. */
  take(now: number): string[] {
    const due: string[] = [];
    if (this.next() > now) return due;
    for (const pair of this.pairs.values()) {
      if (pair.next > now) continue;
      for (const id of pair.members) due.push(id);
      this.moveOn(pair, now);
    }
    this.soonest = undefined;
    return due;
  }

  private newPair(key: string, { cron, zone }: Timing, now: number): Pair {
    const pair = { key, cron, zone, members: new Set<string>(), since: now, next: 0 };
    this.pairs.set(key, pair);
    this.moveOn(pair, now);
    return pair;
  }

  private moveOn(pair: Pair, now: number): void {
    pair.since = now;
    pair.next = nextTick(pair.cron, pair.zone, now) ?? Number.POSITIVE_INFINITY;
    if (this.soonest !== undefined) this.soonest = Math.min(this.soonest, pair.next);
  }
}
