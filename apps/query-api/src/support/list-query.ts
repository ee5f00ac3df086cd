/** What every list takes: page, size, orderBy, fields, search, consistency. */
import type { TProperties } from 'typebox';
import { parseSearch, type Collection, type Filter, type Query } from '#read-store';
import { badRequest } from '#service';
import { textOf, wholeNumberOf, type Parameters } from './parameters.js';

type Order = Query['orderBy'];

/** One kind of list: where its items are, what they consist of, and how they are ordered unless the caller says. */
export interface ListKind {
  /** `ProjectList` and so on. */
  readonly kind: string;
  readonly collection: Collection;
  /** What `fields` may name. */
  readonly itemFields: readonly string[];
  readonly order: Order;
}

const OLDEST_FIRST: Order = [{ field: 'created_at', direction: 'asc' }];

export const listKind = (
  kind: string,
  collection: Collection,
  { properties }: { readonly properties: TProperties },
  order = OLDEST_FIRST,
): ListKind => ({ kind, collection, itemFields: Object.keys(properties), order });

export interface ListQuery {
  /** From 1. */
  readonly page: number;
  /** Items on a page, at most {@link MAX_SIZE}. */
  readonly size: number;
  readonly orderBy: Order;
  /** Members that an item is reduced to; undefined for all. */
  readonly fields?: ReadonlySet<string> | undefined;
  readonly search?: Filter | undefined;
  /** The caller does not want to wait for the newest state. */
  readonly eventual: boolean;
}

const DEFAULT_SIZE = 100;
const MAX_SIZE = 500;
/** Engines sort by so many fields, and no one by more. */
const MAX_ORDER = 16;

/** @throws {Problem} 400 that names the parameter @throws {SearchSyntaxError} */
export function parseListQuery(parameters: Parameters, list: ListKind): ListQuery {
  const search = textOf(parameters, 'search');
  return {
    page: wholeNumberOf(parameters, 'page', { from: 1 }) ?? 1,
    size: Math.min(wholeNumberOf(parameters, 'size', { from: 0 }) ?? DEFAULT_SIZE, MAX_SIZE),
    orderBy: orderOf(textOf(parameters, 'orderBy'), list),
    fields: fieldsOf(textOf(parameters, 'fields'), list),
    search: search === undefined ? undefined : parseSearch(search, list.collection.fields),
    eventual: isEventual(textOf(parameters, 'consistency')),
  };
}

const TERM = /^(\S+)(?:\s+(asc|desc))?$/i;

function orderOf(text: string | undefined, { collection, order }: ListKind): Order {
  if (text === undefined) return order;
  const seen = new Set<string>();
  const terms = membersOf(text);
  if (terms.length > MAX_ORDER) throw badRequest(`orderBy takes at most ${MAX_ORDER} fields`);
  return terms.map(term => {
    const [, field = '', direction = 'asc'] = TERM.exec(term) ?? [];
    if (!Object.hasOwn(collection.fields, field)) {
      const allowed = Object.keys(collection.fields).join(', ');
      throw badRequest(
        `orderBy takes "field [asc|desc]", comma separated, not ${JSON.stringify(term)}; the fields are ${allowed}`,
      );
    }
    if (seen.has(field)) throw badRequest(`orderBy names ${field} twice`);
    seen.add(field);
    return { field, direction: direction.toLowerCase() === 'desc' ? 'desc' : 'asc' };
  });
}

function fieldsOf(text: string | undefined, { itemFields }: ListKind): ReadonlySet<string> | undefined {
  if (text === undefined) return undefined;
  const names = membersOf(text);
  const unknown = names.find(name => !itemFields.includes(name));
  if (unknown !== undefined) throw badRequest(`fields names ${JSON.stringify(unknown)}; the fields are ${itemFields.join(', ')}`);
  return new Set(['id', ...names]);
}

const membersOf = (text: string): string[] => text.split(',').map(member => member.trim());

function isEventual(text: string | undefined): boolean {
  if (text === undefined || text === 'eventual') return text !== undefined;
  throw badRequest(`consistency can be eventual or left out, not ${JSON.stringify(text)}`);
}
