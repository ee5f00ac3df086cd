/** A small seeded generator: the same seed, the same numbers. */
export class Random {
  constructor(private state: number) {}

  /** A whole number in [0, bound), by a linear congruence modulo the prime 2³¹ − 1. */
  below(bound: number): number {
    this.state = ((this.state % 0x7fffffff) * 48_271 + 1) % 0x7fffffff;
    return Math.floor((this.state / 0x7fffffff) * bound);
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!;
  }
}
