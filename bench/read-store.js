/**
 * Speed of the embedded read store on documents of 600 bytes with 11 fields: upserts in batches of 500, reads of one document, and
 * lists of 100 out of 10,000 documents with their total. Run on the build: `npm run build && node bench/read-store.js`.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { allOf, equals, SqliteReadStore } from '#read-store';

const SESSIONS = {
  name: 'sessions',
  fields: {
    id: 'text',
    name: 'text',
    project_id: 'text',
    agent_id: 'text',
    scheduled_session_id: 'text',
    phase: 'text',
    llm_model: 'text',
    timeout: 'number',
    created_at: 'time',
    updated_at: 'time',
    start_time: 'time',
  },
  indexes: [
    ['project_id', 'created_at'],
    ['scheduled_session_id', 'created_at'],
  ],
};

const NEWEST = { collection: SESSIONS.name, orderBy: [{ field: 'created_at', direction: 'desc' }], offset: 0, limit: 100 };

const BATCH = 500;
const WRITTEN = 20_000;
/** The best of so many rounds counts: what else the machine does is not the store's. */
const ROUNDS = 3;
const LISTED = 10_000;
const GETS = 20_000;
const LISTS = 1_000;
const WARM_UP = 300;

const position = n => String(n).padStart(20, '0');
/** Ids that grow with time and end at random, as KSUIDs do. */
const idOf = n => `2Nc${String(n).padStart(14, '0')}${((n * 2_654_435_761) % 2 ** 32).toString(36).padStart(10, '0')}`;

function session(n, projects) {
  const time = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
  const id = idOf(n);
  return {
    id,
    kind: 'Session',
    href: `/api/ambient/v1/sessions/${id}`,
    name: `nightly-${n}`,
    project_id: `project-${n % projects}`,
    agent_id: `agent-${n % 100}`,
    scheduled_session_id: `schedule-${n % 50}`,
    phase: n % 7 === 0 ? 'Failed' : 'Completed',
    llm_model: 'claude-sonnet-4-6',
    timeout: 300,
    created_at: time,
    updated_at: time,
    start_time: time,
    prompt: 'x'.repeat(170),
  };
}

/** Writes bodies in batches; `round` 0 inserts, each later one updates what the one before wrote. */
async function write(set, bodies, round) {
  for (let i = 0; i < bodies.length; i += BATCH) {
    const updates = bodies.slice(i, i + BATCH).map(body => ({
      collection: SESSIONS.name,
      id: body.id,
      expected: round === 0 ? undefined : position(round),
      position: position(round + 1),
      body,
    }));
    const refused = await set.apply(updates, position(round + 1));
    if (refused.length > 0) throw new Error(`${refused.length} updates were refused`);
  }
}

/** Seconds that the work takes. */
async function timed(work) {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Seconds of one list that has to count its total anew, as each does after a write. */
async function timedAfterWrites(set) {
  let seconds = 0;
  for (let n = 0; n < LISTS; n += 1) {
    await set.apply([], position(n));
    seconds += await timed(() => set.find({ ...NEWEST, filter: equals('project_id', 'project-0') }));
  }
  return seconds / LISTS;
}

/** @returns {Promise<{ what: string, value: number, unit: string }[]>} */
export async function run(folder = process.cwd()) {
  const place = await mkdtemp(join(folder, 'bench-read-store-'));
  const store = await SqliteReadStore.open({ path: join(place, 'read.db'), collections: [SESSIONS] });
  const rows = [];
  const perSecond = (what, count, seconds) => rows.push({ what, value: Math.round(count / seconds), unit: '/s' });
  try {
    const bodies = Array.from({ length: WRITTEN }, (_, n) => session(n, 10));
    const inserting = [];
    const updating = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const set = await store.beside('verify');
      inserting.push(await timed(() => write(set, bodies, 0)));
      updating.push(await timed(() => write(set, bodies, 1)));
    }
    perSecond('insertions, batches of 500', WRITTEN, Math.min(...inserting));
    perSecond('updates, batches of 500', WRITTEN, Math.min(...updating));
    await store.drop('verify');

    for (const [projects, share] of [
      [10, '1,000'],
      [1, 'all'],
    ]) {
      const set = await store.beside('rebuild');
      await write(
        set,
        Array.from({ length: LISTED }, (_, n) => session(n, projects)),
        0,
      );
      await store.swapIn('rebuild');
      const lists = [
        [`lists of 100 out of 10,000, ${share} in the project`, { ...NEWEST, filter: equals('project_id', 'project-0') }],
        [
          `the same with phase = 'Failed'`,
          { ...NEWEST, filter: allOf(equals('project_id', 'project-0'), equals('phase', 'Failed')) },
        ],
        [
          `the same with name like '%99%'`,
          { ...NEWEST, filter: allOf(equals('project_id', 'project-0'), { kind: 'like', field: 'name', pattern: '%99%' }) },
        ],
      ];
      for (const [what, list] of lists) {
        const listing = async times => {
          for (let n = 0; n < times; n += 1) await store.live.find(list);
        };
        await listing(WARM_UP);
        const seconds = await timed(() => listing(LISTS));
        perSecond(what, LISTS, seconds);
        rows.push({ what: '  each', value: Math.round((seconds / LISTS) * 1e6), unit: 'µs' });
      }
    }
    const afterWrites = await timedAfterWrites(store.live);
    rows.push({
      what: 'list with 10,000 in the project, straight after a write',
      value: Math.round(afterWrites * 1e6),
      unit: 'µs',
    });
    const gets = await timed(async () => {
      for (let n = 0; n < GETS; n += 1) await store.live.get(SESSIONS.name, [idOf((n * 7_919) % LISTED)]);
    });
    perSecond('reads of one document by id', GETS, gets);
    return rows;
  } finally {
    await store.close();
    await rm(place, { recursive: true });
  }
}

if (import.meta.main) console.table(await run());
