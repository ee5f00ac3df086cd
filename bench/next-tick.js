import { Cron } from 'croner';
import { CronExpressionParser } from 'cron-parser';
import { fileURLToPath } from 'node:url';
import { nextTick, parseSchedule } from '#schedule';

/**
 * Next times per second on one core: ours, croner and cron-parser on the same instants in the same run.
 * Run it with `npm run build && node bench/next-tick.js`.
 *
 * @typedef {{ name: string, perSecond: number, ratio: number }} Row `ratio` says how many times as fast ours is; 1 for ours.
 * @typedef {(after: number) => number} Next the first tick after an instant, both in epoch seconds.
 */

const CASES = [
  { expression: '0 9 * * *', zone: 'America/New_York' },
  { expression: '*/5 * * * *', zone: 'UTC' },
];
const NOW = Date.UTC(2026, 10, 24) / 1000;
const TEN_YEARS = 10 * 365.25 * 86_400;
const ROUND_MS = 400;
const ROUNDS = 3;

/** @returns {Promise<Row[]>} */
export async function run() {
  const rows = CASES.flatMap(({ expression, zone }) => {
    const libraries = nextTimesOf(expression, zone);
    return [
      ...compare(`${expression} ${zone}, walking forward`, libraries, walk),
      ...compare(`${expression} ${zone}, random instants`, libraries, jump),
    ];
  });
  return rows;
}

/** @param {string} expression @param {string} zone @returns {[string, Next][]} */
function nextTimesOf(expression, zone) {
  const parsed = parseSchedule(expression);
  if (!parsed.ok) throw new Error(parsed.reason);
  const { schedule } = parsed;
  const croner = new Cron(expression, { timezone: zone, paused: true });
  const cronParser = CronExpressionParser.parse(expression, { tz: zone });
  return [
    ['ours', after => nextTick(schedule, zone, after) ?? Number.NaN],
    ['croner', after => (croner.nextRun(new Date(after * 1000))?.getTime() ?? Number.NaN) / 1000],
    [
      'cron-parser',
      after => {
        cronParser.reset(new Date(after * 1000));
        return cronParser.next().getTime() / 1000;
      },
    ],
  ];
}

/** @param {string} name @param {[string, Next][]} libraries @param {(next: Next, calls: number) => number} way @returns {Row[]} */
function compare(name, libraries, way) {
  const [expected, ...others] = libraries.map(([, next]) => way(next, 100));
  if (others.some(sum => sum !== expected))
    throw new Error(`${name}: the libraries disagree: ${[expected, ...others].join(', ')}`);
  const speeds = libraries.map(([, next]) => bestOf(next, way));
  return libraries.map(([library], i) => ({
    name: `${name}: ${library}`,
    perSecond: Math.round(speeds[i]),
    ratio: Math.round((speeds[0] / speeds[i]) * 10) / 10,
  }));
}

/** Calls per second in the best of some rounds, after a first round that warms up. @param {Next} next @param {(next: Next, calls: number) => number} way */
function bestOf(next, way) {
  let calls = 64;
  let best = 0;
  for (let round = 0; round <= ROUNDS;) {
    const start = performance.now();
    way(next, calls);
    const took = performance.now() - start;
    if (took < ROUND_MS / 2) {
      calls *= 2;
      continue;
    }
    if (round > 0) best = Math.max(best, (calls / took) * 1000);
    round += 1;
  }
  return best;
}

/** From tick to tick, starting over after ten years. @param {Next} next @param {number} calls */
function walk(next, calls) {
  let sum = 0;
  for (let after = NOW, i = 0; i < calls; i += 1) {
    after = next(after > NOW + TEN_YEARS ? NOW : after);
    sum += after;
  }
  return sum;
}

/** From instants within ten years of now, in random order. @param {Next} next @param {number} calls */
function jump(next, calls) {
  let sum = 0;
  let seed = 1;
  for (let i = 0; i < calls; i += 1) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    sum += next(Math.floor(NOW + TEN_YEARS * (seed / 2 ** 31 - 1)));
  }
  return sum;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(await run());
}
