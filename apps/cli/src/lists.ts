/** What list commands share. */
import type { ListQuery } from '#client';

export interface ListOptions {
  readonly search?: string;
  readonly orderBy?: string;
  readonly limit?: number;
}

type Wanted = Pick<ListQuery, 'search' | 'orderBy'>;

export const queryOf = ({ search, orderBy }: ListOptions): Wanted => ({
  ...(search === undefined ? {} : { search }),
  ...(orderBy === undefined ? {} : { orderBy }),
});

/** No more than so many of them. */
export async function* atMost<T>(limit: number | undefined, items: AsyncIterable<T>): AsyncGenerator<T> {
  let given = 0;
  if (limit === 0) return;
  for await (const item of items) {
    yield item;
    given += 1;
    if (given === limit) return;
  }
}
