import { deterministicUuid, GENESIS_HASH, hashOf, type EventMetadata } from '#contracts';
import type { EventStore, EventToAppend, RecordedEvent, StreamWrite } from '#event-store';

const STREAMS = 20;
/** Texts that an engine could change while it carries them: not canonical, beyond the first plane, numbers as they were written. */
const PAYLOADS = [
  '{"b":1,"a":[1.0,1e2]}',
  ' { "text" : "\\u00e9 é 𝄞" }\n',
  '{"10":1,"9":2}',
  '{"text":"plain"}',
  `{"long":"${'x'.repeat(2000)}"}`,
];

/** Makes the events of a log with chained hashes, always the same ones: runs of one to three events of one of many streams. */
export class LogMaker {
  readonly #tails = new Map<string, { revision: number; hash: string }>();
  #made = 0;

  /** The next write. */
  write(): StreamWrite {
    const stream = `test-${(this.#made * 7) % STREAMS}`;
    const expected = this.#tails.get(stream)?.revision ?? 'none';
    const events = Array.from({ length: 1 + (this.#made % 3) }, () => this.#event(stream));
    return { stream, expected, events };
  }

  /** Writes with `count` events or a little more. */
  writes(count: number): StreamWrite[] {
    const writes: StreamWrite[] = [];
    for (const end = this.#made + count; this.#made < end;) writes.push(this.write());
    return writes;
  }

  #event(stream: string): EventToAppend {
    const { revision: last, hash: prev_hash } = this.#tails.get(stream) ?? { revision: -1, hash: GENESIS_HASH };
    const revision = last + 1;
    const data = PAYLOADS[this.#made % PAYLOADS.length]!;
    const id = deterministicUuid('copied', String((this.#made += 1)));
    const unhashed = metadataOf(id, this.#made, prev_hash);
    const hash = hashOf({ stream, revision, type: 'Happened', payload: JSON.parse(data), metadata: unhashed as EventMetadata });
    this.#tails.set(stream, { revision, hash });
    return { id, type: 'Happened', data, metadata: JSON.stringify({ ...unhashed, hash }) };
  }
}

const metadataOf = (event_id: string, n: number, prev_hash: string): Omit<EventMetadata, 'hash'> => ({
  event_id,
  schema_version: 1,
  occurred_at: new Date(1_700_000_000_000 + n).toISOString(),
  actor: { id: 'tester', kind: 'user' },
  correlation_id: 'test',
  causation_id: 'test',
  prev_hash,
});

/** Everything of a log that a copy keeps. */
export async function contentOf(store: EventStore): Promise<Omit<RecordedEvent, 'position'>[]> {
  const events = await store.readAll({ limit: Infinity });
  return events.map(({ position: _, ...kept }) => kept);
}
