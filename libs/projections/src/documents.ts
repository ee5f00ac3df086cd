/** Documents as projections see them. */
import type { Agent, Occurred, Project, RoleBinding, Run, ScheduledSession, Session } from '#contracts';
import { absent, type Decider, type Fact, type Lifecycle } from '#domain';
import type { DomainEvent } from '#contracts';
import type { Position } from '#read-store';

/** A document: what clients get, and what its projection remembers beside it. No body: the thing was deleted. */
export interface Projected<B extends object, S extends object> {
  readonly body: B | undefined;
  readonly state: S;
}

/** What every projection remembers. */
export interface OwnState {
  /** Revision of the newest event of the thing's own stream: its ETag. */
  readonly revision: number;
  /** Kept beside the body, so that a deleted thing is still known to belong there. */
  readonly project_id?: string | undefined;
}

export interface SessionState extends OwnState {
  readonly agent_id?: string | undefined;
  /** The run that this session was made for. */
  readonly run_id?: string | undefined;
}

/** What the runs of a schedule have made of it so far. Times are RFC 3339. */
export interface ScheduleProgress {
  /** Runs that started a session, whatever their trigger. */
  readonly runs_count: number;
  /** Those of them that a tick triggered: what `max_runs` limits. */
  readonly scheduled_runs: number;
  /** When the newest started run was decided. */
  readonly last_run_at?: string | undefined;
  /** The newest tick that has an outcome. */
  readonly decided_through?: string | undefined;
}

export interface ScheduledSessionState extends OwnState, ScheduleProgress {
  readonly ticks_after: string;
}

/** An event that could not be projected, or that waits behind one in its stream. */
export interface ParkedEvent {
  /** The event's position. */
  readonly id: string;
  readonly kind: 'ParkedEvent';
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly event_id: string;
  readonly error: string;
  /** How often it was tried: 0 when it only waits behind another. */
  readonly attempts: number;
  /** When it happened, where its metadata can be read. */
  readonly occurred_at?: string | undefined;
}

export type ProjectDocument = Projected<Project, OwnState>;
export type AgentDocument = Projected<Agent, OwnState>;
export type SessionDocument = Projected<Session, SessionState>;
export type ScheduledSessionDocument = Projected<ScheduledSession, ScheduledSessionState>;
export type RunDocument = Projected<Run, OwnState>;
export type RoleBindingDocument = Projected<RoleBinding, OwnState>;

/** By collection: the documents that events are folded into. */
export interface DocumentKinds {
  readonly projects: ProjectDocument;
  readonly agents: AgentDocument;
  readonly sessions: SessionDocument;
  readonly scheduled_sessions: ScheduledSessionDocument;
  readonly runs: RunDocument;
  readonly role_bindings: RoleBindingDocument;
}

export type DocumentKind = keyof DocumentKinds;

/** Which document: a collection and an id in it. */
export interface Target {
  readonly collection: DocumentKind;
  readonly id: string;
}

/** True when a position lies behind another; everything lies behind the start of the log. */
export const isAfter = (position: Position, other: Position | undefined): boolean => other === undefined || position > other;

/**
 * The thing after one more event of its own stream, by the domain's own fold; undefined when it is deleted.
 * @throws {Error} when an event before this one was left out
 */
export function evolved<T, C, E extends DomainEvent>(
  decider: Decider<Lifecycle<T>, C, E>,
  before: { readonly value: T | undefined; readonly revision: number | undefined },
  event: Occurred & Fact<E>,
): T | undefined {
  const due = (before.revision ?? -1) + 1;
  if (event.revision !== due) throw new Error(`revision ${event.revision} of ${event.stream} came where ${due} was due`);
  const state = decider.evolve(before.value === undefined ? absent : { status: 'present', value: before.value }, event);
  return state.status === 'present' ? state.value : undefined;
}
