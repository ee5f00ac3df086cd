import type { SQLInputValue } from 'node:sqlite';
import type { Comparison, Filter, Scalar } from '../filter.js';

const OPERATORS: Readonly<Record<Comparison, string>> = { eq: '=', ne: '<>', lt: '<', le: '<=', gt: '>', ge: '>=' };

/** The column of a field, quoted. Field names are checked against the allow-list before they come here. */
export const column = (field: string): string => (field === 'id' ? 'id' : `"f_${field}"`);

/** A value as it is bound and stored: SQLite has no booleans. */
export const toSqlValue = (value: Scalar): SQLInputValue => (typeof value === 'boolean' ? Number(value) : value);

/**
 * The filter as an SQL condition; its values are appended to `values`, in the order of the `?`.
 * A comparison with NULL is NULL in SQL, which `and`, `or` and WHERE treat like false. `not` alone would not, hence IS NOT TRUE.
 */
export function toSqlCondition(filter: Filter, values: SQLInputValue[]): string {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      if (filter.filters.length === 0) return filter.kind === 'and' ? 'TRUE' : 'FALSE';
      return `(${filter.filters.map(inner => toSqlCondition(inner, values)).join(filter.kind === 'and' ? ' AND ' : ' OR ')})`;
    }
    case 'not':
      return `((${toSqlCondition(filter.filter, values)}) IS NOT TRUE)`;
    case 'compare':
      values.push(toSqlValue(filter.value));
      return `${column(filter.field)} ${OPERATORS[filter.operator]} ?`;
    case 'in':
      values.push(...filter.values.map(toSqlValue));
      return `${column(filter.field)} IN (${filter.values.map(() => '?').join(', ')})`;
    case 'like':
    case 'ilike':
      values.push(filter.pattern);
      return `matches_${filter.kind}(${column(filter.field)}, ?)`;
    case 'isNull':
      return `${column(filter.field)} IS NULL`;
    default:
      return filter satisfies never;
  }
}
