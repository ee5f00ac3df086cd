/** Which events of a project an audit asks for. */
import { EVENTS, type EventMetadata, type EventType } from '#contracts';
import type { Position, RecordedEvent } from '#event-store';
import { badRequest } from '#service';
import { instantOf, textOf, wholeNumberOf, type Parameters } from '../support/parameters.js';

export interface AuditFilter {
  /** Only events after this position. That it is one of this log, {@link ProjectLog} sees. */
  readonly after: Position | undefined;
  /** Milliseconds since 1970, both included. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  readonly actor: string | undefined;
  readonly type: EventType | undefined;
  readonly limit: number;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 1000;

/** @throws {Problem} 400 that names the parameter */
export function auditFilter(parameters: Parameters): AuditFilter {
  const [from, to] = [instantOf(parameters, 'from'), instantOf(parameters, 'to')];
  if (from !== undefined && to !== undefined && from > to) throw badRequest('from must not be after to');
  return {
    after: textOf(parameters, 'after'),
    from,
    to,
    actor: textOf(parameters, 'actor'),
    type: typeOf(parameters),
    limit: wholeNumberOf(parameters, 'limit', { from: 1, to: MAX_LIMIT }) ?? DEFAULT_LIMIT,
  };
}

function typeOf(parameters: Parameters): EventType | undefined {
  const type = textOf(parameters, 'type');
  if (type === undefined || Object.hasOwn(EVENTS, type)) return type as EventType | undefined;
  throw badRequest(`type must be that of an event, for example SessionStarted, not ${JSON.stringify(type)}`);
}

/** Categories of the streams that have such events; undefined: any. */
export const categoriesOf = ({ type }: AuditFilter): readonly string[] | undefined =>
  type === undefined ? undefined : [EVENTS[type].category];

/** Whether an event of the project is asked for. */
export function isAskedFor(event: RecordedEvent, { from, to, actor, type }: AuditFilter): boolean {
  if (type !== undefined && event.type !== type) return false;
  if (from === undefined && to === undefined && actor === undefined) return true;
  const { occurred_at, actor: by } = JSON.parse(event.metadata) as EventMetadata;
  const at = Date.parse(occurred_at);
  return (actor === undefined || by.id === actor) && (from === undefined || at >= from) && (to === undefined || at <= to);
}
