/**
 * A clock that is set by an hour, forth and back, and a process that is suspended: whether each tick is asked for, and once. Who decides
 * here says "skipped" to whatever is asked for; of a range of old ticks, "missed".
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runIdOf, streams } from '#contracts';
import { SqliteEventStore } from '#event-store';
import { EMPTY_TAIL, encode } from '#journal';
import { Child } from './child.js';
import { makeSchedules, PROJECT, scheduleId, toFullMinute } from './log.js';

/** Each due every minute. */
const SCHEDULES = 20;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SUSPENDED_MS = 60_000;
/** An hour's ticks of a schedule, of which ten are caught up in a second, and some time to go on in. */
const CAUGHT_UP_MS = 12_000;
const DECIDE_EVERY_MS = 50;

const actor = { id: 'bench', kind: 'service' };

/** @param {string} place a folder for the log */
export async function run(place) {
  const path = join(place, 'clock.db');
  await makeSchedules(path, SCHEDULES, () => ({ schedule: '* * * * *', catch_up_policy: 'all', catch_up_window: 86_400 }));
  const store = await SqliteEventStore.open({ path });
  const begun = Date.now();
  const child = new Child('process.js', [path, '', '', 0, toFullMinute()]);
  const asked = [];
  let isOver = false;
  /** Takes what was asked for, and decides it. */
  const decide = async () => {
    const requests = await child.ask('requests');
    asked.push(...requests);
    if (requests.length > 0) await store.append(requests.map(outcomeOf));
  };
  const deciding = async () => {
    while (!isOver) {
      await decide();
      await sleep(DECIDE_EVERY_MS);
    }
  };
  try {
    await child.live();
    const decided = deciding();
    const setBy = async ms => {
      await child.ask('setClock', (await child.ask('clock')) + ms);
      await sleep(CAUGHT_UP_MS);
    };
    await sleep(2000);
    await setBy(HOUR_MS);
    await setBy(-HOUR_MS);
    await setBy(HOUR_MS);
    isOver = true;
    await decided;
    child.signal('SIGSTOP');
    await sleep(SUSPENDED_MS);
    child.signal('SIGCONT');
    isOver = false;
    const decidedAfter = deciding();
    await sleep(CAUGHT_UP_MS);
    const until = await child.ask('clock');
    isOver = true;
    await decidedAfter;
    return rowsOf(asked, ticksBetween(begun, until));
  } finally {
    await child.kill();
    await store.close();
  }
}

function rowsOf(asked, due) {
  const times = new Map();
  for (const request of asked) {
    for (const tick of ticksOf(request)) times.set(tick, (times.get(tick) ?? 0) + 1);
  }
  const what = `${due.length.toLocaleString('en-US')} ticks over a clock set by an hour forth, back and forth, and ${SUSPENDED_MS / 1000} s of suspension`;
  return [
    { what: `${what}: lost`, ours: due.filter(tick => !times.has(tick)).length, unit: '' },
    { what: `${what}: asked for twice`, ours: [...times.values()].filter(count => count > 1).length, unit: '' },
  ];
}

const named = (id, at) => `${id} ${new Date(at).toISOString()}`;

function ticksOf({ scheduled_session_id, scheduled_for, missed_through = scheduled_for }) {
  const ticks = [];
  for (let at = Date.parse(scheduled_for); at <= Date.parse(missed_through); at += MINUTE_MS)
    ticks.push(named(scheduled_session_id, at));
  return ticks;
}

/** Of all schedules, later than one instant and not later than a second before the other. */
function ticksBetween(after, until) {
  const ticks = [];
  for (let at = Math.floor(after / MINUTE_MS + 1) * MINUTE_MS; at <= until - 1000; at += MINUTE_MS) {
    for (let number = 0; number < SCHEDULES; number += 1) ticks.push(named(scheduleId(number), at));
  }
  return ticks;
}

function outcomeOf({ scheduled_session_id, scheduled_for, trigger, missed_through }) {
  const run_id = runIdOf(scheduled_session_id, scheduled_for);
  const decided_at = new Date().toISOString();
  const common = { project_id: PROJECT, scheduled_session_id, trigger, scheduled_for, decided_at, lateness_ms: 0 };
  const event = missed_through
    ? {
        type: 'RunMissed',
        payload: {
          ...common,
          reason: 'catch_up_window',
          from: scheduled_for,
          to: missed_through,
          count: ticksOf({ scheduled_for, missed_through }).length,
        },
      }
    : { type: 'RunSkipped', payload: { ...common, reason: 'active_session' } };
  const stream = streams.run(run_id);
  const cause = { actor, occurred_at: decided_at, correlation_id: run_id, causation_id: run_id };
  return { stream, expected: 'any', events: [encode(stream, EMPTY_TAIL, event, run_id, cause).event] };
}
