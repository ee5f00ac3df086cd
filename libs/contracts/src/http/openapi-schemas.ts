/** The schemas of the OpenAPI document: each that has a name stands once under components and is referred to everywhere else. */
import type { TSchema } from 'typebox';
import * as fields from '../fields.js';
import * as resources from '../resources/index.js';
import * as answers from './answers.js';
import { ErrorEnvelope } from './errors.js';

/** A JSON object of the document. */
export type Json = Readonly<Record<string, unknown>>;

/** A pointer to a named part of the document. */
export const reference = (kind: 'schemas' | 'parameters' | 'headers' | 'responses', name: string): Json => ({
  $ref: `#/components/${kind}/${name}`,
});

/** Name of the answer to errors of a status. */
export const errorStatus = (status: number | 'default'): string => (status === 'default' ? 'Error' : `Error${status}`);

const isSchema = (value: unknown): value is TSchema => typeof value === 'object' && value !== null && '~kind' in value;

/** Everything that is exported as a schema: building blocks, resources, answers. */
const NAMED: readonly (readonly [name: string, schema: TSchema])[] = Object.entries({
  ...fields,
  ...resources,
  ...answers,
  ErrorEnvelope,
}).flatMap(([name, value]) => (isSchema(value) ? [[name, value] as const] : []));

/** By its JSON text, because `Type.Optional` makes a new object of the same text. */
const nameByText: ReadonlyMap<string, string> = new Map(NAMED.map(([name, schema]) => [JSON.stringify(schema), name]));

/** Named schemas by name. */
export const sharedSchemas = (): Json =>
  Object.fromEntries(NAMED.map(([name, schema]) => [name, withReferences(JSON.parse(JSON.stringify(schema)))]));

/** A schema as JSON Schema 2020-12, with references in place of everything that has a name. */
export function toJsonSchema(schema: TSchema): Json {
  return convert(JSON.parse(JSON.stringify(schema))) as Json;
}

function convert(node: unknown): unknown {
  const name = nameByText.get(JSON.stringify(node));
  return name === undefined ? withReferences(node) : reference('schemas', name);
}

function withReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(convert);
  if (typeof node !== 'object' || node === null) return node;
  return explained(Object.fromEntries(Object.entries(node).map(([key, value]) => [key, convert(value)])));
}

/** Our own formats in words; an instant is what JSON Schema calls date-time. */
function explained(node: Record<string, unknown>): Record<string, unknown> {
  const meaning = typeof node['format'] === 'string' ? fields.FORMAT_MEANINGS[node['format']] : undefined;
  if (meaning === undefined) return node;
  return { description: meaning, ...node, format: node['format'] === 'instant' ? 'date-time' : node['format'] };
}
