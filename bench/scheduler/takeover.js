/** The leader is killed: until another asks for ticks, and whether it asks for every one. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectNats, NatsBus } from '#bus';
import { startDelay } from '#schedule';
import { startNats } from '../servers/engines.js';
import { Child } from './child.js';
import { makeSchedules, scheduleId, toFullMinute } from './log.js';

/** Ten ticks start each second. */
const SCHEDULES = 600;
const MINUTE = 60;
const JITTER = MINUTE - 1;
/** Requests that come so soon after the kill were on their way before it. */
const ON_THE_WAY_MS = 500;
const PATIENCE_MS = 30_000;

/** @param {string} place a folder for the log and the server's data */
export async function run(place) {
  const path = join(place, 'takeover.db');
  await makeSchedules(path, SCHEDULES, () => ({ schedule: '* * * * *', jitter: JITTER }));
  const nats = await startNats(place);
  const connection = await connectNats({ url: nats.url, log: console, name: 'bench' });
  const bus = new NatsBus({ connection, log: console });
  const received = [];
  const ahead = toFullMinute();
  const now = () => Date.now() + ahead;
  const options = { durable: 'bench', subject: 'ambient.trigger.>', concurrency: 64, backoffMs: [1000], maxDeliveries: 1 };
  await bus.consume(options, async ({ id, data }) => void received.push({ id, at: now(), ...JSON.parse(data) }));
  const leader = new Child('process.js', [path, '', nats.url, JITTER, ahead]);
  const other = new Child('process.js', [path, '', nats.url, JITTER, ahead]);
  try {
    await Promise.race([leader.live(), other.live()]);
    const [first, second] = await sides(leader, other);
    const from = Math.ceil(now() / 1000);
    await sleep(3000);
    const killed = now();
    await first.kill();
    await second.live();
    const resumed = await until(() => received.find(({ at }) => at > killed + ON_THE_WAY_MS));
    await sleep(3000);
    const due = startsBetween(from, Math.floor(now() / 1000) - 1);
    const asked = new Set(received.map(({ scheduled_session_id, scheduled_for }) => `${scheduled_session_id} ${scheduled_for}`));
    const lost = due.filter(each => !asked.has(each)).length;
    const doubled = received.length - new Set(received.map(({ id }) => id)).size;
    const ticks = `${due.length} ticks around the kill`;
    return [
      { what: 'takeover after kill -9 of the leader, until the other asks', ours: (resumed.at - killed) / 1000, unit: 's' },
      { what: `${ticks}: lost`, ours: lost, unit: '' },
      { what: `${ticks}: requests that a consumer got twice`, ours: doubled, unit: '' },
    ];
  } finally {
    await Promise.all([leader.kill(), other.kill()]);
    await bus.close();
    await connection.close();
    await nats.stop();
  }
}

/** Who leads, and who does not. */
async function sides(one, other) {
  const leads = await Promise.race([one.live().then(() => one), other.live().then(() => other)]);
  return leads === one ? [one, other] : [other, one];
}

/** `<schedule> <tick>` of all that are to start in these seconds. */
function startsBetween(from, through) {
  const due = [];
  for (let tick = Math.floor(from / MINUTE) * MINUTE; tick <= through; tick += MINUTE) {
    for (let number = 0; number < SCHEDULES; number += 1) {
      const id = scheduleId(number);
      const start = tick + startDelay(id, tick, JITTER, tick + MINUTE);
      if (start >= from && start <= through) due.push(`${id} ${new Date(tick * 1000).toISOString()}`);
    }
  }
  return due;
}

async function until(find) {
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline;) {
    const found = find();
    if (found !== undefined) return found;
    await sleep(20);
  }
  throw new Error(`no other asked within ${PATIENCE_MS} ms`);
}
