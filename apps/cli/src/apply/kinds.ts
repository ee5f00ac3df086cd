/** The kinds of things that can be applied. What fields they have, and of what form, is known from the schemas of the contract. */
import type { TProperties, TSchema } from 'typebox';
import {
  AgentCreate,
  agentFields,
  ProjectCreate,
  projectFields,
  ScheduledSessionCreate,
  scheduledSessionFields,
  type FieldTable,
} from '#contracts';

/** In the order in which they need each other. */
export const KINDS = ['Project', 'Agent', 'ScheduledSession'] as const;
export type Kind = (typeof KINDS)[number];

/** How a value of a field is compared. */
export type Form = 'plain' | 'json' | 'instant' | 'zone';

interface KindRules {
  readonly noun: string;
  readonly body: TSchema;
  /** Fields that a document may give, with their forms. */
  readonly fields: ReadonlyMap<string, Form>;
  /** Fields that the server gives: a document may have them, and they are not looked at. */
  readonly ignored: ReadonlySet<string>;
}

const COMMON = ['id', 'kind', 'href', 'created_at', 'updated_at'];

function rules(noun: string, body: TSchema, { required, defaulted, nullable, readOnly }: FieldTable): KindRules {
  const writable: TProperties = { ...required, ...defaulted, ...nullable };
  return {
    noun,
    body,
    fields: new Map(Object.entries(writable).map(([name, schema]) => [name, formOf(name, schema)])),
    ignored: new Set([...COMMON, ...Object.keys(readOnly)]),
  };
}

function formOf(name: string, schema: TSchema): Form {
  const format = 'format' in schema ? String(schema.format) : '';
  if (format.startsWith('json-')) return 'json';
  if (format === 'instant') return 'instant';
  return name === 'timezone' ? 'zone' : 'plain';
}

export const RULES: Readonly<Record<Kind, KindRules>> = {
  Project: rules('project', ProjectCreate, projectFields),
  Agent: rules('agent', AgentCreate, agentFields),
  ScheduledSession: rules('scheduled session', ScheduledSessionCreate, scheduledSessionFields),
};

/** Whether two values of a field mean the same. Absent and null are one. */
export function isSame(form: Form, one: unknown, other: unknown): boolean {
  if (one === undefined || one === null) return other === undefined || other === null;
  if (other === undefined || other === null) return false;
  switch (form) {
    case 'plain':
      return one === other;
    case 'json':
      return canonical(one) === canonical(other);
    case 'instant':
      return Date.parse(textOf(one)) === Date.parse(textOf(other));
    case 'zone':
      return textOf(one).toLowerCase() === textOf(other).toLowerCase();
    default:
      return form satisfies never;
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** A JSON text with its members in order; what is no JSON stays as it is. */
function canonical(value: unknown): string {
  try {
    return JSON.stringify(sorted(JSON.parse(textOf(value))));
  } catch {
    return textOf(value);
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, member]) => [name, sorted(member)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : Number(a > b))));
}
