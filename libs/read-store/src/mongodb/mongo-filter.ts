import type { Document as MongoQuery } from 'mongodb';
import type { Comparison, Filter, Scalar } from '../filter.js';
import { likeToPattern } from './mongo-pattern.js';

const OPERATORS: Readonly<Record<Exclude<Comparison, 'ne'>, string>> = {
  eq: '$eq',
  lt: '$lt',
  le: '$lte',
  gt: '$gt',
  ge: '$gte',
};

const EVERYTHING: MongoQuery = {};
const NOTHING: MongoQuery = { _id: { $in: [] } };

/**
 * Where a field's value is in the stored document. A dot in a field's name would be a path: `-`, which no name has, stands for it.
 * Field names are checked against the allow-list before they come here.
 */
export const path = (field: string): string => (field === 'id' ? '_id' : `fields.${key(field)}`);

/** The key of a field in the stored document's `fields`. */
export const key = (field: string): string => field.replaceAll('.', '-');

/** A value as it is stored and compared: there is one zero. */
export const toMongoValue = (value: Scalar): Scalar => (Object.is(value, -0) ? 0 : value);

/**
 * The filter as a query of MongoDB, in which values are operands and nothing else.
 *
 * `not` is carried down to the conditions (De Morgan), and `and` in `and`, `or` in `or` are joined: MongoDB takes neither a query nested
 * more than 100 deep nor BSON nested more than 200 deep, and plans the indexes of a query best in this form. At a condition, `$not` is
 * its exact opposite; an absent field matches.
 */
export function toMongoQuery(filter: Filter, negated = false): MongoQuery {
  switch (filter.kind) {
    case 'and':
    case 'or': {
      const all = (filter.kind === 'and') !== negated;
      return joined(
        all ? '$and' : '$or',
        filter.filters.map(inner => toMongoQuery(inner, negated)),
      );
    }
    case 'not':
      return toMongoQuery(filter.filter, !negated);
    default: {
      const condition = toCondition(filter);
      return { [path(filter.field)]: negated ? { $not: condition } : condition };
    }
  }
}

/** Stored documents leave absent fields out, and no comparison with a value matches an absent field but `$ne`. */
function toCondition(filter: Exclude<Filter, { kind: 'and' | 'or' | 'not' }>): MongoQuery {
  switch (filter.kind) {
    case 'compare': {
      const value = toMongoValue(filter.value);
      return filter.operator === 'ne' ? { $ne: value, $exists: true } : { [OPERATORS[filter.operator]]: value };
    }
    case 'in':
      return { $in: filter.values.map(toMongoValue) };
    case 'like':
    case 'ilike':
      return { $regex: likeToPattern(filter.pattern, filter.kind === 'ilike'), $options: 's' };
    case 'isNull':
      return { $exists: false };
    default:
      return filter satisfies never;
  }
}

function joined(operator: '$and' | '$or', queries: readonly MongoQuery[]): MongoQuery {
  const operands = queries.flatMap(query => (operator in query ? (query[operator] as MongoQuery[]) : [query]));
  const [first] = operands;
  if (first === undefined) return operator === '$and' ? EVERYTHING : NOTHING;
  return operands.length === 1 ? first : { [operator]: operands };
}
