/** A read model of runs that is never behind: computed from the log, as far as it has come, whenever it is asked. */
import type { RecordedEvent } from '#event-store';
import type { Document, Filter, Page, Query, Scalar } from '#read-store';
import type { MemoryEventStore } from './memory-event-store.js';

type Fields = Record<string, Scalar | undefined>;

const OUTCOMES: Record<string, string> = {
  RunStarted: 'started',
  RunSkipped: 'skipped',
  RunMissed: 'missed',
  RunQueued: 'queued',
  RunDropped: 'dropped',
};

export class ModelReads {
  private readonly runs = new Map<string, Fields>();
  private readonly phases = new Map<string, string>();
  private seen = 0;

  constructor(private readonly store: MemoryEventStore) {}

  find({ collection, filter, limit, orderBy, offset }: Query): Page {
    if (collection !== 'runs' || orderBy.length > 0 || offset > 0)
      throw new Error('the model reads runs in the order of their ids');
    this.catchUp();
    const found = [...this.runs.values()]
      .map((run): Fields => ({ ...run, session_phase: this.phases.get(String(run['session_id'])) }))
      .filter(run => !filter || matches(run, filter))
      .sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1));
    return { total: found.length, documents: found.slice(0, limit).map(documentOf) };
  }

  private catchUp(): void {
    for (; this.seen < this.store.log.length; this.seen++) {
      const event = this.store.log[this.seen];
      if (event) this.see(event);
    }
  }

  private see({ stream, type, data }: RecordedEvent): void {
    const id = stream.slice(stream.indexOf('-') + 1);
    const payload = JSON.parse(data) as Fields & { changes?: { phase?: string } };
    if (type === 'SessionStarted') this.phases.set(id, 'Pending');
    if (type === 'SessionStopRequested') this.phases.set(id, 'Stopping');
    if (type === 'SessionStatusReported' && payload.changes?.phase) this.phases.set(id, payload.changes.phase);
    if (type === 'RunFinished') this.runs.set(id, { ...this.runs.get(id), finished_at: payload['finished_at'] });
    const outcome = OUTCOMES[type];
    if (outcome === undefined) return;
    const missed = type === 'RunMissed' ? { missed_through: payload['to'] } : {};
    this.runs.set(id, { ...(payload as Fields), ...missed, id, outcome });
  }
}

const documentOf = (fields: Fields): Document => ({
  id: String(fields['id']),
  position: '',
  json: JSON.stringify(fields),
  state: '{}',
});

function matches(fields: Fields, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every(each => matches(fields, each));
    case 'or':
      return filter.filters.some(each => matches(fields, each));
    case 'not':
      return !matches(fields, filter.filter);
    case 'isNull':
      return fields[filter.field] === undefined;
    case 'in': {
      const value = fields[filter.field];
      return value !== undefined && filter.values.includes(value);
    }
    case 'compare': {
      const value = fields[filter.field];
      return value !== undefined && compares(value, filter.operator, filter.value);
    }
    case 'like':
    case 'ilike':
      throw new Error('the model knows no patterns');
  }
}

function compares(a: Scalar, operator: Extract<Filter, { kind: 'compare' }>['operator'], b: Scalar): boolean {
  switch (operator) {
    case 'eq':
      return a === b;
    case 'ne':
      return a !== b;
    case 'lt':
      return a < b;
    case 'le':
      return a <= b;
    case 'gt':
      return a > b;
    case 'ge':
      return a >= b;
  }
}
