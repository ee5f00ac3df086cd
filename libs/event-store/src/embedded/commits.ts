import { setInterval, clearInterval } from 'node:timers';
import { BroadcastChannel } from 'node:worker_threads';

/** Wakes subscriptions. Each notes the count before it reads and waits for a higher one, so no commit falls between read and wait. */
export class Commits {
  #count = 0;
  readonly #waiting = new Set<() => void>();

  /** Number of commits announced so far; only its change has a meaning. */
  get count(): number {
    return this.#count;
  }

  /** There may be new events. */
  announce(): void {
    this.#count += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves once the count differs from `seen`, or the signal aborts. */
  async after(seen: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== seen || signal.aborted) return;
    await new Promise<void>(resolve => {
      const wake = (): void => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}

/**
 * Announces the commits of a writer in another thread (at once, by its broadcast channel) or another process (by looking again every
 * `pollMs` milliseconds). Neither keeps the process alive. Returns how to stop.
 */
export function watchCommits(commits: Commits, channelName: string, pollMs: number): () => void {
  const channel = new BroadcastChannel(channelName);
  channel.addEventListener('message', () => commits.announce());
  channel.unref();
  const poll = setInterval(() => commits.announce(), pollMs);
  poll.unref();
  return () => {
    clearInterval(poll);
    channel.close();
  };
}
