/** When what is due. Many schedules share few (expression, zone) pairs: a next time is computed once a pair, not once a schedule. */
import { Agenda } from './agenda.js';
import type { Rhythm } from './timing.js';

interface Pair<T> {
  readonly rhythm: Rhythm;
  readonly members: Set<T>;
  /** The time that `next` is next after. */
  since: number;
  /** Whole seconds since 1970; Infinity when it never fires again. */
  next: number;
}

/** @typeParam T a schedule */
export class Calendar<T> {
  private readonly pairs = new Map<string, Pair<T>>();
  private readonly pairOf = new Map<T, Pair<T>>();
  private readonly agenda = new Agenda<Pair<T>>();

  /** Number of schedules that have ticks. */
  get size(): number {
    return this.pairOf.size;
  }

  /** Enters a schedule, moves it, or (no rhythm) takes it out. @param now whole seconds since 1970 */
  place(schedule: T, rhythm: Rhythm | undefined, now: number): void {
    const before = this.pairOf.get(schedule);
    if (before?.rhythm.key === rhythm?.key) return;
    if (before) this.takeOut(schedule, before);
    if (!rhythm) return;
    const pair = this.pairs.get(rhythm.key) ?? this.newPair(rhythm, now);
    if (now < pair.since) this.moveOn(pair, now);
    pair.members.add(schedule);
    this.pairOf.set(schedule, pair);
  }

  /** The next second on which something is due; Infinity when nothing is. */
  next(): number {
    return this.agenda.next();
  }

  /** The schedules of all pairs that have come due by now; each pair moves on to its next time. */
  take(now: number): T[] {
    const due: T[] = [];
    for (const pair of this.agenda.take(now)) {
      for (const schedule of pair.members) due.push(schedule);
      this.moveOn(pair, now);
    }
    return due;
  }

  /** The clock was set back: what it had left behind comes again, for those who waited. Costs a little for each pair. */
  setBack(now: number): void {
    for (const pair of this.pairs.values()) this.moveOn(pair, now);
  }

  private takeOut(schedule: T, pair: Pair<T>): void {
    pair.members.delete(schedule);
    this.pairOf.delete(schedule);
    if (pair.members.size > 0) return;
    this.pairs.delete(pair.rhythm.key);
    this.agenda.remove(pair.next, pair);
  }

  private newPair(rhythm: Rhythm, now: number): Pair<T> {
    const pair = { rhythm, members: new Set<T>(), since: now, next: Number.POSITIVE_INFINITY };
    this.pairs.set(rhythm.key, pair);
    this.moveOn(pair, now);
    return pair;
  }

  private moveOn(pair: Pair<T>, now: number): void {
    this.agenda.remove(pair.next, pair);
    pair.since = now;
    pair.next = pair.rhythm.next(now);
    this.agenda.add(pair.next, pair);
  }
}
