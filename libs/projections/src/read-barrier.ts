import type { Clock } from '#bus';
import { SharedRead, type EventStore, type Position } from '#event-store';
import type { ReadStore } from '#read-store';
import { isAfter } from './documents.js';

/** How often the checkpoint is asked for while someone waits, in milliseconds: another process may be projecting, and tells no one here. */
const POLL_MS = 15;

export type Reached = { readonly reached: true } | { readonly reached: false; readonly lagEvents: number };

interface Waiter {
  readonly head: Position;
  settle(reached: boolean): void;
  fail(error: unknown): void;
}

/**
 * Lets a list wait until the read model holds everything that was in the log when the list was asked for. Costs one read of the head,
 * which concurrent requests share, as long as the read model is not behind; and one of the checkpoint, where the store is shared.
 */
export class ReadBarrier {
  readonly #head: SharedRead<Position | undefined>;
  readonly #checkpoint: SharedRead<Position | undefined>;
  readonly #waiters = new Set<Waiter>();
  #known: Position | undefined;
  #stopPolling: (() => void) | undefined;

  constructor(
    private readonly events: EventStore,
    reads: ReadStore,
    private readonly clock: Clock,
    /** Whether other processes write to the read store, so that what was true of it a moment ago need not be true now. */
    private readonly isShared = false,
  ) {
    this.#head = new SharedRead(() => events.head());
    this.#checkpoint = new SharedRead(() => reads.live.checkpoint());
  }

  /** Tells that the live documents hold every event up to a position: a projector's `onProgress`. */
  progress(position: Position): void {
    if (isAfter(position, this.#known)) this.#known = position;
    for (const waiter of this.#waiters) if (!this.#isBehind(waiter.head)) waiter.settle(true);
  }

  /** Head of the log as of this call. @throws {EventStoreUnavailable} */
  head(): Promise<Position | undefined> {
    return this.#head.read();
  }

  /** True when the live documents are known to hold every event up to a position. */
  holds(position: Position): boolean {
    return !this.#isBehind(position);
  }

  /**
   * Waits until the live documents hold every event up to `head`, `timeoutMs` milliseconds at most. False: they don't yet.
   * @throws {ReadStoreUnavailable}
   */
  async reached(head: Position | undefined, timeoutMs: number): Promise<boolean> {
    if (head === undefined || (!this.isShared && !this.#isBehind(head))) return true;
    await this.#refresh();
    return !this.#isBehind(head) || this.#wait(head, timeoutMs);
  }

  /**
   * The same for the head of the log as of this call; tells how far the documents are behind when time is up.
   * @throws {EventStoreUnavailable} the head can't be known @throws {ReadStoreUnavailable}
   */
  async waitForHead(timeoutMs: number): Promise<Reached> {
    if (await this.reached(await this.head(), timeoutMs)) return { reached: true };
    return { reached: false, lagEvents: await this.events.countAfter(this.#known) };
  }

  #isBehind(head: Position): boolean {
    return isAfter(head, this.#known);
  }

  async #refresh(): Promise<void> {
    const checkpoint = await this.#checkpoint.read();
    if (this.isShared) this.#known = checkpoint;
    if (checkpoint !== undefined) this.progress(checkpoint);
  }

  #wait(head: Position, timeoutMs: number): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    const leave = (): void => {
      cancelTimeout();
      this.#waiters.delete(waiter);
      if (this.#waiters.size > 0) return;
      this.#stopPolling?.();
      this.#stopPolling = undefined;
    };
    const waiter: Waiter = {
      head,
      settle: reached => (leave(), resolve(reached)),
      fail: error => (leave(), reject(error)),
    };
    const cancelTimeout = this.clock.setTimer(timeoutMs, () => waiter.settle(false));
    this.#waiters.add(waiter);
    this.#stopPolling ??= this.#pollLater();
    return promise;
  }

  #pollLater(): () => void {
    return this.clock.setTimer(POLL_MS, () => void this.#poll());
  }

  async #poll(): Promise<void> {
    try {
      await this.#refresh();
      if (this.#waiters.size === 0) return;
      this.#stopPolling?.();
      this.#stopPolling = this.#pollLater();
    } catch (error) {
      for (const waiter of this.#waiters) waiter.fail(error);
    }
  }
}
