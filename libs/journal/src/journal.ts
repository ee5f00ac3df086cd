/**
 * Aggregates over an event store: load, decide, append. What is loaded stays cached, and is brought up to date by reading only what has
 * been appended since: the store remains the only truth, a decision is always made on its latest state.
 */
import { randomUUID } from 'node:crypto';
import type { DomainEvent, Occurred } from '#contracts';
import { isRejection, type Decider, type Fact, type Rejection } from '#domain';
import { WrongExpectedRevision, type EventStore } from '#event-store';
import { decode, EMPTY_TAIL, encode, type Cause, type Encoded, type Tail } from './codec.js';
import { LruMap } from './lru-map.js';

/** A decider refused the command. */
export class Rejected extends Error {
  override readonly name = 'Rejected';

  constructor(readonly rejection: Rejection) {
    super(rejection.rejected === 'invalid' ? rejection.errors.map(({ message }) => message).join('; ') : rejection.message);
  }
}

/** The caller named a revision, and the resource has moved on. */
export class PreconditionFailed extends Error {
  override readonly name = 'PreconditionFailed';

  constructor(expected: number, actual: number) {
    super(`the resource is at revision ${actual}, not ${expected}`);
  }
}

/** An aggregate as its stream tells it. */
export interface Loaded<S> {
  readonly state: S;
  readonly tail: Tail;
}

/** Decided and not yet appended. */
export interface Plan<S = unknown> {
  readonly stream: string;
  readonly expected: number;
  readonly encoded: readonly Encoded[];
  /** The state after the events. */
  readonly state: S;
  readonly tail: Tail;
}

export interface PlanOptions {
  /** Refuse unless the stream stands at this revision. */
  readonly ifMatch?: number | undefined;
  /** Ids of the events, where their cause gives them; random otherwise. */
  readonly eventId?: ((event: DomainEvent, index: number) => string) | undefined;
}

const CACHED_AGGREGATES = 50_000;
const ATTEMPTS = 10;

export class Journal {
  private readonly cache = new LruMap<string, Loaded<unknown>>(CACHED_AGGREGATES);

  constructor(readonly store: EventStore) {}

  /** The latest state of an aggregate. */
  async load<S, C, E extends DomainEvent>(decider: Decider<S, C, E>, stream: string): Promise<Loaded<S>> {
    const known = (this.cache.get(stream) as Loaded<S> | undefined) ?? { state: decider.initial, tail: EMPTY_TAIL };
    const news = await this.store.readStream(stream, { from: known.tail.revision + 1 });
    if (news.length === 0) return known;
    let { state, tail } = known;
    for (const recorded of news) {
      const event = decode(recorded);
      state = decider.evolve(state, event as unknown as Fact<E>);
      tail = { revision: event.revision, hash: event.metadata.hash };
    }
    const loaded = { state, tail };
    this.cache.set(stream, loaded);
    return loaded;
  }

  /**
   * Decides a command on the latest state.
   * @throws {Rejected} @throws {PreconditionFailed}
   */
  async plan<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    command: C,
    cause: Cause,
    options: PlanOptions = {},
  ): Promise<Plan<S>> {
    return this.planOn(decider, stream, await this.load(decider, stream), command, cause, options);
  }

  /** Decides a command on a state that the caller has loaded, or knows to be the first one. */
  planOn<S, C, E extends DomainEvent>(
    decider: Decider<S, C, E>,
    stream: string,
    loaded: Loaded<S>,
    command: C,
    cause: Cause,
    { ifMatch, eventId = () => randomUUID() }: PlanOptions = {},
  ): Plan<S> {
    if (ifMatch !== undefined && ifMatch !== loaded.tail.revision) throw new PreconditionFailed(ifMatch, loaded.tail.revision);
    const decision = decider.decide(loaded.state, command);
    if (isRejection(decision)) throw new Rejected(decision);
    let { state, tail } = loaded;
    const encoded = decision.map((event, index) => {
      const next = encode(stream, tail, event, eventId(event, index), cause);
      tail = next.tail;
      state = decider.evolve(state, { ...event, stream, metadata: next.metadata });
      return next;
    });
    return { stream, expected: loaded.tail.revision, encoded, state, tail };
  }

  /**
   * Appends the plans in their order; durable when it resolves. Stops at the first whose stream has moved on.
   * @throws {WrongExpectedRevision}
   */
  async commit(...plans: readonly Plan[]): Promise<void> {
    const writes = plans
      .filter(({ encoded }) => encoded.length > 0)
      .map(({ stream, expected, encoded }) => ({
        stream,
        expected: expected < 0 ? ('none' as const) : expected,
        events: encoded.map(({ event }) => event),
      }));
    if (writes.length === 0) return;
    // The cache learns of them by reading. An append of ids that the store has already leaves the events of the first writer, whose time
    // and hash may differ from those planned here: chained to the wrong hash, the next event would break the chain.
    await this.store.append(writes);
  }

  /** All events of a stream, oldest first. */
  async events(stream: string): Promise<Occurred[]> {
    return (await this.store.readStream(stream)).map(decode);
  }
}

/** One plan for the same stream: the first, then the second, which was decided on the first's state. */
export function followedBy<S>(first: Plan<S>, second: Plan<S>): Plan<S> {
  return { ...second, expected: first.expected, encoded: [...first.encoded, ...second.encoded] };
}

/** Decides again on the latest state when another writer came first. */
export async function retrying<T>(attempt: () => Promise<T>, attempts = ATTEMPTS): Promise<T> {
  for (let left = attempts - 1; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision) || left === 0) throw error;
    }
  }
}
