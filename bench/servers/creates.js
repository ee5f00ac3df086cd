/**
 * Durable creates through the command API on KurrentDB, beside the bare client; through two of its processes, beside one; and while a query
 * API projects them to MongoDB. A create appends to two streams: it claims the name, then makes the schedule.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { KurrentDbEventStore } from '#event-store';
import { COLLECTIONS } from '#projections';
import { MongoReadStore } from '#read-store';
import { Helper } from '../http/processes.js';
import { startKurrentDb, startMongoDb, startNats } from './engines.js';
import { medians, row } from './rounds.js';
import { settingsOf, startService, TOKEN } from './services.js';

const CONNECTIONS = 64;
const ROUND_SECONDS = 3;
const WARM_UP_SECONDS = 5;
const LIVE_SECONDS = 10;
const CAUGHT_UP_WITHIN_MS = 120_000;

const API = '/api/ambient/v1';
/** Of this run alone: the engines may have seen others. */
const PROJECT = `bench-${randomBytes(4).toString('hex')}`;
const SCHEDULES = `${API}/projects/${PROJECT}/scheduled-sessions`;
/** Far from now, so that nothing would fire while the bench runs. */
const HOUR = (new Date().getUTCHours() + 12) % 24;

/** @param {string} place a folder for the servers' data */
export async function run(place) {
  const running = [];
  const started = async starting => {
    const one = await starting;
    running.unshift(one);
    return one;
  };
  try {
    const kurrentdb = await started(startKurrentDb(place));
    const mongodb = await started(startMongoDb());
    const settings = settingsOf(kurrentdb, mongodb, await started(startNats(place)));
    const one = await started(startService('command-api', settings, place));
    const loads = [await started(Helper.start('./load.js')), await started(Helper.start('./load.js'))];
    const bare = await started(Helper.start('../servers/appends.js', kurrentdb.url));
    const agent = await prepare(one);
    const load = loadOf(loads, agent);
    const events = await eventsOfCreate(kurrentdb, one, agent);

    return [
      ...(await besideBare(load, one, bare, events)),
      ...(await withProjection(load, one, () => started(startService('query-api', settings, place)), settings)),
      ...(await besideTwo(load, one, await started(startService('command-api', settings, place)))),
    ];
  } finally {
    for (const engine of running) await engine.stop();
  }
}

async function besideBare(load, service, bare, events) {
  const appends = events => async warmUp =>
    (await bare.ask({ events, concurrency: CONNECTIONS, seconds: secondsOf(warmUp) })).perSecond;
  const [, schedule] = events;
  const speeds = await medians({
    creates: warmUp => load([service], secondsOf(warmUp)),
    one: appends([schedule]),
    two: appends(events),
  });
  return [
    row(
      'create a schedule (appends to two streams), beside the bare client appending one event of its size',
      speeds.creates,
      speeds.one,
      '/s',
    ),
    row('the same, beside the bare client doing both appends', speeds.creates, speeds.two, '/s'),
  ];
}

async function besideTwo(load, one, two) {
  const speeds = await medians({
    two: warmUp => load([one, two], secondsOf(warmUp)),
    one: warmUp => load([one], secondsOf(warmUp)),
  });
  return [row('create a schedule, two command-api processes beside one, same load', speeds.two, speeds.one, '/s')];
}

/** How fast creates are while they are projected, and how fast they are projected, the last one included. */
async function withProjection(load, service, startQueryApi, { EVENT_STORE_URL, READ_STORE_URL }) {
  const events = await KurrentDbEventStore.open({ url: EVENT_STORE_URL });
  const reads = await MongoReadStore.open({ url: READ_STORE_URL, collections: COLLECTIONS, readonly: true });
  const queryApi = await startQueryApi();
  try {
    await caughtUp(events, reads);
    const before = await events.head();
    const start = performance.now();
    const creates = await load([service], LIVE_SECONDS);
    const left = await events.countAfter(await reads.live.checkpoint());
    await caughtUp(events, reads);
    const seconds = (performance.now() - start) / 1000;
    const projected = await events.countAfter(before);
    return [
      { what: 'create a schedule while a query-api projects them to MongoDB', ours: Math.round(creates), unit: '/s' },
      { what: 'projection to MongoDB, live under these creates', ours: Math.round(projected / seconds), unit: 'events/s' },
      { what: 'events left to project when these creates ended', ours: left, unit: 'events' },
    ];
  } finally {
    await queryApi.stop();
    await events.close();
    await reads.close();
  }
}

async function caughtUp(events, reads) {
  const deadline = performance.now() + CAUGHT_UP_WITHIN_MS;
  while ((await reads.live.checkpoint()) !== (await events.head())) {
    if (performance.now() > deadline) throw new Error('the read models did not catch up');
    await sleep(20);
  }
}

/** Sends creates to services from all connections, of which each has the same share. Tells answers a second. */
const loadOf = (loads, agent) => async (services, seconds) => {
  const answers = await Promise.all(
    loads.map((load, index) =>
      load.ask({
        port: services[index % services.length].port,
        connections: CONNECTIONS / loads.length,
        seconds,
        request: createRequest(agent, `bench-${index}`),
      }),
    ),
  );
  return answers.reduce((total, { perSecond }) => total + perSecond, 0);
};

const secondsOf = warmUp => (warmUp ? WARM_UP_SECONDS : ROUND_SECONDS);

/** Makes the project with an agent, and tells which. */
async function prepare(service) {
  await post(service, `${API}/projects`, { name: PROJECT });
  return (await post(service, `${API}/projects/${PROJECT}/agents`, { name: 'triage', prompt: 'Look after it.' })).id;
}

/** The events that a create appends, in their order. */
async function eventsOfCreate({ url }, service, agent) {
  const events = await KurrentDbEventStore.open({ url });
  try {
    const before = await events.head();
    await post(service, SCHEDULES, scheduleOf(agent, 'bench-sample-0000'));
    const appended = await events.readAll({ after: before, limit: 10 });
    if (appended.length !== 2) throw new Error(`a create appended ${appended.length} events, not 2`);
    return appended.map(({ type, data, metadata }) => ({ type, data, metadata }));
  } finally {
    await events.close();
  }
}

const scheduleOf = (agent_id, name) => ({
  name,
  agent_id,
  schedule: `0 ${HOUR} * * *`,
  timezone: 'Europe/Berlin',
  session_prompt: 'Triage the issues that were opened since yesterday.',
});

function createRequest(agent, prefix) {
  const [before, after] = JSON.stringify(scheduleOf(agent, `${prefix}-#`)).split('#');
  const head = [
    `POST ${SCHEDULES} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: Bearer ${TOKEN}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(before + after) + 10}`,
    '',
    '',
  ].join('\r\n');
  return [head + before, after];
}

async function post({ url }, path, body) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${TOKEN}` };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}
