/**
 * What is to be looked at when. Everything of one second lies together, and a heap of seconds tells the soonest: adding costs the logarithm
 * of the number of different seconds, taking what is due costs what is taken.
 */
export class Agenda<T> {
  private readonly bySecond = new Map<number, Set<T>>();
  /** A binary heap, the least in front. A second that was emptied meanwhile stays in it until it is in front. */
  private readonly seconds: number[] = [];

  /** Adds it once a second. @param second whole seconds since 1970; Infinity: never */
  add(second: number, item: T): void {
    if (second === Number.POSITIVE_INFINITY) return;
    const there = this.bySecond.get(second);
    if (there) {
      there.add(item);
      return;
    }
    this.bySecond.set(second, new Set([item]));
    this.push(second);
  }

  remove(second: number, item: T): void {
    const there = this.bySecond.get(second);
    if (there?.delete(item) && there.size === 0) this.bySecond.delete(second);
  }

  /** The next second that has something; Infinity when none has. */
  next(): number {
    for (;;) {
      const [soonest] = this.seconds;
      if (soonest === undefined) return Number.POSITIVE_INFINITY;
      if (this.bySecond.has(soonest)) return soonest;
      this.pop();
    }
  }

  /** Everything up to a second, soonest first. What lies on several seconds comes several times. */
  take(through: number): T[] {
    const taken: T[] = [];
    for (let second = this.next(); second <= through; second = this.next()) {
      for (const item of this.bySecond.get(second) ?? []) taken.push(item);
      this.bySecond.delete(second);
      if (second === Number.POSITIVE_INFINITY) break;
    }
    return taken;
  }

  private push(second: number): void {
    const heap = this.seconds;
    let at = heap.push(second) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] ?? second;
      if (parent <= second) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = second;
  }

  private pop(): void {
    const heap = this.seconds;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = heap[left + 1] ?? Number.POSITIVE_INFINITY;
      const lesser = right < (heap[left] ?? Number.POSITIVE_INFINITY) ? left + 1 : left;
      const child = heap[lesser] ?? Number.POSITIVE_INFINITY;
      if (child >= last) break;
      heap[at] = child;
      at = lesser;
    }
    heap[at] = last;
  }
}
