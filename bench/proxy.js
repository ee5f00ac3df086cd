/**
 * The proxy alone, authorization and audit on and no line in the log a request, beside proxies that do nothing but forward: `@fastify/http-proxy`,
 * `http-proxy-middleware` and one worker of nginx. All of them stand before the same server, and take turns in rounds after a warm-up;
 * the median round counts. Then what the proxy adds to the latency at a steady pace, and the memory that big bodies and open streams take.
 * Run on the build: `npm run build && node bench/proxy.js`.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { Helper } from './http/processes.js';
import { startNginx, startOurs, startScript, TOKEN } from './proxy/processes.js';

const CONNECTIONS = 50;
const ROUNDS = 5;
const WARM_UP_SECONDS = 4;
const ROUND_SECONDS = 2;
/** Of what ours can do. */
const PACE = 0.25;
const STREAMS = 1000;
const BIG_MIB = 9;
const BIG_TIMES = 12;
const PATH = '/api/projects/blue/models';
const HEAD = ` HTTP/1.1\r\nHost: bench\r\nAccept: application/json\r\nUser-Agent: bench/1\r\nAuthorization: Bearer ${TOKEN}\r\n\r\n`;

export const TARGETS = [
  { row: /^@fastify\/http-proxy/, column: 'ratio', atLeast: 1 },
  { row: /^http-proxy-middleware/, column: 'ratio', atLeast: 3 },
  { row: /^p99 added/, column: 'ours', below: 5 },
  { row: /^memory for \d+ open streams/, column: 'ours', below: 300 },
  { row: /^memory for .* MiB up and down/, column: 'ours', below: 50 },
];
/** Beside nginx, where there is one. */
export const NGINX_TARGET = { row: /^nginx/, column: 'ratio', atLeast: 0.5 };

/** @returns {Promise<{ what: string, ours?: number | string, peer?: number, ratio?: number, unit?: string }[]>} */
export async function run(folder = process.cwd()) {
  const place = await mkdtemp(join(folder, 'bench-proxy-'));
  const running = [];
  const started = async starting => {
    const one = await starting;
    if (one) running.unshift(one);
    return one;
  };
  try {
    const upstream = await started(startScript('./upstream.js'));
    const services = await started(startScript('./services.js'));
    const load = await started(Helper.start('./load.js'));
    const paced = await started(startPaced());
    const ours = await started(startOurs(place, { upstream: upstream.url, services: services.url }));
    const peers = {
      '@fastify/http-proxy': await started(startScript('./peer.js', '@fastify/http-proxy', upstream.url)),
      'http-proxy-middleware': await started(startScript('./peer.js', 'http-proxy-middleware', upstream.url)),
      'connections kept: http-proxy-middleware': await started(
        startScript('./peer.js', 'http-proxy-middleware', upstream.url, 'kept'),
      ),
      'nginx, one worker': await started(startNginx(place, upstream.url)),
    };
    const rows = await throughput({ load, ours, peers });
    const perSecond = Math.max(100, Math.round(rows[0].ours * PACE));
    rows.push(await latency({ paced, ours, upstream, perSecond }));
    const { recorded } = await services.ask('tell');
    if (recorded < 1000) throw new Error(`the audit has only ${recorded} records: it was not on`);
    // A process that has not been under load: what that has left in its heap is not of the streams.
    const { stop } = ours;
    await stop();
    running.splice(running.indexOf(ours), 1);
    const fresh = await started(startOurs(place, { upstream: upstream.url, services: services.url }));
    return [...rows, await memoryOfStreams(fresh), await memoryOfBodies(fresh)];
  } finally {
    for (const one of running) await one.stop();
    await rm(place, { recursive: true });
  }
}

async function throughput({ load, ours, peers }) {
  const all = { ours, ...peers };
  const speeds = Object.fromEntries(Object.keys(all).map(name => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, proxy] of Object.entries(all)) {
      if (!proxy) continue;
      const seconds = round === 0 ? WARM_UP_SECONDS : ROUND_SECONDS;
      const job = { port: proxy.port, connections: CONNECTIONS, seconds, request: [`GET ${PATH}?n=`, HEAD] };
      const { perSecond } = await load.ask(job);
      if (round > 0) speeds[name].push(perSecond);
    }
  }
  const own = median(speeds.ours);
  return Object.entries(peers).map(([name, proxy]) => {
    if (!proxy) return { what: `${name}: skipped, nginx is not installed` };
    const peer = median(speeds[name]);
    return { what: name, ours: Math.round(own), peer: Math.round(peer), ratio: Math.round((own / peer) * 100) / 100, unit: '/s' };
  });
}

async function latency({ paced, ours, upstream, perSecond }) {
  const p99 = { ours: [], upstream: [] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [side, { port }] of Object.entries({ ours, upstream })) {
      const job = { port, connections: CONNECTIONS, perSecond, seconds: ROUND_SECONDS, request: `GET ${PATH}${HEAD}` };
      p99[side].push((await paced.ask(job)).p99);
    }
  }
  const [own, direct] = [median(p99.ours), median(p99.upstream)];
  const added = Math.round((own - direct) * 100) / 100;
  return { what: `p99 added, at ${perSecond} requests a second`, ours: added, peer: Math.round(direct * 100) / 100, unit: 'ms' };
}

/** The most that the process grows by, looked at while the work is done. @returns {Promise<number>} MiB */
async function growth({ pid }, work) {
  const before = rss(pid);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, rss(pid))), 20);
  await work();
  clearInterval(watch);
  return Math.round((Math.max(most, rss(pid)) - before) * 10) / 10;
}

/** Bodies as large as the rows let through, one after the other, up and down. */
async function memoryOfBodies(ours) {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const exchange = async (method, path, bytes) => {
    const options = { port: ours.port, agent, method, path, headers: { authorization: `Bearer ${TOKEN}` } };
    const sent = request({ ...options, headers: { ...options.headers, ...(bytes ? { 'content-length': bytes } : {}) } });
    for (let left = bytes; left > 0; left -= PIECE.length) {
      if (!sent.write(PIECE.subarray(0, Math.min(left, PIECE.length)))) await once(sent, 'drain');
    }
    sent.end();
    const [answer] = await once(sent, 'response');
    if (answer.statusCode !== 200) throw new Error(`${method} ${path} was answered ${answer.statusCode}`);
    for await (const _ of answer);
  };
  const times = Array.from({ length: BIG_TIMES });
  const up = () => times.reduce(done => done.then(() => exchange('POST', FEEDBACK, BIG_MIB * MIB)), Promise.resolve());
  const down = () => exchange('GET', `/api/projects/blue/agentic-sessions/down-${BIG_MIB * BIG_TIMES}`, 0);
  // What a process needs to have sent a body at all is not counted.
  await exchange('POST', FEEDBACK, MIB);
  const mib = await growth(ours, () => Promise.all([up(), down()]));
  agent.destroy();
  return { what: `memory for ${BIG_MIB * BIG_TIMES} MiB up and down at once`, ours: mib, unit: 'MiB' };
}

const MIB = 1_048_576;
const PIECE = Buffer.alloc(65_536, 'x');
const FEEDBACK = '/api/projects/blue/agentic-sessions/s/runner/feedback';

async function memoryOfStreams(ours) {
  const agent = new Agent({ maxSockets: STREAMS });
  const headers = { authorization: `Bearer ${TOKEN}`, accept: 'text/event-stream' };
  const open = async () => {
    const sent = request({ port: ours.port, agent, path: '/api/projects/blue/agentic-sessions/events', headers }).end();
    const [answer] = await once(sent, 'response');
    answer.resume().on('error', () => undefined);
    return sent.on('error', () => undefined);
  };
  let mib = 0;
  await growth(ours, async () => {
    const streams = [];
    while (streams.length < STREAMS) streams.push(...(await Promise.all(Array.from({ length: 50 }, open))));
    await sleep(2000);
    mib = Math.round(rss(ours.pid));
    for (const stream of streams) stream.destroy();
  });
  agent.destroy();
  return { what: `memory for ${STREAMS} open streams, all of the process`, ours: mib, unit: 'MiB' };
}

/** Resident memory of a process, MiB. */
const rss = pid => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

const startPaced = () => Helper.start('../proxy/paced.js');

function median(numbers) {
  const sorted = [...numbers].sort((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.table(await run());
