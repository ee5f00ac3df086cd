/** Measures that take turns, so that what else the machine does meets them alike. */

const ROUNDS = 5;

/**
 * The median speed of each side over rounds in which all take turns, after one to warm up.
 * @template {string} S
 * @param {Record<S, (warmUp: boolean) => Promise<number>>} sides each measures itself once, in so many a second
 * @returns {Promise<Record<S, number>>}
 */
export async function medians(sides, rounds = ROUNDS) {
  const speeds = Object.fromEntries(Object.keys(sides).map(side => [side, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [side, measure] of Object.entries(sides)) {
      const speed = await measure(round === 0);
      if (round > 0) speeds[side].push(speed);
    }
  }
  return Object.fromEntries(Object.entries(speeds).map(([side, all]) => [side, median(all)]));
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

/** One row of the table: ours beside what it is measured against. */
export const row = (what, ours, peer, unit) => ({
  what,
  ours: Math.round(ours),
  peer: Math.round(peer),
  ratio: Math.round((ours / peer) * 1000) / 1000,
  unit,
});
