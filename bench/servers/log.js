/** An embedded log of sessions, each from its creation to its end, for what reads a whole log. */
import { deterministicUuid, ksuid, streams } from '#contracts';
import { EMPTY_TAIL, encode } from '#journal';
import { SqliteEventStore } from '#event-store';

const START = Date.UTC(2026, 0, 1);
const SLICE = 1000;
const project_id = 'bench';
const actor = { id: 'bench', kind: 'user' };

/**
 * Makes the log in a file, and closes it.
 * @param {string} path @param {number} count number of its events
 */
export async function makeLog(path, count) {
  const store = await SqliteEventStore.open({ path });
  const tails = new Map();
  let writes = [];
  let made = 0;
  for (const { stream, type, payload } of history()) {
    const tail = tails.get(stream) ?? EMPTY_TAIL;
    const occurred_at = new Date(START + made * 1000).toISOString();
    const cause = { actor, occurred_at, correlation_id: 'bench', causation_id: 'bench' };
    const encoded = encode(stream, tail, { type, payload }, deterministicUuid(stream, type, String(tail.revision)), cause);
    tails.set(stream, encoded.tail);
    writes.push({ stream, expected: tail.revision < 0 ? 'none' : tail.revision, events: [encoded.event] });
    made += 1;
    if (writes.length === SLICE || made === count) {
      await store.append(writes);
      writes = [];
    }
    if (made === count) break;
  }
  await store.close();
}

/** @returns {Generator<{ stream: string, type: string, payload: Record<string, unknown> }>} */
function* history() {
  yield { stream: streams.project(project_id), type: 'ProjectCreated', payload: { project_id, name: project_id } };
  for (let number = 0; ; number += 1) yield* sessionOf(number);
}

function* sessionOf(number) {
  const session_id = id('session', number);
  const stream = streams.session(session_id);
  const at = new Date(START + number * 1000).toISOString();
  const model = { llm_model: 'claude-sonnet-4-6', llm_temperature: 0.7, llm_max_tokens: 4000 };
  const origin = { project_id, created_by_user_id: 'ann', name: `session-${number}`, prompt: 'Triage.' };
  yield { stream, type: 'SessionCreated', payload: { ...origin, ...model } };
  yield { stream, type: 'SessionStarted', payload: { project_id, starting_prompt: 'Triage.' } };
  yield report(stream, { phase: 'Running', start_time: at });
  yield {
    stream: streams.messages(session_id),
    type: 'SessionMessageAppended',
    payload: {
      project_id,
      session_id,
      message_id: id('message', number),
      seq: 1,
      event_type: 'assistant',
      payload: 'Nothing was left open since yesterday.',
    },
  };
  yield report(stream, { phase: 'Completed', completion_time: at });
}

const report = (stream, changes) => ({ stream, type: 'SessionStatusReported', payload: { project_id, changes } });

/** A KSUID that is the same for the same thing. @param {string} kind @param {number} number */
const id = (kind, number) =>
  ksuid(START + number * 1000, Buffer.from(deterministicUuid(kind, String(number)).replaceAll('-', ''), 'hex'));
