/**
 * A scheduler process that can be asked what it did: `node process.js <log file> [<snapshot folder>] [<NATS URL>]
 * [<jitter>] [<milliseconds that its clock is ahead>]`, started with fork.
 * It says `live` when it follows the clock, and keeps how late each request was that the bus has taken.
 */
import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { connectNats, InProcessBus, InProcessLeases, NatsBus, NatsLeases } from '#bus';
import { SqliteEventStore } from '#event-store';
import { startDelay } from '#schedule';
import { startScheduler } from '../../dist/apps/scheduler/src/scheduler.module.js';

const [path, snapshotFolder, natsUrl, jitter = '0', aheadAtFirst = '0'] = process.argv.slice(2);
const MINUTE = 60;

/** The wall clock, set as the parent says. */
let ahead = Number(aheadAtFirst);
const clock = {
  now: () => Date.now() + ahead,
  sleep: (ms, signal) => sleep(ms, undefined, { signal }).catch(() => undefined),
};

let sent = [];
/** Ticks before it do not count. */
let since = 0;

/** What was sent is looked into when it is asked for: what is measured has the processor. */
const watched = bus => ({
  publish: async message => {
    await bus.publish(message);
    sent.push([clock.now(), message.data]);
  },
});

function latenessOf([at, data]) {
  const { scheduled_session_id, scheduled_for, trigger } = JSON.parse(data);
  const tick = Date.parse(scheduled_for) / 1000;
  if (trigger !== 'schedule' || tick * 1000 < since) return [];
  return [at - (tick + startDelay(scheduled_session_id, tick, Number(jitter), tick + MINUTE)) * 1000];
}

const complain = { warn: text => console.error(text), error: text => console.error(text) };
const log = pino(
  { level: 'info' },
  {
    write: line => {
      const { level, msg } = JSON.parse(line);
      if (msg === 'scheduler follows the clock') process.send({ live: true });
      if (level >= 40) process.stderr.write(line);
    },
  },
);

async function openBus() {
  if (natsUrl) {
    const connection = await connectNats({ url: natsUrl, log: complain, name: 'bench' });
    return { bus: new NatsBus({ connection, log: complain }), leases: new NatsLeases({ connection, log: complain }) };
  }
  const bus = new InProcessBus({ log: complain });
  const options = { durable: 'bench', subject: 'ambient.trigger.>', concurrency: 64, backoffMs: [1000], maxDeliveries: 1 };
  await bus.consume(options, () => Promise.resolve());
  return { bus, leases: new InProcessLeases({ log: complain }) };
}

const eventStore = await SqliteEventStore.open({ path, readonly: true });
const { bus, leases } = await openBus();
const scheduler = await startScheduler({
  eventStore,
  bus: watched(bus),
  leases,
  clock,
  log,
  authenticator: { authenticate: () => Promise.reject(new Error('no one is let in')) },
  readiness: [],
  snapshotFolder: snapshotFolder || undefined,
});
await scheduler.app.listen(0, '127.0.0.1');

const status = name => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1024;

const ANSWERS = {
  /** How late, in milliseconds, everything was since the last time this was asked. */
  lateness: () => {
    const all = sent.flatMap(latenessOf);
    sent = [];
    return all;
  },
  /** What was asked for since the last time this was asked. */
  requests: () => {
    const all = sent.map(([, data]) => JSON.parse(data));
    sent = [];
    return all;
  },
  memory: () => ({ rss: status('VmRSS'), peak: status('VmHWM') }),
  cpu: () => process.cpuUsage(),
  clock: () => clock.now(),
  /** Only ticks from there on count. @param {number} at milliseconds since 1970 */
  countFrom: at => {
    since = at;
    sent = [];
  },
  /** @param {number} at milliseconds since 1970 that it is from now on */
  setClock: at => {
    ahead = at - Date.now();
  },
};

async function stop() {
  await scheduler.stop();
  process.exit(0);
}

process.on('message', ({ ask, with: parameter }) => {
  if (ask === 'stop') void stop();
  else process.send({ answer: ANSWERS[ask](parameter) ?? null });
});
