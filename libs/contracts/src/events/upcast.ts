/**
 * Reading old events. A stored event keeps the schema version it was written with; `upcast` lifts its payload, version by version, to
 * what the catalog says today. An upcaster is registered here when a type gets a new version, and the old version's golden fixture stays.
 */
import { EVENTS, type DomainEvent, type EventType } from './catalog.js';

/** From the payload of a version to the payload of the next one. */
export type Upcaster = (payload: Record<string, unknown>) => Record<string, unknown>;

/** By event type: the upcasters from version 1 to 2, from 2 to 3, and so on. */
export type Upcasters = Readonly<Partial<Record<string, readonly Upcaster[]>>>;

const UPCASTERS: Upcasters = {
  // Before there was a queue, nothing waited.
  SessionAdmitted: [payload => ({ ...payload, waiting: [] })],
};

export class UnknownEvent extends Error {
  override readonly name = 'UnknownEvent';
}

/**
 * An event of the catalog from what a store holds.
 * @throws {UnknownEvent} for a type or version that this program does not know: it is older than the log
 */
export function upcast(
  type: string,
  version: number,
  payload: Record<string, unknown>,
  upcasters: Upcasters = UPCASTERS,
  catalog: Readonly<Record<string, { version: number }>> = EVENTS,
): DomainEvent {
  const known = Object.hasOwn(catalog, type) ? catalog[type] : undefined;
  if (!known) throw new UnknownEvent(`no event type ${type} in this program's catalog`);
  if (version > known.version)
    throw new UnknownEvent(`${type} has schema version ${version}, this program reads up to ${known.version}`);
  const steps = Number.isInteger(version) && version >= 1 ? (upcasters[type] ?? []).slice(version - 1) : [];
  if (steps.length !== known.version - version)
    throw new UnknownEvent(`no upcasters lead from ${type} of schema version ${version} to ${known.version}`);
  let lifted = payload;
  for (const step of steps) lifted = step(lifted);
  return { type: type as EventType, payload: lifted } as DomainEvent;
}
