/** Building blocks of the schemas: what a field may hold, said once. */
import Type, { type TProperties, type TSchema } from 'typebox';
import Format from 'typebox/format';

const isJson = (text: string, accept: (value: unknown) => boolean): boolean => {
  try {
    return accept(JSON.parse(text));
  } catch {
    return false;
  }
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const RFC_3339 =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/i;

/** True for an RFC 3339 instant that exists in the calendar. */
export function isInstant(text: string): boolean {
  if (!RFC_3339.test(text)) return false;
  const [year, month, day] = text.slice(0, 10).split('-').map(Number) as [number, number, number];
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

Format.Set('json-object', text => isJson(text, isObject));
Format.Set('json-object-of-strings', text =>
  isJson(text, value => isObject(value) && Object.values(value).every(member => typeof member === 'string')),
);
Format.Set('json-array', text => isJson(text, Array.isArray));
Format.Set('instant', isInstant);

/** What each format of ours means, for an error message and for the OpenAPI document. */
export const FORMAT_MEANINGS: Readonly<Record<string, string>> = {
  'json-object': 'a JSON object as text, for example {"team":"blue"}',
  'json-object-of-strings': 'a JSON object of strings as text, for example {"LOG_LEVEL":"debug"}',
  'json-array': 'a JSON array as text',
  instant: 'an RFC 3339 instant, for example 2026-01-31T09:00:00Z',
};

const MAX_TEXT = 262_144;

export const Name = Type.String({
  minLength: 1,
  maxLength: 255,
  pattern: '\\S',
  description: 'a name of 1 to 255 characters that are not all blanks',
});
export const Text = Type.String({ maxLength: MAX_TEXT });
export const ShortText = Type.String({ maxLength: 2048 });
export const JsonObjectText = Type.String({ maxLength: MAX_TEXT, format: 'json-object' });
/** Secrets: the values are sealed before they become an event. */
export const SecretsText = Type.String({ maxLength: MAX_TEXT, format: 'json-object-of-strings' });
export const JsonArrayText = Type.String({ maxLength: MAX_TEXT, format: 'json-array' });
export const Instant = Type.String({ format: 'instant', maxLength: 64 });
/** A time that the server wrote: RFC 3339, UTC, `Z`, exactly 3 fractional digits. */
export const Timestamp = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });
export const Seconds = Type.Integer({ minimum: 0, maximum: 31_536_000, description: 'Seconds.' });
/** 27 characters of base 62, sortable by the second it was made in. */
export const Ksuid = Type.String({ pattern: '^[0-9A-Za-z]{27}$' });
/** DNS-1123 label: a Project's id. */
export const ProjectName = Type.String({
  pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$',
  minLength: 1,
  maxLength: 63,
  description: 'a DNS-1123 label: lower case letters, digits and hyphens, a letter or digit at both ends, at most 63 characters',
});

/** The fields of one kind of resource, by who may write them and whether they may be absent. */
export interface FieldTable {
  /** A client must give them; they can't be cleared. */
  readonly required: TProperties;
  /** A client may give them; they always have a value. */
  readonly defaulted: TProperties;
  /** A client may give them; absent when null. */
  readonly nullable: TProperties;
  /** Set by the server; ignored in a body. */
  readonly readOnly: TProperties;
}

type AsOptional<P extends TProperties> = { [K in keyof P]: ReturnType<typeof Type.Optional<P[K]>> };

const optional = <P extends TProperties>(properties: P): AsOptional<P> =>
  Object.fromEntries(Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)])) as AsOptional<P>;

/** `{schema | null}` for a field that a PATCH may clear. */
const orNull = <P extends TProperties>(properties: P) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, Type.Optional(Type.Union([schema, Type.Null()]))]),
  ) as { [K in keyof P]: ReturnType<typeof Type.Optional<ReturnType<typeof Type.Union<[P[K], ReturnType<typeof Type.Null>]>>>> };

/** What a POST takes. */
export const createBodyOf = <F extends FieldTable>(fields: F) =>
  Type.Object({
    ...(fields.required as F['required']),
    ...optional(fields.defaulted as F['defaulted']),
    ...optional(fields.nullable as F['nullable']),
  });

/** What a PATCH takes, and what an `…Updated` event carries: any writable field; null clears a nullable one. */
export const changesOf = <F extends FieldTable>(fields: F) =>
  Type.Object({
    ...optional(fields.required as F['required']),
    ...optional(fields.defaulted as F['defaulted']),
    ...orNull(fields.nullable as F['nullable']),
  });

/** What a `…Created` event carries of the writable fields: defaults are filled in, nulls left out. */
export const createdOf = <F extends FieldTable>(fields: F) => ({
  ...(fields.required as F['required']),
  ...(fields.defaulted as F['defaulted']),
  ...optional(fields.nullable as F['nullable']),
});

/** What every resource has. */
export const Common = {
  id: Type.String(),
  kind: Type.String(),
  href: Type.String(),
  created_at: Timestamp,
  updated_at: Timestamp,
};

/** What a GET answers. */
export const resourceOf = <F extends FieldTable>(fields: F) =>
  Type.Object({ ...Common, ...createdOf(fields), ...(fields.readOnly as F['readOnly']) });

/** `{kind, page, size, total, items}` around a resource. */
export const listOf = (kind: string, item: TSchema) =>
  Type.Object({
    kind: Type.Literal(kind),
    page: Type.Integer({ minimum: 1 }),
    size: Type.Integer({ minimum: 0 }),
    total: Type.Integer({ minimum: 0 }),
    items: Type.Array(item),
  });
