/** Reading what a search finds while what it finds is being changed. */
import { allOf, type Comparison, type Document, type Filter, type Scalar } from '#read-store';
import type { CaughtUpReads } from '../support/caught-up-reads.js';

const PAGE = 500;

/** The field compares so with a value. */
export const is = (field: string, operator: Comparison, value: Scalar): Filter => ({ kind: 'compare', field, operator, value });

/** Everything that matches, in the order of the ids: a page begins behind the last id, so what has left the search meanwhile shifts nothing. */
export async function* pagesById(
  reads: CaughtUpReads,
  collection: string,
  filter: Filter,
): AsyncGenerator<readonly Document[], void, undefined> {
  let last: string | undefined;
  for (;;) {
    const rest = last === undefined ? filter : allOf(filter, is('id', 'gt', last));
    const { documents } = await reads.find({ collection, filter: rest, orderBy: [], offset: 0, limit: PAGE });
    if (documents.length > 0) yield documents;
    if (documents.length < PAGE) return;
    last = documents.at(-1)?.id;
  }
}
