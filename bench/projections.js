import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deterministicUuid, ksuid, streams } from '#contracts';
import { SqliteEventStore } from '#event-store';
import { EMPTY_TAIL, encode } from '#journal';
import { COLLECTIONS, rebuild, verify } from '#projections';
import { SqliteReadStore } from '#read-store';

/**
 * Events per second of a rebuild and of a verification, over a log of schedules, their runs, sessions and messages, on SQLite.
 * Run it with `npm run build && node bench/projections.js`.
 *
 * @typedef {{ name: string, events: number, seconds: number, perSecond: number }} Row
 * @typedef {{ stream: string, type: string, payload: Record<string, unknown> }} Happening
 */

const EVENTS = 60_000;
const SCHEDULES = 200;
const START = Date.UTC(2026, 0, 1);
const ACTOR = { id: 'bench', kind: 'scheduler' };
const project_id = 'bench';

/** @returns {Promise<Row[]>} */
export async function run() {
  const folder = await mkdtemp(join(tmpdir(), 'bench-projections-'));
  const events = await SqliteEventStore.open({ path: join(folder, 'events.db') });
  const reads = await SqliteReadStore.open({ path: join(folder, 'reads.db'), collections: COLLECTIONS });
  try {
    await fill(events);
    const rebuilt = await timed('rebuild', () => rebuild(events, reads));
    const verified = await timed('verify', async () => {
      const verdict = await verify(events, reads);
      if (!verdict.equal) throw new Error(`the live documents differ: ${JSON.stringify(verdict.first)}`);
    });
    return [rebuilt, verified];
  } finally {
    await events.close();
    await reads.close();
    await rm(folder, { recursive: true });
  }
}

/** @param {string} name @param {() => Promise<unknown>} work @returns {Promise<Row>} */
async function timed(name, work) {
  const start = performance.now();
  await work();
  const seconds = (performance.now() - start) / 1000;
  return { name, events: EVENTS, seconds: Math.round(seconds * 100) / 100, perSecond: Math.round(EVENTS / seconds) };
}

/** Appends the history in slices. @param {SqliteEventStore} store */
async function fill(store) {
  const tails = new Map();
  let writes = [];
  let count = 0;
  for (const { stream, type, payload } of history()) {
    const tail = tails.get(stream) ?? EMPTY_TAIL;
    const occurred_at = new Date(START + count * 1000).toISOString();
    const cause = { actor: ACTOR, occurred_at, correlation_id: 'bench', causation_id: 'bench' };
    const encoded = encode(stream, tail, { type, payload }, deterministicUuid(stream, type, String(tail.revision)), cause);
    tails.set(stream, encoded.tail);
    writes.push({ stream, expected: tail.revision < 0 ? 'none' : tail.revision, events: [encoded.event] });
    count += 1;
    if (writes.length === 1000 || count === EVENTS) {
      await store.append(writes);
      writes = [];
    }
    if (count === EVENTS) return;
  }
}

/** A project with schedules, each with an agent, whose ticks come round after round. @returns {Generator<Happening>} */
function* history() {
  yield { stream: streams.project(project_id), type: 'ProjectCreated', payload: { project_id, name: project_id } };
  const schedules = Array.from({ length: SCHEDULES }, (_, i) => ({ id: id('schedule', i), agent: id('agent', i) }));
  for (const { id, agent } of schedules) yield* created(id, agent);
  for (let round = 0; ; round += 1) for (const schedule of schedules) yield* tick(schedule, round);
}

/** @param {string} schedule @param {string} agent @returns {Generator<Happening>} */
function* created(schedule, agent) {
  yield {
    stream: streams.agent(agent),
    type: 'AgentCreated',
    payload: { project_id, owner_user_id: 'ann', name: agent, prompt: 'Look after it.' },
  };
  const policies = {
    overlap_policy: 'skip',
    catch_up_policy: 'latest',
    catch_up_window: 3600,
    jitter: 0,
    pause_on_failure: false,
  };
  const timing = { schedule: '0 9 * * MON-FRI', timezone: 'America/New_York', enabled: true };
  const payload = {
    project_id,
    created_by_user_id: 'ann',
    name: schedule,
    agent_id: agent,
    session_prompt: 'Triage.',
    ...timing,
    ...policies,
  };
  yield { stream: streams.scheduledSession(schedule), type: 'ScheduledSessionCreated', payload };
}

/** One tick and all that follows from it: ten events. @returns {Generator<Happening>} */
function* tick({ id: schedule, agent }, round) {
  const scheduled_for = new Date(START + round * 86_400_000).toISOString();
  const run_id = deterministicUuid(schedule, scheduled_for);
  const session_id = id(`session of ${schedule}`, round);
  const session = streams.session(session_id);
  const from = { project_id, scheduled_session_id: schedule };
  const model = { llm_model: 'claude-sonnet-4-6', llm_temperature: 0.7, llm_max_tokens: 4000 };
  const report = changes => ({ stream: session, type: 'SessionStatusReported', payload: { project_id, changes } });
  const message = (seq, event_type, payload) => {
    const message_id = id(`message ${seq} of ${session_id}`, seq);
    return {
      stream: streams.messages(session_id),
      type: 'SessionMessageAppended',
      payload: { project_id, session_id, message_id, seq, event_type, payload },
    };
  };
  yield {
    stream: streams.occupancy(agent),
    type: 'SessionAdmitted',
    payload: { project_id, agent_id: agent, session_id, active: [session_id], waiting: [] },
  };
  const origin = { ...from, agent_id: agent, created_by_user_id: 'ann', scheduled_for, run_id };
  yield { stream: session, type: 'SessionCreated', payload: { ...origin, name: 'triage', prompt: 'Triage.', ...model } };
  yield message(1, 'user', 'Triage.');
  yield {
    stream: session,
    type: 'SessionStarted',
    payload: { project_id, agent_id: agent, starting_prompt: 'Look after it. Triage.' },
  };
  const decision = { trigger: 'schedule', scheduled_for, decided_at: scheduled_for, lateness_ms: 0 };
  yield {
    stream: streams.run(run_id),
    type: 'RunStarted',
    payload: { ...from, agent_id: agent, ...decision, session_id, prompt: 'Triage.' },
  };
  yield report({ phase: 'Creating' });
  yield report({ phase: 'Running', start_time: scheduled_for });
  yield message(2, 'assistant', 'Nothing was left open since yesterday.');
  yield report({ phase: 'Completed', completion_time: scheduled_for });
  yield {
    stream: streams.run(run_id),
    type: 'RunFinished',
    payload: { ...from, session_id, phase: 'Completed', finished_at: scheduled_for },
  };
}

/** A KSUID that is the same for the same thing. @param {string} kind @param {number} number */
function id(kind, number) {
  return ksuid(START + number * 1000, Buffer.from(deterministicUuid(kind, String(number)).replaceAll('-', ''), 'hex'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  console.table(await run());
}
