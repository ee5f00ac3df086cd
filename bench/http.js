/**
 * The whole system over HTTP beside bare Fastify routes: durable commands, one resource and a list a second, and how far the read models
 * are behind meanwhile. Each case takes turns between ours and the peer, in rounds after a warm-up, and counts the median round.
 * Run on the build: `npm run build && node bench/http.js`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SqliteEventStore } from '#event-store';
import { Helper, startSystem } from './http/processes.js';

const CONNECTIONS = 64;
const ROUNDS = 5;
const WARM_UP_SECONDS = 2;
const ROUND_SECONDS = 2;
const LAG_SECONDS = 8;
const LISTED = 1000;

const TOKEN = 'bench-token-0123456789';
const API = '/api/ambient/v1';
const schedulesOf = project => `${API}/projects/${project}/scheduled-sessions`;
const READ = 'bench-reads';
const WRITTEN = 'bench-writes';

/** Far from now, so that nothing fires while the bench runs. */
const HOUR = (new Date().getUTCHours() + 12) % 24;
const scheduleOf = (name, agent_id) => ({
  name,
  agent_id,
  schedule: `0 ${HOUR} * * *`,
  timezone: 'Europe/Berlin',
  session_prompt: 'Triage the issues that were opened since yesterday.',
});

/** @returns {Promise<{ what: string, ours: number, peer?: number, ratio?: number, unit: string }[]>} */
export async function run(folder = process.cwd()) {
  const place = await mkdtemp(join(folder, 'bench-http-'));
  const running = [];
  const started = async starting => {
    const one = await starting;
    running.unshift(one);
    return one;
  };
  try {
    const system = await started(startSystem(place, TOKEN));
    const load = await started(Helper.start('./load.js'));
    const peer = await started(Helper.start('./peer.js', join(place, 'peer.db')));
    const { agent, ids } = await prepare(system);
    const { port: peerPort } = await peer.ask(await sampleAnswers(system, ids[0]));

    /** Takes turns between ours and the peer with the same requests. */
    const compare = async (what, port, job) => {
      const speeds = { ours: [], peer: [] };
      for (let round = 0; round <= ROUNDS; round += 1) {
        for (const [side, sidePort] of [
          ['ours', port],
          ['peer', peerPort],
        ]) {
          const seconds = round === 0 ? WARM_UP_SECONDS : ROUND_SECONDS;
          const { perSecond } = await load.ask({ ...job, port: sidePort, connections: CONNECTIONS, seconds });
          if (round > 0) speeds[side].push(perSecond);
          await caughtUp(system);
        }
      }
      const ours = median(speeds.ours);
      const bare = median(speeds.peer);
      return { what, ours: Math.round(ours), peer: Math.round(bare), ratio: Math.round((ours / bare) * 1000) / 1000, unit: '/s' };
    };

    const get = getRequest(`${schedulesOf(READ)}/`, ids);
    const rows = [
      await compare('get one schedule', system.query.port, get),
      await compare('list 100 of 1,000 schedules', system.query.port, getRequest(schedulesOf(READ), [''])),
    ];
    const create = createRequest(agent);
    rows.unshift(await compare('create a schedule, durable', system.command.port, create));
    // Who watches the lag takes its share of the two cores: not while creates are compared with a peer that no one watches.
    const lag = await started(Helper.start('./lag.js', system.eventStorePath, system.readStorePath));
    await load.ask({ ...create, port: system.command.port, connections: CONNECTIONS, seconds: LAG_SECONDS });
    const { lags } = await lag.ask('tell');
    return [...rows, ...lagRows(lags)];
  } finally {
    for (const one of running) await one.stop();
    await rm(place, { recursive: true });
  }
}

/** Makes the projects with an agent each, and the schedules to read. Tells the agent to write for, and the ids to read. */
async function prepare({ command }) {
  const create = async (path, body) => {
    const headers = { 'content-type': 'application/json' };
    const { id } = await (await fetched(`${command.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).json();
    return id;
  };
  const projectWithAgent = async project => {
    await create(`${API}/projects`, { name: project });
    return create(`${API}/projects/${project}/agents`, { name: 'triage', prompt: 'Look after it.' });
  };
  const reader = await projectWithAgent(READ);
  const ids = [];
  for (let n = 0; n < LISTED; n += 1) {
    ids.push(await create(schedulesOf(READ), scheduleOf(`nightly-${String(n).padStart(10, '0')}`, reader)));
  }
  return { agent: await projectWithAgent(WRITTEN), ids };
}

/** What ours stores and answers, for the peer to store and answer. */
async function sampleAnswers(system, id) {
  await caughtUp(system);
  const listed = await fetched(`${system.query.url}${schedulesOf(READ)}`);
  const list = await listed.text();
  const { items, total } = JSON.parse(list);
  if (items.length !== 100 || total !== LISTED) throw new Error(`the list has ${items.length} of ${total} schedules`);
  const one = await (await fetched(`${system.query.url}${schedulesOf(READ)}/${id}`)).text();
  return { event: await storedEvent(system, id), created: one, one, list, contentType: listed.headers.get('content-type') };
}

async function storedEvent({ eventStorePath }, scheduleId) {
  const store = await SqliteEventStore.open({ path: eventStorePath, readonly: true });
  try {
    const [{ type, data, metadata }] = await store.readStream(`scheduledSession-${scheduleId}`);
    return { type, data, metadata };
  } finally {
    await store.close();
  }
}

/** Waits until the read models hold everything, so that no round pays for the one before. */
async function caughtUp({ query }) {
  for (let left = 60; left > 0; left -= 1) {
    const { status } = await fetch(`${query.url}/readyz`);
    if (status === 200) return;
    await sleep(200);
  }
  throw new Error('the read models did not catch up');
}

function lagRows(lags) {
  if (lags.length < 100) throw new Error(`only ${lags.length} lags were seen`);
  const sorted = lags.toSorted((a, b) => a - b);
  const at = share => Math.round(sorted[Math.floor(sorted.length * share)] * 10) / 10;
  return [
    { what: 'projection lag under these creates, p50', ours: at(0.5), unit: 'ms' },
    { what: 'projection lag under these creates, p99', ours: at(0.99), unit: 'ms' },
  ];
}

function createRequest(agent) {
  const [before, after] = JSON.stringify(scheduleOf('bench-#', agent)).split('#');
  const length = Buffer.byteLength(before + after) + 10;
  const head = requestHead('POST', schedulesOf(WRITTEN), ['Content-Type: application/json', `Content-Length: ${length}`]);
  return { request: [head + before, after] };
}

function getRequest(path, values) {
  const [before, after] = requestHead('GET', `${path}#`).split('#');
  return { request: [before, after], values };
}

const requestHead = (method, path, headers = []) =>
  [`${method} ${path} HTTP/1.1`, 'Host: 127.0.0.1', `Authorization: Bearer ${TOKEN}`, ...headers, '', ''].join('\r\n');

async function fetched(url, init = {}) {
  const response = await fetch(url, { ...init, headers: { authorization: `Bearer ${TOKEN}`, ...init.headers } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return response;
}

const median = numbers => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

if (import.meta.main) console.table(await run());
