import { deterministicUuid, type DomainEvent } from '#contracts';
import { isRejection, type Decider } from '#domain';
import type { EventToAppend } from '#event-store';
import { EMPTY_TAIL, encode, type Tail } from '#journal';

interface Aggregate {
  readonly state: unknown;
  readonly tail: Tail;
}

/** Aggregates in memory, by stream. */
export class Aggregates {
  readonly #known = new Map<string, Aggregate>();

  /** What a command leads to, encoded; nothing when it is refused. */
  decide<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string, command: C, now: () => string): EventToAppend[] {
    const known = this.#known.get(stream) ?? { state: decider.initial, tail: EMPTY_TAIL };
    let [state, tail] = [known.state as S, known.tail];
    const decision = decider.decide(state, command);
    if (isRejection(decision)) return [];
    const events = decision.map(event => {
      const id = deterministicUuid(stream, String(tail.revision + 1));
      const cause = {
        actor: { id: 'ann', kind: 'user' as const },
        occurred_at: now(),
        correlation_id: 'history',
        causation_id: 'history',
      };
      const encoded = encode(stream, tail, event, id, cause);
      state = decider.evolve(state, { ...event, stream, metadata: encoded.metadata });
      tail = encoded.tail;
      return encoded.event;
    });
    this.#known.set(stream, { state, tail });
    return events;
  }
}
