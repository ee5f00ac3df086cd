/** Given what happened, when a command comes, then these events: tests of deciders that read as sentences. */
import { expect } from '@jest/globals';
import type { DomainEvent } from '#contracts';
import { isRejection, type Decider, type Decision, type Fact, type Rejection } from '../src/decider.js';

const FIRST = Date.parse('2026-01-01T00:00:00.000Z');
const ACTOR = { id: 'ada', kind: 'user' } as const;

/** When the nth event (from 0) of a scenario happens: one a minute. RFC 3339, as all times here. */
export const at = (index: number): string => new Date(FIRST + index * 60_000).toISOString();

/** Events as they stand in the log, one a minute. */
export const factsOf = <E extends DomainEvent>(stream: string, events: readonly E[], first = 0): Fact<E>[] =>
  events.map((event, index) => ({ ...event, stream, metadata: { occurred_at: at(first + index), actor: ACTOR } }));

/** What came of the last command. */
class Outcome<E extends DomainEvent> {
  constructor(private readonly decision: Decision<E>) {}

  /** Exactly these events were decided. */
  thenEvents(...events: readonly E[]): void {
    expect(this.decision).toEqual(events);
  }

  /** The command was accepted, and changes nothing. */
  thenNothing(): void {
    expect(this.decision).toEqual([]);
  }

  /** The command was refused, with a message (of a field, where fields were refused) that matches. */
  thenRejected(kind: Rejection['rejected'], text: RegExp): void {
    if (!isRejection(this.decision)) throw new Error(`expected ${kind}, not the events ${JSON.stringify(this.decision)}`);
    const said =
      this.decision.rejected === 'invalid'
        ? this.decision.errors.map(({ message }) => message).join('; ')
        : this.decision.message;
    expect({ rejected: this.decision.rejected, said }).toEqual({ rejected: kind, said: expect.stringMatching(text) });
  }
}

/**
 * Scenarios of one aggregate: `given(...events).when(...commands).thenEvents(...)`.
 * Of several commands each is decided on what those before it led to, and the last one's outcome counts.
 */
export const scenariosOf =
  <S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string) =>
  (...events: readonly E[]) => {
    const state = fold(decider, decider.initial, factsOf(stream, events));
    return {
      /** The aggregate after the events. */
      state,
      when(...commands: readonly [C, ...C[]]): Outcome<E> {
        let decision: Decision<E> = [];
        let known = state;
        let happened = events.length;
        for (const command of commands) {
          decision = decider.decide(known, command);
          if (isRejection(decision)) continue;
          known = fold(decider, known, factsOf(stream, decision, happened));
          happened += decision.length;
        }
        return new Outcome(decision);
      },
    };
  };

/** Frozen, so that a decider that changes its state in place is found. */
const fold = <S, C, E extends DomainEvent>(decider: Decider<S, C, E>, initial: S, facts: readonly Fact<E>[]): S =>
  facts.reduce((state, fact) => frozen(decider.evolve(state, frozen(fact))), initial);

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
}
