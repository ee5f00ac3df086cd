/** Checking untrusted values against the schemas, with messages that name the field and say what would be right. */
import type { Static, TObject, TSchema } from 'typebox';
import { Compile, type Validator } from 'typebox/compile';
import { Settings } from 'typebox/system';
import { FORMAT_MEANINGS } from './fields.js';

/** One thing that is wrong with a body. `path` is the field's name, dotted where it is nested. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

export type Checked<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly errors: readonly FieldError[] };

/** TypeBox stops at 8, and a nullable field that is wrong counts as 3: every bad field is to be named. Bodies are bounded by their schemas. */
Settings.Set({ maxErrors: 256 });

const compiled = new WeakMap<TSchema, Validator>();

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema);
  if (known) return known;
  const validator = Compile(schema);
  compiled.set(schema, validator);
  return validator;
}

/** True when the value has the schema's shape. */
export const matches = <S extends TSchema>(schema: S, value: unknown): value is Static<S> => validatorOf(schema).Check(value);

/** The value as the schema's type, or what is wrong with it, one entry a field. */
export function check<S extends TSchema>(schema: S, value: unknown): Checked<Static<S>> {
  const validator = validatorOf(schema);
  if (!validator.Check(value)) return { ok: false, errors: explain(schema, validator.Errors(value)) };
  // Most text is: the paths of what is not are looked for only then.
  const errors = isWellFormed(value) ? [] : illFormed(value, []);
  return errors.length === 0 ? { ok: true, value: value as Static<S> } : { ok: false, errors };
}

/**
 * A create body: unknown fields are ignored and a null counts as absent. An `id` is refused: ids are the server's to give.
 */
export function checkCreate<S extends TObject>(schema: S, body: unknown): Checked<Static<S>> {
  if (!isRecord(body)) return notAnObject;
  if (body['id'] !== undefined && body['id'] !== null) {
    return { ok: false, errors: [{ path: 'id', message: 'id is set by the server and must not be in the body' }] };
  }
  return check(
    schema,
    pick(body, schema, value => value !== null),
  );
}

/**
 * A patch body: unknown fields are ignored, null clears a field.
 * @param schema made by `changesOf`: its nullable fields are unions with null
 */
export function checkChanges<S extends TObject>(schema: S, body: unknown): Checked<Static<S>> {
  if (!isRecord(body)) return notAnObject;
  return check(
    schema,
    pick(body, schema, () => true),
  );
}

/** Whether all text in it is: half of a surrogate pair can be said in JSON, but neither stored as UTF-8 nor hashed (RFC 8785, 3.1). */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.values(value).every(isWellFormed);
}

function illFormed(value: unknown, path: readonly string[]): FieldError[] {
  if (typeof value === 'string') {
    const field = path.join('.');
    return value.isWellFormed()
      ? []
      : [{ path: field, message: `${field} must be well-formed Unicode: it holds half of a surrogate pair` }];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => illFormed(member, [...path, name]));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const notAnObject: Checked<never> = { ok: false, errors: [{ path: '', message: 'the body must be a JSON object' }] };

function pick(body: Record<string, unknown>, schema: TObject, keep: (value: unknown) => boolean): Record<string, unknown> {
  const picked: Record<string, unknown> = {};
  for (const name of Object.keys(schema.properties)) {
    const value = body[name];
    if (value !== undefined && keep(value)) picked[name] = value;
  }
  return picked;
}

type Issue = ReturnType<Validator['Errors']>[number];

function explain(schema: TSchema, issues: readonly Issue[]): FieldError[] {
  const errors = new Map<string, string>();
  for (const issue of issues) {
    if (issue.keyword === 'anyOf') continue;
    if (issue.keyword === 'required') {
      for (const name of issue.params.requiredProperties) {
        const path = [...segments(issue.instancePath), name].join('.');
        if (!errors.has(path)) errors.set(path, `${path} is required`);
      }
      continue;
    }
    const path = segments(issue.instancePath).join('.');
    // Of a union with null the first branch says what the field wants to hold; that null would do as well helps no one.
    if (!errors.has(path)) errors.set(path, `${path || 'the body'} ${describe(issue, schema)}`);
  }
  return [...errors].map(([path, message]) => ({ path, message }));
}

const segments = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map(part => part.replaceAll('~1', '/').replaceAll('~0', '~'));

function describe(issue: Issue, schema: TSchema): string {
  switch (issue.keyword) {
    case 'format':
      return `must be ${FORMAT_MEANINGS[issue.params.format] ?? `of format ${issue.params.format}`}`;
    case 'enum':
      return `must be one of ${issue.params.allowedValues.map(value => JSON.stringify(value)).join(', ')}`;
    case 'const':
      return `must be ${JSON.stringify(issue.params.allowedValue)}`;
    case 'minLength':
      return issue.params.limit === 1 ? 'must not be empty' : `must have at least ${issue.params.limit} characters`;
    case 'maxLength':
      return `must have at most ${issue.params.limit} characters`;
    case 'pattern':
      return `must be ${descriptionOf(schema, issue.instancePath) ?? `text that matches ${String(issue.params.pattern)}`}`;
    case 'type':
      return `must be ${articled(String(issue.params.type))}`;
    default:
      return issue.message;
  }
}

const articled = (type: string): string => (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);

function descriptionOf(schema: TSchema, pointer: string): string | undefined {
  const [name] = segments(pointer);
  if (name === undefined || !('properties' in schema)) return undefined;
  const field = (schema.properties as Record<string, { description?: string; anyOf?: { description?: string }[] }>)[name];
  return field?.description ?? field?.anyOf?.[0]?.description;
}
