/** The read models: what each kind of document may be searched and ordered by, and what has to be fast. */
import { Agent, Project, RoleBinding, Run, ScheduledSession, Session, Timestamp } from '#contracts';
import type { Collection, FieldType } from '#read-store';

/** Never searchable: what is constant, what is derived from the id, what is secret. */
const HIDDEN: ReadonlySet<string> = new Set(['kind', 'href', 'environment_variables']);

export const projects: Collection = {
  name: 'projects',
  fields: fieldsOf(Project),
  indexes: [['created_at', 'id']],
};

export const agents: Collection = {
  name: 'agents',
  fields: fieldsOf(Agent),
  indexes: [['project_id', 'created_at']],
};

export const scheduledSessions: Collection = {
  name: 'scheduled_sessions',
  fields: fieldsOf(ScheduledSession),
  indexes: [['project_id', 'created_at'], ['agent_id'], ['project_id', 'enabled'], ['next_run_at']],
};

export const sessions: Collection = {
  name: 'sessions',
  fields: fieldsOf(Session),
  indexes: [
    ['project_id', 'created_at'],
    ['agent_id', 'created_at'],
    ['created_at'],
    ['scheduled_session_id'],
    ['project_id', 'phase'],
    ['phase'],
  ],
};

export const runs: Collection = {
  name: 'runs',
  fields: fieldsOf(Run),
  indexes: [
    ['scheduled_session_id', 'scheduled_for'],
    ['outcome', 'finished_at', 'session_phase'],
  ],
};

export const roleBindings: Collection = {
  name: 'role_bindings',
  fields: fieldsOf(RoleBinding),
  indexes: [['project_id'], ['user_id']],
};

/** Events that could not be projected, and those that wait behind one. */
export const parkedEvents: Collection = {
  name: 'parked_events',
  fields: { id: 'text', stream: 'text', type: 'text', revision: 'number', attempts: 'number', occurred_at: 'time' },
  indexes: [['stream']],
};

/** One hidden document: the position up to which every event is in the set's documents. */
export const progress: Collection = { name: 'projection_progress', fields: {}, indexes: [] };

/** What a read store has to hold. */
export const COLLECTIONS: readonly Collection[] = [
  projects,
  agents,
  scheduledSessions,
  sessions,
  runs,
  roleBindings,
  parkedEvents,
  progress,
];

/** As much of a JSON schema as tells a field's type. */
interface FieldSchema {
  readonly type?: unknown;
  readonly pattern?: unknown;
  readonly format?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly FieldSchema[];
}

function fieldsOf(resource: { readonly properties: Readonly<Record<string, FieldSchema>> }): Record<string, FieldType> {
  const searchable = Object.entries(resource.properties).filter(([name]) => !HIDDEN.has(name));
  return Object.fromEntries(searchable.map(([name, schema]) => [name, fieldTypeOf(name, schema)]));
}

function fieldTypeOf(name: string, schema: FieldSchema): FieldType {
  const [first] = schema.anyOf ?? [];
  if (first) return fieldTypeOf(name, first);
  switch (schema.type ?? typeof schema.enum?.[0]) {
    case 'string':
      return isTime(schema) ? 'time' : 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    default:
      throw new TypeError(`field ${name}: only strings, numbers and booleans can be searched`);
  }
}

function isTime({ pattern, format }: FieldSchema): boolean {
  return format === 'instant' || pattern === (Timestamp as FieldSchema).pattern;
}
