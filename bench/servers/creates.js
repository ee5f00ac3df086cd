/**
 * Durable creates through the command API on KurrentDB, beside the bare client making the same appends; through two of its processes, beside
 * one; and while a query API projects them to MongoDB. A session is one append; a schedule is two, one after the other: the claim of its name
 * and the schedule.
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
/** .NET compiles what is called often once more: the engine gets faster for half a minute. */
const WARM_UP_SECONDS = 10;
const LIVE_SECONDS = 10;
const CAUGHT_UP_WITHIN_MS = 120_000;

const API = '/api/ambient/v1';
/** Of this run alone: the engines may have seen others. */
const PROJECT = `bench-${randomBytes(4).toString('hex')}`;
const SCHEDULES = `${API}/projects/${PROJECT}/scheduled-sessions`;
const SESSIONS = `${API}/sessions`;
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
    const load = loadOf(loads, index => requestFor(SCHEDULES, scheduleOf(agent, `bench-${index}-#`)));
    const events = await eventsOfCreate(kurrentdb, one, agent);
    const sessions = seconds => loadOf(loads, index => requestFor(SESSIONS, sessionOf(`bench-${index}-#`)))([one], seconds);

    return [
      ...(await besideBare(load, sessions, one, bare, events)),
      ...(await withProjection(load, one, () => started(startService('query-api', settings, place)), settings)),
      ...(await besideTwo(load, one, await started(startService('command-api', settings, place)))),
    ];
  } finally {
    for (const engine of running) await engine.stop();
  }
}

async function besideBare(load, sessions, service, bare, { claim, schedule, session }) {
  const appends = events => async warmUp =>
    (await bare.ask({ events, concurrency: CONNECTIONS, seconds: secondsOf(warmUp) })).perSecond;
  const speeds = await medians({
    schedules: warmUp => load([service], secondsOf(warmUp)),
    bareSchedules: appends([claim, schedule]),
    sessions: warmUp => sessions(secondsOf(warmUp)),
    bareSessions: appends([session]),
  });
  return [
    row('create a session, beside the bare client making its append', speeds.sessions, speeds.bareSessions, '/s'),
    row('create a schedule, beside the bare client making its two appends', speeds.schedules, speeds.bareSchedules, '/s'),
    row('create a schedule, beside the bare client making one append', speeds.schedules, speeds.bareSessions, '/s'),
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

/** Sends requests to services from all connections, of which each has the same share. Tells answers a second. */
const loadOf = (loads, requestOf) => async (services, seconds) => {
  const answers = await Promise.all(
    loads.map((load, index) =>
      load.ask({
        port: services[index % services.length].port,
        connections: CONNECTIONS / loads.length,
        seconds,
        request: requestOf(index),
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

/** The events that creates append. */
async function eventsOfCreate({ url }, service, agent) {
  const events = await KurrentDbEventStore.open({ url });
  try {
    const before = await events.head();
    await post(service, SCHEDULES, scheduleOf(agent, 'bench-sample-0000'));
    await post(service, SESSIONS, sessionOf('bench-sample-0000'));
    const appended = await events.readAll({ after: before, limit: 10 });
    if (appended.length !== 3) throw new Error(`two creates appended ${appended.length} events, not 3`);
    const [claim, schedule, session] = appended.map(({ type, data, metadata }) => ({ type, data, metadata }));
    return { claim, schedule, session };
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

const sessionOf = name => ({ name, project_id: PROJECT });

/** @param fields with a `#`, which is another number in each request */
function requestFor(path, fields) {
  const [before, after] = JSON.stringify(fields).split('#');
  const head = [
    `POST ${path} HTTP/1.1`,
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
