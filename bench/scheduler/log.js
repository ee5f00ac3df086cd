/** An embedded log of schedules, as the command side would have written it. */
import { deterministicUuid, ksuid, scheduledSessionDefaults, streams } from '#contracts';
import { SqliteEventStore } from '#event-store';
import { EMPTY_TAIL, encode } from '#journal';

const SLICE = 2000;
/** Slices on their way: encoding and writing take turns on two threads. */
const ON_THE_WAY = 4;
export const PROJECT = 'bench';
/** Milliseconds by which a clock is ahead that shows a full minute now: what is written now and is due every minute is due by it. */
export const toFullMinute = () => 60_000 - (Date.now() % 60_000);

const actor = { id: 'bench', kind: 'user' };

/** The id of a schedule of the bench. @param {number} number */
export const scheduleId = number => ksuid(Date.UTC(2026, 0, 1), payloadOf(number));

function payloadOf(number) {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(number, 12);
  return bytes;
}

/**
 * Makes the log in a file, and closes it.
 * @param {string} path
 * @param {number} count number of schedules
 * @param {(number: number) => { schedule: string, timezone?: string, jitter?: number }} fieldsOf
 */
export async function makeSchedules(path, count, fieldsOf) {
  const store = await SqliteEventStore.open({ path });
  const occurred_at = new Date().toISOString();
  const cause = { actor, occurred_at, correlation_id: 'bench', causation_id: 'bench' };
  const onTheWay = [];
  for (let number = 0; number < count;) {
    const writes = [];
    for (; writes.length < SLICE && number < count; number += 1) {
      const stream = streams.scheduledSession(scheduleId(number));
      const payload = {
        project_id: PROJECT,
        created_by_user_id: 'ann',
        name: `schedule-${number}`,
        session_prompt: 'Triage what came in since yesterday.',
        ...scheduledSessionDefaults,
        ...fieldsOf(number),
      };
      const { event } = encode(
        stream,
        EMPTY_TAIL,
        { type: 'ScheduledSessionCreated', payload },
        deterministicUuid(stream),
        cause,
      );
      writes.push({ stream, expected: 'none', events: [event] });
    }
    onTheWay.push(store.append(writes));
    if (onTheWay.length === ON_THE_WAY) await onTheWay.shift();
  }
  await Promise.all(onTheWay);
  await store.close();
}
