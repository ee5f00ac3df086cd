import type { DomainEvent, EventMetadata, FieldError } from '#contracts';

/** Why a command is refused. One closed union, mapped to HTTP in one place. */
export type Rejection =
  | { readonly rejected: 'invalid'; readonly errors: readonly FieldError[] }
  | { readonly rejected: 'not_found'; readonly message: string }
  | { readonly rejected: 'conflict'; readonly message: string }
  | { readonly rejected: 'forbidden'; readonly message: string };

/** What a command leads to: events (none when it changes nothing), or a refusal. */
export type Decision<E extends DomainEvent> = readonly E[] | Rejection;

/** An event that has happened, with what a fold may look at. */
export type Fact<E extends DomainEvent> = E & {
  readonly stream: string;
  readonly metadata: Pick<EventMetadata, 'occurred_at' | 'actor'>;
};

/** An aggregate: pure functions, no clock, no randomness, no I/O. */
export interface Decider<S, C, E extends DomainEvent> {
  readonly initial: S;
  decide(state: S, command: C): Decision<E>;
  evolve(state: S, event: Fact<E>): S;
}

export const isRejection = (decision: Decision<DomainEvent>): decision is Rejection => 'rejected' in decision;

export const conflict = (message: string): Rejection => ({ rejected: 'conflict', message });
export const notFound = (what: string): Rejection => ({ rejected: 'not_found', message: `there is no such ${what}` });
export const invalid = (path: string, message: string): Rejection => ({ rejected: 'invalid', errors: [{ path, message }] });

/** A thing that is created once and may be deleted; what was deleted is still known. */
export type Lifecycle<T> =
  | { readonly status: 'absent' }
  | { readonly status: 'present'; readonly value: T }
  | { readonly status: 'deleted'; readonly value: T };

export const absent = { status: 'absent' } as const;

/** The thing, changed at the time of the event. */
export function changed<T extends { updated_at: string }>(
  state: Lifecycle<T>,
  event: Fact<DomainEvent>,
  change: (value: T) => Partial<T>,
): Lifecycle<T> {
  if (state.status !== 'present') return state;
  return {
    status: 'present',
    value: withoutNulls({ ...state.value, ...change(state.value), updated_at: event.metadata.occurred_at }),
  };
}

/** The thing, deleted at the time of the event. */
export const deleted = <T extends { updated_at: string }>(state: Lifecycle<T>, event: Fact<DomainEvent>): Lifecycle<T> =>
  state.status === 'present' ? { status: 'deleted', value: { ...state.value, updated_at: event.metadata.occurred_at } } : state;

/** Null and undefined both mean that a field has no value: it is left out. */
export function withoutNulls<T extends object>(value: T): T {
  const members = value as Record<string, unknown>;
  const kept: Record<string, unknown> = {};
  // Keys, not entries: every command comes by here several times.
  for (const field of Object.keys(members)) {
    const member = members[field];
    if (member !== null && member !== undefined) kept[field] = member;
  }
  return kept as T;
}

/** Those changes that would really change the value; null counts as absent. */
export function effectiveChanges<C extends object>(value: object, changes: C): C | undefined {
  const current = value as Record<string, unknown>;
  const effective = Object.entries(changes).filter(([field, next]) => next !== undefined && next !== (current[field] ?? null));
  return effective.length === 0 ? undefined : (Object.fromEntries(effective) as C);
}
