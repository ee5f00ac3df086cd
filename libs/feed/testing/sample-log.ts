import { readdirSync, readFileSync } from 'node:fs';
import { deterministicUuid, EVENTS, type DomainEvent } from '#contracts';
import type { EventStore, StreamWrite } from '#event-store';
import { EMPTY_TAIL, encode, type Tail } from '#journal';
import { Random } from './random.js';

const FOLDER = 'libs/contracts/fixtures/events';

interface Fixture {
  readonly stream: string;
  readonly type: DomainEvent['type'];
  readonly payload: Record<string, unknown>;
  readonly metadata: { readonly schema_version: number };
}

/** Of each type the newest version: what is written today. */
const FIXTURES = readdirSync(FOLDER)
  .map(file => JSON.parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as Fixture)
  .filter(({ type, metadata }) => metadata.schema_version === EVENTS[type].version);

/** These belong to a project or to none. */
const FREE = /^(session|sessionMessages|access)-/;

/** A log of events of every type, in some streams of each category, in projects and in none: the same for the same seed. */
export class SampleLog {
  readonly #random: Random;
  readonly #tails = new Map<string, Tail>();
  #count = 0;

  constructor(
    private readonly store: EventStore,
    private readonly seed: number,
  ) {
    this.#random = new Random(seed);
  }

  /** Appends a number of events: first each type once, then at random. */
  async append(events: number): Promise<void> {
    while (events > 0) {
      const some = Math.min(events, 1 + this.#random.below(50));
      await this.store.append(Array.from({ length: some }, () => this.#write()));
      events -= some;
    }
  }

  #write(): StreamWrite {
    const { type, payload, stream: of } = FIXTURES[this.#count] ?? this.#random.pick(FIXTURES);
    const stream = `${of}${this.#random.below(3)}`;
    const project = this.#random.pick(FREE.test(stream) ? ['acme', 'blue', undefined] : ['acme', 'blue']);
    const { project_id, ...rest } = payload;
    const event = { type, payload: project_id && project ? { ...rest, project_id: project } : rest } as DomainEvent;
    const tail = this.#tails.get(stream) ?? EMPTY_TAIL;
    const encoded = encode(stream, tail, event, deterministicUuid(String(this.seed), String(this.#count++)), {
      actor: { id: 'ann', kind: 'user' },
      occurred_at: '2026-03-01T09:00:00.000Z',
      correlation_id: 'sample',
      causation_id: 'sample',
      ...(this.#random.below(2) ? { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } : {}),
    });
    this.#tails.set(stream, encoded.tail);
    return { stream, expected: tail.revision < 0 ? 'none' : tail.revision, events: [encoded.event] };
  }
}
