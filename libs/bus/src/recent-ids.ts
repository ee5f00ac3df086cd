/** The ids of the last `windowMs` milliseconds, at most `limit` of them: beyond that the oldest are forgotten first. */
export class RecentIds {
  readonly #seenAt = new Map<string, number>();

  constructor(
    private readonly windowMs: number,
    private readonly limit: number,
  ) {}

  has(id: string, now: number): boolean {
    this.#forget(now);
    return this.#seenAt.has(id);
  }

  /** True when the id was not seen within the window; now it is. */
  add(id: string, now: number): boolean {
    this.#forget(now);
    if (this.#seenAt.has(id)) return false;
    this.#seenAt.set(id, now);
    return true;
  }

  #forget(now: number): void {
    for (const [id, seenAt] of this.#seenAt) {
      if (now - seenAt < this.windowMs && this.#seenAt.size < this.limit) return;
      this.#seenAt.delete(id);
    }
  }
}
