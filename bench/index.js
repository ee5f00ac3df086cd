/**
 * `npm run bench`: every bench one after the other, a table each with what is asked of it, on the terminal and in
 * `docs/benchmarks/<date>.md`. Ends with exit code 1 when something asked for was missed. `npm run bench -- proxy scheduler` runs the parts
 * alone whose titles have one of the words, and leaves what the day's file says of the others.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { run as cli } from './cli.js';
import { run as eventStore } from './event-store.js';
import { run as http } from './http.js';
import { run as nextTick } from './next-tick.js';
import { run as projections } from './projections.js';
import { NGINX_TARGET, run as proxy, TARGETS as proxyTargets } from './proxy.js';
import { run as readStore } from './read-store.js';
import { run as scheduler, TARGETS as schedulerTargets } from './scheduler.js';
import { run as servers, TARGETS as serversTargets } from './servers.js';

/**
 * @typedef {Record<string, string | number | undefined>} Row the first column names it
 * @typedef {{ row: RegExp, column: string, atLeast?: number, below?: number }} Target rows whose name matches, and what their column must be
 * @typedef {{ title: string, run: () => Promise<Row[]>, targets: Target[] }} Part
 */

/** @type {Part[]} */
const PARTS = [
  {
    title: 'The system over HTTP at 64 connections, beside bare Fastify routes',
    run: http,
    targets: [
      { row: /^create/, column: 'ratio', atLeast: 0.3 },
      { row: /^get/, column: 'ratio', atLeast: 0.5 },
      { row: /^list/, column: 'ratio', atLeast: 0.25 },
      { row: /lag .*p99$/, column: 'ours', below: 200 },
    ],
  },
  {
    title: 'Next times of a schedule, beside croner and cron-parser',
    run: nextTick,
    targets: [{ row: /^0 9 \* \* \*.*: ours$/, column: 'perSecond', atLeast: 1_000_000 }],
  },
  {
    title: 'Rebuild and verification of the read models',
    run: projections,
    targets: [{ row: /^rebuild/, column: 'perSecond', atLeast: 20_000 }],
  },
  { title: 'The scheduler, beside BullMQ and croner', run: scheduler, targets: schedulerTargets },
  { title: 'Embedded event store', run: eventStore, targets: [] },
  {
    title: 'The command line as a process, beside Node that does nothing',
    run: cli,
    targets: [
      { row: /^ambientctl --version/, column: 'ms', below: 150 },
      { row: /^ambientctl audit verify/, column: 'ms', below: 10_000 },
    ],
  },
  { title: 'Embedded read store', run: readStore, targets: [] },
  {
    title: 'The proxy at 50 connections, authorization and audit on, beside proxies that do nothing but forward',
    run: proxy,
    targets: [...proxyTargets, NGINX_TARGET],
  },
  { title: 'The services on KurrentDB, MongoDB and NATS', run: servers, targets: serversTargets },
];

/** @param {Row[]} rows @param {Target[]} targets @returns {Row[]} the rows, those with a target judged */
function judge(rows, targets) {
  for (const { row } of targets) {
    if (!rows.some(one => row.test(nameOf(one)))) throw new Error(`no row is called ${row}: its target can't be judged`);
  }
  return rows.map(row => {
    const target = targets.find(each => each.row.test(nameOf(row)));
    return { ...row, target: target ? verdict(Number(row[target.column]), target) : undefined };
  });
}

const nameOf = row => String(Object.values(row)[0]);

/** @param {number} value @param {Target} target */
function verdict(value, { column, atLeast, below }) {
  const met = atLeast === undefined ? value < below : value >= atLeast;
  const asked = atLeast === undefined ? `< ${grouped(below)}` : `>= ${grouped(atLeast)}`;
  return `${column} ${asked}: ${met ? 'ok' : MISSED}`;
}

const MISSED = 'MISSED';
const isMissed = ({ target }) => target?.endsWith(MISSED) ?? false;

/** @param {Row[]} rows @returns {string} a Markdown table, its columns as wide as they need to be */
function table(rows) {
  const columns = [...new Set(rows.flatMap(row => Object.keys(row).filter(column => row[column] !== undefined)))];
  const cells = rows.map(row => columns.map(column => grouped(row[column])));
  const widths = columns.map((column, i) => Math.max(column.length, ...cells.map(row => row[i].length)));
  const isNumber = columns.map(column => rows.some(row => typeof row[column] === 'number'));
  const line = texts =>
    `| ${texts.map((text, i) => (isNumber[i] ? text.padStart(widths[i]) : text.padEnd(widths[i]))).join(' | ')} |`;
  const rule = widths.map((width, i) => (isNumber[i] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(columns), line(rule), ...cells.map(line)].join('\n');
}

const grouped = value =>
  typeof value === 'number' ? value.toLocaleString('en-US', { maximumFractionDigits: 3 }) : (value ?? '');

const load = () =>
  loadavg()
    .map(average => average.toFixed(1))
    .join(' ');

/** What the day's file says already, by title. @returns {Promise<Map<string, string>>} */
async function sectionsOf(file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  return new Map(
    text
      .split(/^## /m)
      .slice(1)
      .map(section => [section.slice(0, section.indexOf('\n')), section.trimEnd()]),
  );
}

const now = new Date();
const day = now.toISOString().slice(0, 10);
const intro = `# Benchmarks of ${day}

${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown kind'}, Node ${process.version}, ${process.platform}. \
Beside each table stand when it was measured and the load average of 1, 5 and 15 minutes before: other work on the machine lowers the figures, and the ratios of what needs several threads at once.`;
const folder = fileURLToPath(new URL('../docs/benchmarks/', import.meta.url));
const file = `${folder}${day}.md`;
await mkdir(folder, { recursive: true });
const sections = await sectionsOf(file);
const words = process.argv.slice(2).map(word => word.toLowerCase());
const wanted = PARTS.filter(({ title }) => words.length === 0 || words.some(word => title.toLowerCase().includes(word)));
if (wanted.length === 0) throw new Error(`no part has one of these words in its title: ${words.join(', ')}`);
console.log(`${intro}\n`);
for (const { title, run, targets } of wanted) {
  const before = `Measured at ${new Date().toISOString().slice(11, 16)} UTC, load average ${load()}.`;
  const rows = judge(await run(), targets);
  if (rows.some(isMissed)) process.exitCode = 1;
  sections.set(title, `${title}\n\n${table(rows)}\n\n${before}`);
  console.log(`## ${sections.get(title)}\n`);
  // After each part: should a later one fail, what was measured is kept.
  const kept = PARTS.flatMap(part => sections.get(part.title) ?? []).map(section => `## ${section}`);
  await writeFile(file, `${[intro, ...kept].join('\n\n')}\n`);
}
