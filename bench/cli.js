/**
 * `ambientctl` as a process: how long it takes to start, beside Node that does nothing, and to verify an audit export offline.
 * Run it with `npm run build && node bench/cli.js`.
 *
 * @typedef {{ name: string, ms: number, overNode?: number }} Row `overNode`: milliseconds more than `node -e 0` took
 */
import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { exportLine, GENESIS_HASH, hashOf, canonicalJson } from '#contracts';

const MAIN = fileURLToPath(new URL('../dist/apps/cli/src/main.js', import.meta.url));
const STARTS = 20;
const EVENTS = 100_000;

/** @returns {Promise<Row[]>} */
export async function run() {
  const idle = median(['-e', '0']);
  const starts = ['--version', '--help', 'scheduled-session --help'].map(args => {
    const ms = median([MAIN, ...args.split(' ')]);
    return { name: `ambientctl ${args}, median of ${STARTS}`, ms: round(ms), overNode: round(ms - idle) };
  });
  return [{ name: `node -e 0, median of ${STARTS}`, ms: round(idle) }, ...starts, await verification()];
}

/** @param {string[]} args @returns {number} milliseconds */
function median(args) {
  const times = Array.from({ length: STARTS }, () => timed(args)).toSorted((a, b) => a - b);
  return times[STARTS / 2];
}

/** @param {string[]} args @returns {number} milliseconds */
function timed(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}: ${stderr}`);
  return performance.now() - start;
}

/** @returns {Promise<Row>} */
async function verification() {
  const folder = await mkdtemp(join(tmpdir(), 'bench-cli-'));
  try {
    const file = join(folder, 'export.ndjson');
    await pipeline(exported, createWriteStream(file));
    const ms = timed([MAIN, 'audit', 'verify', file]);
    return { name: `ambientctl audit verify, an export of ${EVENTS.toLocaleString('en-US')} events`, ms: round(ms) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** An export of sessions that each had ten reports. */
function* exported() {
  let previous = GENESIS_HASH;
  for (let n = 0; n < EVENTS; n += 1) {
    const revision = n % 10;
    const stream = `session-${String(Math.floor(n / 10)).padStart(27, '0')}`;
    const payload = { phase: 'Running', project_id: 'acme', conditions: `[{"type":"Ready","n":${n}}]`, text: 'x'.repeat(200) };
    const metadata = {
      actor: { id: 'runtime', kind: 'runtime' },
      causation_id: 'bench',
      correlation_id: 'bench',
      event_id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      occurred_at: new Date(1_700_000_000_000 + n).toISOString(),
      prev_hash: revision === 0 ? GENESIS_HASH : previous,
      schema_version: 1,
    };
    const type = 'SessionStatusReported';
    previous = hashOf({ stream, revision, type, payload, metadata });
    const stored = `${canonicalJson(metadata).slice(0, -1)},"hash":"${previous}"}`;
    const position = String(n).padStart(16, '0');
    yield `${exportLine({ stream, revision, type, data: canonicalJson(payload), metadata: stored, position })}\n`;
  }
}

const round = ms => Math.round(ms * 10) / 10;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(await run());
}
