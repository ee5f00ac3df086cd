/** A million enabled schedules in one scheduler: until it is ready, what it needs, and what it does while nothing is to be done. */
import { mkdir } from 'node:fs/promises';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Child } from './child.js';
import { makeSchedules } from './log.js';
import { percentile } from './percentile.js';

const SCHEDULES = 1_000_000;
/** Those of them that are due in the same second. */
const AT_ONCE = 10_000;
const PEER_JOBS = 20_000;
const IDLE_MS = 20_000;
const BASELINE_MS = 5000;
const MINUTE = 60_000;
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Asia/Tokyo',
  'Africa/Lagos',
];

/** @param {string} place a folder for the log and the snapshot */
export async function run(place) {
  const path = join(place, 'million.db');
  const folder = join(place, 'snapshot');
  await mkdir(folder);
  // Long enough after it was written that everything else is measured before.
  const together = Math.ceil(Date.now() / MINUTE) * MINUTE + 10 * MINUTE;
  await makeSchedules(path, SCHEDULES, number => fieldsOf(number, new Date(together)));

  const first = await started(path, folder);
  const { rss, peak } = await first.child.ask('memory');
  await first.child.stop();

  const second = await started(path, folder);
  try {
    const machine = await machineIdle(BASELINE_MS);
    const busy = await cpuPercent(second.child, IDLE_MS);
    const again = await second.child.ask('memory');
    await second.child.ask('setClock', together - 3000);
    // What fell while the clock was moved is late by that, and no measure.
    await second.child.ask('countFrom', together);
    await sleep(6000);
    const lateness = await second.child.ask('lateness');
    const peer = await cronerJobs();
    const of = `${SCHEDULES.toLocaleString('en-US')} schedules`;
    const scaled = SCHEDULES / PEER_JOBS;
    return [
      {
        what: `${of}: ready from the log (croner's reckoned from ${PEER_JOBS.toLocaleString('en-US')}, here and below)`,
        ours: round(first.seconds),
        croner: round(peer.seconds * scaled),
        unit: 's',
      },
      {
        what: `${of}: ready from a snapshot of ${megabytes(join(folder, 'scheduler.snapshot'))} MB`,
        ours: round(second.seconds),
        unit: 's',
      },
      { what: `${of}: memory, read from the log`, ours: Math.round(rss), croner: Math.round(peer.rss * scaled), unit: 'MiB RSS' },
      { what: `${of}: memory at most until then`, ours: Math.round(peak), unit: 'MiB RSS' },
      { what: `${of}: memory, read from a snapshot`, ours: Math.round(again.rss), unit: 'MiB RSS' },
      {
        what: `${of}: CPU idle, of one core (the machine without it: ${machine.toFixed(1)} % of its cores busy)`,
        ours: round(busy),
        croner: round(peer.busy),
        unit: '%',
      },
      {
        what: `${of}: lateness of ${lateness.length.toLocaleString('en-US')} of them due in the same second, p50`,
        ours: percentile(lateness, 50),
        unit: 'ms',
      },
      {
        what: `${of}: lateness of ${lateness.length.toLocaleString('en-US')} of them due in the same second, p99`,
        ours: percentile(lateness, 99),
        unit: 'ms',
      },
    ];
  } finally {
    await second.child.kill();
  }
}

/** Daily at any minute in one of some zones; the first of them all at the same time. */
function fieldsOf(number, together) {
  if (number < AT_ONCE) return { schedule: `${together.getUTCMinutes()} ${together.getUTCHours()} * * *` };
  const minute = (number * 7919) % 1440;
  return { schedule: `${minute % 60} ${Math.floor(minute / 60)} * * *`, timezone: ZONES[number % ZONES.length] };
}

async function started(path, folder) {
  const begun = performance.now();
  const child = new Child('process.js', [path, folder]);
  await child.live();
  return { child, seconds: (performance.now() - begun) / 1000 };
}

/** Of one core, over some time. */
async function cpuPercent(child, ms) {
  const before = await child.ask('cpu');
  await sleep(ms);
  const after = await child.ask('cpu');
  return (after.user + after.system - before.user - before.system) / 10 / ms;
}

/** How busy all cores are, in percent, while the bench does nothing itself. */
async function machineIdle(ms) {
  const times = () => readFileSync('/proc/stat', 'utf8').split('\n', 1)[0].split(/\s+/).slice(1, 9).map(Number);
  const before = times();
  await sleep(ms);
  const spent = times().map((time, i) => time - before[i]);
  const all = spent.reduce((sum, time) => sum + time, 0);
  return (100 * (all - spent[3] - spent[4])) / all;
}

/** As many jobs of croner as it bears, daily in the same zones: what would be ten times as many is reckoned from them. */
async function cronerJobs() {
  const begun = performance.now();
  const child = new Child('croner-jobs.js', [PEER_JOBS]);
  await child.live();
  const seconds = (performance.now() - begun) / 1000;
  const { rss } = await child.ask('memory');
  const busy = await cpuPercent(child, 5000);
  await child.kill();
  return { seconds, rss, busy };
}

const round = value => Math.round(value * 100) / 100;
const megabytes = path => Math.round(statSync(path).size / 1e6);
