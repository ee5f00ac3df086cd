/**
 * How late ticks are asked for: many due in the same second, and a steady stream of them; ours beside job schedulers of BullMQ and jobs of
 * croner. Ours counts when the bus has acknowledged the request, BullMQ when its worker has the job, croner when its callback has published
 * the same request on the same bus.
 *
 * @typedef {{ what: string, ours?: number, overNats?: number, bullmq?: number, croner?: number, unit?: string }} Row
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MISSING, startNats } from '../servers/engines.js';
import { Child } from './child.js';
import { makeSchedules, toFullMinute } from './log.js';
import { percentile } from './percentile.js';
import { startRedis } from './redis.js';

const AT_ONCE = 10_000;
const PER_SECOND = 200;
const STEADY_S = 20;
/** Jitter spreads the ticks of a minute over its 60 seconds. */
const MINUTE = 60;
const MINUTE_MS = MINUTE * 1000;
/** From the start of a measure to what it measures. */
const LEAD_MS = 3000;
/** What was not measured within so long never will be. */
const PATIENCE_MS = 20_000;

/** @param {string} place a folder for the logs and the servers' data @returns {Promise<Row[]>} */
export async function run(place) {
  const atOnce = join(place, 'at-once.db');
  const steady = join(place, 'steady.db');
  await makeSchedules(atOnce, AT_ONCE, () => ({ schedule: '* * * * *' }));
  await makeSchedules(steady, PER_SECOND * MINUTE, () => ({ schedule: '* * * * *', jitter: MINUTE - 1 }));
  const sides = [
    { side: 'ours', atOnce: () => oursAtOnce(atOnce), steady: () => oursSteady(steady) },
    { side: 'overNats', missing: MISSING.nats, atOnce: () => oursAtOnce(atOnce, place), steady: () => oursSteady(steady, place) },
    { side: 'bullmq', missing: missingOfBullMq(), ...peer('bullmq.js', place) },
    { side: 'croner', ...peer('croner.js', place) },
  ];
  const late = { atOnce: {}, steady: {} };
  const skipped = [];
  for (const { side, missing, ...measures } of sides) {
    if (missing) skipped.push({ what: `skipped: lateness, ${side}, needs ${missing}` });
    else for (const [measure, run] of Object.entries(measures)) late[measure][side] = await run();
  }
  return [
    ...rowsOf(`${AT_ONCE.toLocaleString('en-US')} due in the same second`, late.atOnce),
    ...rowsOf(`${PER_SECOND} a second over ${STEADY_S} s`, late.steady),
    ...skipped,
  ];
}

const rowsOf = (what, sides) =>
  [50, 99].map(percent => ({
    what: `${what}, p${percent}`,
    ...Object.fromEntries(Object.entries(sides).map(([side, late]) => [side, percentile(late, percent)])),
    unit: 'ms',
  }));

function missingOfBullMq() {
  if (spawnSync('redis-server', ['--version']).status !== 0) return 'redis-server on the PATH';
  try {
    createRequire(import.meta.url).resolve('ioredis');
    return undefined;
  } catch {
    return 'the package ioredis, by which BullMQ talks to Redis';
  }
}

const peer = (script, place) => ({
  atOnce: () => ofPeer(script, place, 'at-once', AT_ONCE),
  steady: () => ofPeer(script, place, 'steady', PER_SECOND * STEADY_S),
});

/** Twice, the first time to warm up: the clock is set to a little before a full minute; none falls in between. */
async function oursAtOnce(path, nats) {
  return withScheduler(path, { nats }, async child => {
    await burst(child);
    return burst(child);
  });
}

async function burst(child) {
  const next = Math.ceil(((await child.ask('clock')) + LEAD_MS) / MINUTE_MS) * MINUTE_MS;
  await child.ask('setClock', next - LEAD_MS);
  await child.ask('countFrom', next);
  await sleep(LEAD_MS);
  const late = [];
  for (const patience = performance.now() + PATIENCE_MS; late.length < AT_ONCE && performance.now() < patience;) {
    await sleep(500);
    late.push(...(await child.ask('lateness')));
  }
  if (late.length !== AT_ONCE) throw new Error(`${late.length} of ${AT_ONCE} were asked for`);
  return late;
}

async function oursSteady(path, nats) {
  return withScheduler(path, { nats, jitter: MINUTE - 1, ahead: toFullMinute() }, async child => {
    await sleep(LEAD_MS);
    await child.ask('lateness');
    await sleep(STEADY_S * 1000);
    return child.ask('lateness');
  });
}

async function withScheduler(path, { nats, jitter = 0, ahead = 0 }, measure) {
  const server = nats && (await startNats(nats));
  const child = new Child('process.js', [path, '', server?.url ?? '', jitter, ahead]);
  try {
    await child.live();
    return await measure(child);
  } finally {
    await child.kill();
    await server?.stop();
  }
}

async function ofPeer(script, place, what, count) {
  const server = script === 'bullmq.js' ? await startRedis(place) : undefined;
  const parameters = [what, count, PER_SECOND, server?.port ?? 0];
  const child = new Child(script, parameters);
  try {
    await child.live();
    return await child.ask('lateness');
  } finally {
    await child.kill();
    await server?.stop();
  }
}
