/** What a filter and an order mean, in the plainest words: the model that adapters are compared with. */
import type { Comparison, Filter, Scalar } from '../src/filter.js';
import type { Query } from '../src/read-store.js';
import type { Body } from './sample.js';

/** Whether the filter holds for a body. */
export function matches(body: Body, filter: Filter): boolean {
  switch (filter.kind) {
    case 'and':
      return filter.filters.every(inner => matches(body, inner));
    case 'or':
      return filter.filters.some(inner => matches(body, inner));
    case 'not':
      return !matches(body, filter.filter);
    case 'isNull':
      return valueOf(body, filter.field) === undefined;
    case 'compare': {
      const value = valueOf(body, filter.field);
      return value !== undefined && holds(filter.operator, compareValues(value, wellFormed(filter.value)));
    }
    case 'in':
      return filter.values.map(wellFormed).includes(valueOf(body, filter.field) ?? Number.NaN);
    case 'like':
    case 'ilike': {
      const value = valueOf(body, filter.field);
      if (typeof value !== 'string') return false;
      return isLike(Array.from(value), Array.from(filter.pattern.toWellFormed()), filter.kind === 'ilike');
    }
    default:
      return filter satisfies never;
  }
}

/** The bodies that a query's filter holds for, in the query's order. */
export function select<B extends Body & { readonly id: string }>(
  bodies: readonly B[],
  { filter, orderBy }: Pick<Query, 'filter' | 'orderBy'>,
): B[] {
  const last = { field: 'id', direction: orderBy.at(-1)?.direction ?? 'asc' } as const;
  const found = bodies.filter(body => filter === undefined || matches(body, filter));
  return found.sort((a, b) => {
    for (const { field, direction } of [...orderBy, last]) {
      const order = compareValues(valueOf(a, field), valueOf(b, field));
      if (order !== 0) return direction === 'asc' ? order : -order;
    }
    return 0;
  });
}

function valueOf(body: Body, field: string): Scalar | undefined {
  let value: unknown = body;
  for (const key of field.split('.')) value = (value as Body | undefined | null)?.[key];
  return wellFormed((value ?? undefined) as Scalar | undefined);
}

/** Engines hold texts as UTF-8, in which a lone surrogate is U+FFFD. */
const wellFormed = <T extends Scalar | undefined>(value: T): T =>
  typeof value === 'string' ? (value.toWellFormed() as T) : value;

/** Absent first; texts by code point, which is the order of their UTF-8 and not of JavaScript's UTF-16. */
function compareValues(a: Scalar | undefined, b: Scalar | undefined): number {
  if (a === undefined || b === undefined)
    return Number(b === undefined) - Number(a === undefined) === 0 ? 0 : a === undefined ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

function holds(operator: Comparison, order: number): boolean {
  switch (operator) {
    case 'eq':
      return order === 0;
    case 'ne':
      return order !== 0;
    case 'lt':
      return order < 0;
    case 'le':
      return order <= 0;
    case 'gt':
      return order > 0;
    case 'ge':
      return order >= 0;
    default:
      return operator satisfies never;
  }
}

function isLike(text: readonly string[], pattern: readonly string[], ignoreCase: boolean): boolean {
  const [wanted, ...rest] = pattern;
  if (wanted === undefined) return text.length === 0;
  if (wanted === '%') return isLike(text, rest, ignoreCase) || (text.length > 0 && isLike(text.slice(1), pattern, ignoreCase));
  const [found, ...others] = text;
  return found !== undefined && (wanted === '_' || isSame(found, wanted, ignoreCase)) && isLike(others, rest, ignoreCase);
}

/** One character against one: the flags `iu` are Unicode simple case folding. */
function isSame(a: string, b: string, ignoreCase: boolean): boolean {
  const point = (b.codePointAt(0) ?? 0).toString(16);
  return a === b || (ignoreCase && new RegExp(`^\\u{${point}}$`, 'iu').test(a));
}
