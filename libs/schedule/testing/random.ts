/** A small seeded generator (mulberry32), so that a failure can be repeated by its printed seed. */
export class Random {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** The seed of the environment variable SCHEDULE_SEED, or a new one. */
  static fromEnvironment(): Random {
    return new Random(Number(process.env.SCHEDULE_SEED ?? Math.floor(Math.random() * 2 ** 32)));
  }

  /** A whole number in [low, high]. */
  between(low: number, high: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return low + Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * (high - low + 1));
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)]!;
  }
}

/** Where a random expression should be likely to fire. */
export interface Near {
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
}

/** A random expression, more often than not one that fires near a local time. Some of them never fire (31 in a month of 30). */
export function randomExpression(random: Random, near: Near): string {
  const mostlyStar = (text: string): string => (random.between(0, 9) < 6 ? '*' : text);
  return [
    randomMinute(random),
    randomHour(random, (near.hour + 24 + random.between(-2, 2)) % 24),
    mostlyStar(randomDay(random, Math.min(31, Math.max(1, near.day + random.between(-1, 1))))),
    mostlyStar(random.pick(['*', `${near.month}`, 'jan-jun', '*/3', 'MAR,apr,SEP,OCT,nov', '7-12'])),
    mostlyStar(randomWeekday(random, near)),
  ].join(' ');
}

function randomMinute(random: Random): string {
  const minute = random.between(0, 59);
  const step = random.between(1, 20);
  return random.pick([
    '*',
    '0,0,30',
    `${minute}`,
    `*/${step}`,
    `${minute}/${step}`,
    `${minute >> 1}-${minute}`,
    `${minute >> 2}-${minute}/${step},${minute}`,
  ]);
}

function randomHour(random: Random, hour: number): string {
  const step = random.between(1, 6);
  const fixed = '* */2 0-23 0,1,2,3 0-3/2'.split(' ');
  return random.pick(
    fixed.concat(`${hour}`, `${hour},${(hour + 1) % 24}`, `${hour >> 1}-${hour}`, `${hour}/${step}`, `*/${step}`, `*,${hour}`),
  );
}

function randomDay(random: Random, day: number): string {
  return random.pick([`${day}`, 'L', `${day},L`, '*/2', '2/3', '1-15', `${(day + 1) >> 1}-31/2`]);
}

function randomWeekday(random: Random, { day, weekday }: Near): string {
  const fixed = 'MON-FRI 7 SAT,SUN FRI-SUN */2 0 SUNL 1-5/2,7'.split(' ');
  return random.pick(fixed.concat(`${weekday}`, `${weekday}L`, `${weekday}#${Math.ceil(day / 7)}`, `1#1,${weekday}#5`));
}
