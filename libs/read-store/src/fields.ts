/** What every adapter checks in the same way: collections, the values of fields, queries. All errors here are mistakes of code, not of users. */
import type { Filter, Scalar } from './filter.js';
import type { Collection, FieldType, Query } from './read-store.js';

type Body = Readonly<Record<string, unknown>>;

/** Takes a field's value out of a body: undefined when it is absent or null. */
export type FieldReader = (body: Body) => Scalar | undefined;

const COLLECTION_NAME = /^[a-z][a-z0-9_]*$/;
const FIELD_NAME = /^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)*$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const EXPECTED: Readonly<Record<FieldType, string>> = {
  text: 'a string',
  time: 'an RFC 3339 time in UTC with 3 fractional digits',
  number: 'a finite number',
  boolean: 'a boolean',
};

/** Rejects names that an engine could misread, and indexes over fields that are not declared. */
export function checkCollection({ name, fields, indexes }: Collection): void {
  if (!COLLECTION_NAME.test(name)) throw new Error(`collection '${name}': a name is lower case letters, digits and _`);
  for (const field of Object.keys(fields)) {
    if (!FIELD_NAME.test(field))
      throw new Error(`field '${field}' of ${name}: a name is lower case letters, digits and _, with dots between`);
  }
  for (const field of indexes.flat()) requireField(name, fields, field);
}

/** The reader of a field. It throws when the body holds a value of another type there: the field's index would be wrong. */
export function fieldReader(field: string, type: FieldType): FieldReader {
  const path = field.split('.');
  return body => {
    let value: unknown = body;
    for (const key of path) value = isObject(value) ? value[key] : undefined;
    if (value === undefined || value === null) return undefined;
    requireType(field, type, value);
    return value;
  };
}

/** Rejects fields outside the collection's allow-list, values of another type than their field's, and a page that is none. */
export function checkQuery(collection: Collection, { filter, orderBy, offset, limit }: Query): void {
  if (filter !== undefined) checkFilter(collection, filter);
  for (const { field } of orderBy) requireField(collection.name, collection.fields, field);
  if (!isCount(offset) || !isCount(limit))
    throw new RangeError(`offset ${offset}, limit ${limit}: both are whole numbers from 0`);
}

function checkFilter(collection: Collection, filter: Filter): void {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.filters.forEach(inner => checkFilter(collection, inner));
    case 'not':
      return checkFilter(collection, filter.filter);
    case 'isNull':
      requireField(collection.name, collection.fields, filter.field);
      return;
    case 'compare':
      return checkValues(collection, filter.field, [filter.value]);
    case 'in':
      return checkValues(collection, filter.field, filter.values);
    case 'like':
    case 'ilike':
      if (requireField(collection.name, collection.fields, filter.field) === 'text') return;
      throw new TypeError(`${filter.kind} on field '${filter.field}', which is no text`);
    default:
      filter satisfies never;
  }
}

function checkValues(collection: Collection, field: string, values: readonly Scalar[]): void {
  const type = requireField(collection.name, collection.fields, field);
  for (const value of values) requireType(field, type, value);
}

function requireField(collection: string, fields: Collection['fields'], field: string): FieldType {
  const type = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (type === undefined) throw new Error(`collection ${collection} has no field '${field}'`);
  return type;
}

function requireType(field: string, type: FieldType, value: unknown): asserts value is Scalar {
  if (!isOfType(type, value))
    throw new TypeError(`field '${field}' is ${EXPECTED[type]}, not ${JSON.stringify(value).slice(0, 60)}`);
}

function isOfType(type: FieldType, value: unknown): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string';
    case 'time':
      return typeof value === 'string' && TIME.test(value);
    case 'number':
      return Number.isFinite(value);
    case 'boolean':
      return typeof value === 'boolean';
    default:
      return type satisfies never;
  }
}

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null;

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
