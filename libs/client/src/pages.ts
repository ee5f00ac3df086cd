/** Lists that are longer than a page. */

interface Page<T> {
  readonly total: number;
  readonly items: readonly T[];
}

/** The largest page that the server gives. */
export const PAGE_SIZE = 500;

/**
 * The items of all pages, one after the other. What comes to the front of the list meanwhile pushes others onto the next page: an item is
 * given once all the same.
 * @param read a page, from 1
 */
export async function* itemsOf<T extends { readonly id: string }>(
  read: (page: number, size: number) => Promise<Page<T>>,
  size: number = PAGE_SIZE,
): AsyncGenerator<T> {
  const given = new Set<string>();
  for (let page = 1; ; page++) {
    const { items, total } = await read(page, size);
    for (const item of items) {
      if (given.has(item.id)) continue;
      given.add(item.id);
      yield item;
    }
    if (items.length === 0 || page * size >= total) return;
  }
}

/** Events of a stream, page by page, by their revision. @param read those after a revision, at most so many */
export async function* eventsOf<T extends { readonly revision: number }>(
  read: (after: number | undefined, limit: number) => Promise<{ readonly items: readonly T[] }>,
  size: number = PAGE_SIZE,
): AsyncGenerator<T> {
  for (let after: number | undefined; ;) {
    const { items } = await read(after, size);
    yield* items;
    if (items.length < size) return;
    after = items.at(-1)?.revision;
  }
}
